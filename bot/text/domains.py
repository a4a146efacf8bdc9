"""Patterns of what some platforms make links of without being asked: domains and e-mail addresses."""

LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
# Those of countries, and the most usual others: "Node.js" is none, and "README.md" is one.
COUNTRIES = (
    r"a[cdefgilmnoqrstuwxz]|b[abdefghijmnorstvwyz]|c[acdfghiklmnoruvwxyz]|d[ejkmoz]|e[cegrstu]|f[ijkmor]"
    r"|g[abdefghilmnpqrstuwy]|h[kmnrtu]|i[delmnoqrst]|j[emop]|k[eghimnprwyz]|l[abcikrstuvy]"
    r"|m[acdeghklmnopqrstuvwxyz]|n[acefgilopruz]|om|p[aefghklmnrstwy]|qa|r[eosuw]|s[abcdeghijklmnortuvxyz]"
    r"|t[cdfghjklmnortvwz]|u[agksyz]|v[aceginu]|w[fs]|y[et]|z[amw]"
)
OTHERS = (
    "aero|app|asia|biz|blog|click|cloud|com|coop|design|dev|edu|email|gov|info|int|jobs|link|live|mil|mobi|mov"
    "|museum|name|net|news|online|org|page|pro|shop|site|space|store|tech|top|travel|web|website|work|world"
    "|xxx|xyz|zip"
)
REST = r"[^\s<>`|\]]*"  # of an address, after its domain
NOT_INSIDE = r"(?<![^\W_])(?<![./+-])"
PATH = r"(?:[\w.~-]*/){0,9}"  # before it: some look for a domain after any mark

DOMAIN = (
    rf"{NOT_INSIDE}{PATH}(?:{LABEL}\.)+"
    rf"(?:(?:{COUNTRIES}|{OTHERS})(?![a-z0-9-]|\.\w)(?:[/?#:]{REST})?|[a-z]{{2,24}}(?::\d+)?[/?#]{REST})"
)
EMAIL = rf"(?<![\w.+-])[\w.+-]+@(?:{LABEL}\.)+[a-z]{{2,24}}(?:[/?]{REST})?"
