"""Lets only those addresses of a text be live that somebody brought up; the others are there to read."""

import re
from collections.abc import Collection

from bot.text.code import GRAVE, ZERO_WIDTH_SPACE
from bot.text.domains import DOMAIN, EMAIL

SCHEME = r"(?:[a-z][a-z0-9+.-]{1,31}://|www\.|mailto:|slack:|discord:)"
LINK = (
    r"""!?\[(?P<label>(?:[^\[\]\n\\]|\\.)*)\]\(\s*<?(?P<target>(?:[^\s<>()]|\([^\s<>()]*\))*)>?"""
    r"""(?:\s+["'(][^\n]*?["')])?\s*\)"""
)
ANGLE = rf"<(?P<inner>(?:{SCHEME}|[a-z][a-z0-9+.-]{{1,31}}:|[^\s<>|@]+@)[^\s<>|]*)(?:\|[^<>\n]*)?>"


def _pieces(more: str) -> re.Pattern[str]:
    """What is looked at in a text; `more` besides the addresses that name themselves as such."""
    return re.compile(
        rf"(?P<link>{LINK})|(?P<angle>{ANGLE})|(?P<bare>{SCHEME}[^\s<>`|]+{more})"
        # What is left of a link that is written in another way, or of a definition that links point to.
        r"|(?P<tail>\](?=[(:]))"
        r"|\\\\|\\?(?P<tick>`)",
        re.IGNORECASE,
    )


PIECE = _pieces("")
WITH_DOMAINS = _pieces(rf"|{EMAIL}|{DOMAIN}")
BARE = re.compile(rf"{SCHEME}[^\s<>`|\]]+|{EMAIL}|{DOMAIN}", re.IGNORECASE)
NAMES = re.compile(f"{EMAIL}|{DOMAIN}", re.IGNORECASE)
INERT_CHARS = 500
TRAILING = ".,;:!?\"'*_~)]}…"
# Ways to write the characters of an address so that they are not seen as such here.
DISGUISE = re.compile(
    r"\\\\|\\(?P<sign>[:/])|(?<=\w)\\(?P<inner>[.@])(?=\w)"
    r"|&(?:\#0*(?P<decimal>\d{2,3})|\#x0*(?P<hex>[0-9a-f]{2})|(?P<name>colon|sol|period|commat));",
    re.IGNORECASE,
)
NAMED = {"colon": ":", "sol": "/", "period": ".", "commat": "@"}
OPENED = re.compile(r"[a-z0-9:/.@]", re.IGNORECASE)  # no markup: it may stand as itself


def addresses(text: str) -> frozenset[str]:
    """The addresses that a text brings up."""
    return frozenset(_address(found[0]) for found in BARE.finditer(text))


def tamed(text: str, known: Collection[str], *, domains: bool = False) -> str:
    """A text without code in which only addresses of `known` are live; no picture is one.

    `domains` says that the platform makes links of domains and of e-mail addresses, too.
    """

    def piece(found: re.Match[str]) -> str:
        tame = _piece(found, known, domains=domains)
        escaped = tame.startswith("`") and text.endswith("\\", 0, found.start())
        return ZERO_WIDTH_SPACE + tame if escaped else tame

    text = DISGUISE.sub(_undisguised, text)
    return _apart((WITH_DOMAINS if domains else PIECE).sub(piece, text))


def unlinked(text: str) -> str:
    """Plain words in which no platform sees a domain: a document's name may look like one."""
    return NAMES.sub(lambda found: found[0].replace(".", f"{ZERO_WIDTH_SPACE}."), text)


def _undisguised(found: re.Match[str]) -> str:
    if sign := found["sign"] or found["inner"]:
        return sign
    if found["decimal"] or found["hex"]:
        char = chr(int(found["decimal"]) if found["decimal"] else int(found["hex"], 16))
        return char if OPENED.fullmatch(char) else found[0]
    return NAMED[found["name"].lower()] if found["name"] else found[0]


def _piece(found: re.Match[str], known: Collection[str], *, domains: bool) -> str:
    if found["tick"]:
        return GRAVE  # alone, it would pair with one of those around an address
    if found["tail"]:
        return "]" + ZERO_WIDTH_SPACE
    if found["link"]:
        return _link(found, known, domains=domains)
    whole = found["inner"] or found["bare"]
    if not whole:
        return found[0]
    address, following = _address(whole), _following(found)
    if following == "|" and _live(address, known):
        return f"{whole} "  # a space, because in a stream it is not known yet what follows
    return _shown(address, following, known) + whole[len(address) :]


def _link(found: re.Match[str], known: Collection[str], *, domains: bool) -> str:
    target, label = found["target"], found["label"]
    if target.lower().startswith("sandbox:"):
        words = tamed(label, (), domains=domains)
        return f"**{words}**" if words else ""
    if _live(_address(target), known):
        words = tamed(label, ())
        # Words that name an address, or hold code, would show as they are written, or mislead.
        if words and "`" not in words:
            return f"[{words}]({target})"
        return _shown(target, _following(found), known)
    words = tamed(label, (), domains=domains)
    if not target or not re.match(r"[a-z]+:|www\.|//", target, re.IGNORECASE):
        return f"{words} ({_inert(target)})" if target else words
    return f"{words} ({_inert(target)})" if words and words.strip("`") != target else _inert(target)


def _shown(address: str, following: str, known: Collection[str]) -> str:
    """An address as it may be shown before the character that follows it."""
    if not _live(address, known):
        return _inert(address)
    if not following or following.isspace():
        return address
    # What follows must not become a part of it.
    return f"<{address}>" if "://" in address else _inert(address)


def _following(found: re.Match[str]) -> str:
    return found.string[found.end() : found.end() + 1]


def _live(address: str, known: Collection[str]) -> bool:
    """Whether somebody brought it up; with or without http, it is the same."""
    if address in known:
        return True
    page = re.sub(r"^(?:https?://|mailto:)", "", address, flags=re.IGNORECASE).removesuffix("/")
    ways = [f"{scheme}{page}" for scheme in ("https://", "http://", "mailto:", "")]
    return any(way in known or f"{way}/" in known for way in ways)


def _apart(text: str) -> str:
    """Two addresses in a row, each in backticks of its own."""
    return text.replace("``", f"`{ZERO_WIDTH_SPACE}`")


def _inert(address: str) -> str:
    """An address to read, not to click; of a long one, the beginning."""
    shown = address.replace("`", "")
    return f"`{shown}`" if len(shown) <= INERT_CHARS else f"`{shown[:INERT_CHARS]}…`"


def _address(text: str) -> str:
    """An address without the punctuation that follows it in a sentence; a closing bracket it opened stays."""
    while text and text[-1] in TRAILING:
        if text[-1] == ")" and text.count("(") >= text.count(")"):
            break
        text = text[:-1]
    return text
