"""Makes an answer safe and right in Slack: no pings, no links that nobody brought up; pure."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator

from bot.text import emphasis_cjk
from bot.text.inline import scan
from bot.text.layout import Layout
from bot.turns import Mark

ZERO_WIDTH_SPACE = "\u200b"
ADDRESS = r"(?:https?://|www\.|mailto:|slack:|ftp://)"
PIECE = re.compile(
    rf"""(?P<link>!?\[(?P<label>(?:[^\[\]\n\\]|\\.)*)\]\(\s*<?(?P<target>(?:[^\s<>()]|\([^\s<>()]*\))*)>?(?:\s+["'(][^\n]*?["')])?\s*\))"""
    rf"""|(?P<angle><(?P<inner>{ADDRESS}[^\s<>|]*)(?:\|[^<>\n]*)?>)"""
    rf"""|(?P<bare>{ADDRESS}[^\s<>`|]+)"""
    r"""|(?P<ping><(?=[@!#]))""",
    re.IGNORECASE,
)
BARE = re.compile(rf"{ADDRESS}[^\s<>`|\]]+", re.IGNORECASE)
TRAILING = ".,;:!?\"'*_~)]}…"


def dialect(text: str, known: Collection[str]) -> str:
    """Markdown of the model as Slack may show it; `known` are the addresses that may be live links."""
    if not text:
        return ""
    pieces: list[str] = []
    position = 0
    for start, end in _code(text):
        pieces += [_plain(text[position:start], known), text[start:end]]
        position = end
    pieces.append(_plain(text[position:], known))
    return emphasis_cjk("".join(pieces))


def addresses(text: str) -> frozenset[str]:
    """The addresses that a text brings up."""
    return frozenset(_address(found[0]) for found in BARE.finditer(text))


def with_marks(text: str, marks: Collection[Mark]) -> str:
    """The text with the numbers of its sources where they belong."""
    pieces: list[str] = []
    position = 0
    for mark in marks:
        pieces += [text[position : mark.position], f" [{mark.number}]"]
        position = mark.position
    return "".join(pieces) + text[position:]


def label(text: str) -> str:
    """A title of anybody's making as plain words in a line of Markdown."""
    words = " ".join(text.split())
    return re.sub(r"([\\`*_~\[\]()#>|!])", r"\\\1", words.replace("<", "‹").replace(">", "›"))


def escape(text: str) -> str:
    """Text for mrkdwn: nothing in it is a mention or a link of Slack's own kind."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_mrkdwn(text: str) -> str:
    """Simple Markdown of ours for places that take no Markdown: `response_url` and sections."""
    text = re.sub(r"^[-*] ", "• ", escape(text), flags=re.MULTILINE)
    return re.sub(r"\*\*(.+?)\*\*", r"*\1*", text)


def _code(text: str) -> Iterator[tuple[int, int]]:
    """Where code is, fenced and inline, in order."""
    layout = Layout(text)
    ranges = [(fence.start, fence.end) for fence in layout.fences]
    for start, end in layout.paragraphs(0, len(text), len(text)):
        opaque = scan(text, start, end, final=True).opaque
        ranges += [(a, b) for a, b in opaque if text.startswith("`", a)]
    position = 0
    for start, end in sorted(ranges):
        if start >= position:
            yield start, end
            position = end


def _plain(text: str, known: Collection[str]) -> str:
    return PIECE.sub(lambda found: _piece(found, known), text)


def _piece(found: re.Match[str], known: Collection[str]) -> str:
    if found["ping"]:
        return "<" + ZERO_WIDTH_SPACE
    if found["link"]:
        return _link(found, known)
    whole = found["inner"] or found["bare"]
    address = _address(whole)
    rest = whole[len(address) :]
    return (address if address in known else _inert(address)) + rest


def _link(found: re.Match[str], known: Collection[str]) -> str:
    target, words = found["target"], _plain(found["label"], ())
    if target.lower().startswith("sandbox:"):
        return f"**{words}**" if words else ""
    if _address(target) in known and "`" not in words:
        # Never as an image: Slack would fetch it before anybody looks.
        return f"[{words or target}]({target})"
    if not target or not re.match(r"[a-z]+:|www\.|//", target, re.IGNORECASE):
        return f"{words} (`{target}`)" if target else words
    return f"{words} ({_inert(target)})" if words and words.strip("`") != target else _inert(target)


def _inert(address: str) -> str:
    """An address to read, not to click."""
    return f"`{address.replace('`', '')}`"


def _address(text: str) -> str:
    """An address without the punctuation that follows it in a sentence; a closing bracket it opened stays."""
    while text and text[-1] in TRAILING:
        if text[-1] == ")" and text.count("(") >= text.count(")"):
            break
        text = text[:-1]
    return text


def before(marks: Collection[Mark], length: int) -> list[Mark]:
    """The marks within the first `length` characters."""
    ordered = list(marks)
    return ordered[: bisect_left([mark.position for mark in ordered], length + 1)]
