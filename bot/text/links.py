"""Lets only those addresses of a text be live that somebody brought up; the others are there to read."""

import re
from collections.abc import Callable, Collection, Iterator

from bot.text.inline import scan
from bot.text.layout import Layout

ZERO_WIDTH_SPACE = "\u200b"
ADDRESS = r"(?:https?://|www\.|mailto:|slack:|discord:|ftp://)"
PIECE = re.compile(
    rf"""(?P<link>!?\[(?P<label>(?:[^\[\]\n\\]|\\.)*)\]\(\s*<?(?P<target>(?:[^\s<>()]|\([^\s<>()]*\))*)>?(?:\s+["'(][^\n]*?["')])?\s*\))"""
    rf"""|(?P<angle><(?P<inner>{ADDRESS}[^\s<>|]*)(?:\|[^<>\n]*)?>)"""
    rf"""|(?P<bare>{ADDRESS}[^\s<>`|]+)"""
    r"""|\\[\\`]|(?P<tick>`)""",
    re.IGNORECASE,
)
BARE = re.compile(rf"{ADDRESS}[^\s<>`|\]]+", re.IGNORECASE)
TRAILING = ".,;:!?\"'*_~)]}…"


def addresses(text: str) -> frozenset[str]:
    """The addresses that a text brings up."""
    return frozenset(_address(found[0]) for found in BARE.finditer(text))


def tamed(text: str, known: Collection[str]) -> str:
    """A text without code in which only addresses of `known` are live; no picture is one."""

    def piece(found: re.Match[str]) -> str:
        tame = _piece(found, known)
        escaped = tame.startswith("`") and text.endswith("\\", 0, found.start())
        return ZERO_WIDTH_SPACE + tame if escaped else tame

    return _apart(PIECE.sub(piece, text))


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with everything changed but its code, fenced and inline."""
    pieces: list[str] = []
    position = 0
    for start, end in _code(text):
        pieces += [change(text[position:start]), text[start:end]]
        position = end
    pieces.append(change(text[position:]))
    for index in range(1, len(pieces)):
        if pieces[index].startswith("`") and pieces[index - 1].endswith("`"):
            pieces[index] = ZERO_WIDTH_SPACE + pieces[index]  # two pieces of code in a row are two
    return "".join(pieces)


def _code(text: str) -> Iterator[tuple[int, int]]:
    if not text:
        return
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


def _piece(found: re.Match[str], known: Collection[str]) -> str:
    if found["tick"]:
        return "\\`"  # alone, it would pair with one of those around an address
    if found["link"]:
        return _link(found, known)
    whole = found["inner"] or found["bare"]
    if not whole:
        return found[0]
    address = _address(whole)
    return (address if address in known else _inert(address)) + whole[len(address) :]


def _link(found: re.Match[str], known: Collection[str]) -> str:
    target, label = found["target"], found["label"]
    words = tamed(label, ())
    if target.lower().startswith("sandbox:"):
        return f"**{words}**" if words else ""
    if _address(target) in known:
        # Words that name an address, or hold code, would show as they are written, or mislead.
        if words and "`" not in words:
            return f"[{words}]({target})"
        following = found.string[found.end() : found.end() + 1]
        return target if not following or following.isspace() else f"<{target}>"
    if not target or not re.match(r"[a-z]+:|www\.|//", target, re.IGNORECASE):
        return f"{words} ({_inert(target)})" if target else words
    return f"{words} ({_inert(target)})" if words and words.strip("`") != target else _inert(target)


def _apart(text: str) -> str:
    """Two addresses in a row, each in backticks of its own."""
    return text.replace("``", f"`{ZERO_WIDTH_SPACE}`")


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
