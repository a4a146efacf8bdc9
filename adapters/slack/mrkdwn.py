"""Turns the text of people from Slack's mrkdwn into Markdown; pure."""

import html
import re
from collections.abc import Mapping

TOKEN = re.compile(r"<([^<>\n]*)>")


def to_markdown(text: str, names: Mapping[str, str], bot: str) -> str:
    """The text with mentions as names, links as Markdown and entities as characters.

    The mention of `bot` that a message begins with is left out: it only says who is asked.
    """
    text = re.sub(rf"^\s*<@{re.escape(bot)}(?:\|[^>]*)?>[\s,:]*", "", text) if bot else text
    pieces: list[str] = []
    position = 0
    for found in TOKEN.finditer(text):
        pieces.append(html.unescape(text[position : found.start()]))
        pieces.append(_token(found[1], names, bot))
        position = found.end()
    pieces.append(html.unescape(text[position:]))
    return "".join(pieces).strip()


def mentioned(text: str) -> frozenset[str]:
    """The users whom a text mentions."""
    return frozenset(re.findall(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>", text))


def called(text: str) -> frozenset[str]:
    """The groups that a text calls: user groups, and everybody here."""
    return frozenset(re.findall(r"<!(subteam\^[A-Z0-9]+|here|channel|everyone)(?:\|[^>]*)?>", text))


def _token(inside: str, names: Mapping[str, str], bot: str) -> str:
    what, _, label = inside.partition("|")
    label = html.unescape(label)
    match what[:1]:
        case "@":
            user = what[1:]
            return "@Maru" if user == bot else f"@{names.get(user) or label or user}"
        case "#":
            # The id stays: functions that look into channels need it.
            return f"#{label} ({what[1:]})" if label else f"#{what[1:]}"
        case "!":
            return _special(what[1:], label)
    address = html.unescape(what)
    if address.startswith(("mailto:", "tel:")):
        return label or address.partition(":")[2]
    return f"[{label}]({address})" if label and label != address else address


def _special(what: str, label: str) -> str:
    if what.startswith("subteam^"):
        return label if label.startswith("@") else f"@{label or 'group'}"
    if what.startswith("date^"):
        return label
    return f"@{what}"
