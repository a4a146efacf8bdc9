"""Turns the mentions in what people write in Discord into names; pure."""

import re
from collections.abc import Mapping

TOKEN = re.compile(r"<(?P<kind>@!?|@&|#)(?P<id>[0-9]+)>|<a?:(?P<emoji>\w+):[0-9]+>")


def to_markdown(text: str, names: Mapping[str, str], bot: str) -> str:
    """The text with names in place of ids; `names` are by what stands in a mention: `@1`, `@&2`, `#3`.

    The mention of `bot` that a message begins with is left out: it only says who is asked.
    """
    text = re.sub(rf"^\s*<@!?{re.escape(bot)}>[\s,:]*", "", text) if bot else text
    return TOKEN.sub(lambda found: _named(found, names, bot), text).strip()


def mentioned(text: str) -> frozenset[str]:
    """The users and roles whom a text mentions, as `@1` and `@&2`."""
    return frozenset(
        f"{found['kind'].removesuffix('!')}{found['id']}"
        for found in TOKEN.finditer(text)
        if found["kind"] and found["kind"] != "#"
    )


def _named(found: re.Match[str], names: Mapping[str, str], bot: str) -> str:
    if found["emoji"]:
        return f":{found['emoji']}:"
    kind, number = found["kind"].removesuffix("!"), found["id"]
    if kind == "@" and number == bot:
        return "@Maru"
    name = names.get(f"{kind}{number}")
    if kind == "#":
        # The id stays: functions that look into channels need it.
        return f"#{name} ({number})" if name else f"#{number}"
    return f"@{name or number}"
