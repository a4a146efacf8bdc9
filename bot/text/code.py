"""Tells the code of a Markdown text from the rest, and writes it so that every parser does."""

import re
from collections.abc import Callable, Iterator

from bot.text.fences import Fence, fences
from bot.text.inline import scan
from bot.text.layout import Layout

ZERO_WIDTH_SPACE = "\u200b"
GRAVE = "\u2035"  # looks like a backtick, and begins no code anywhere
MOST_INDENTED = 3  # columns before a fence, for CommonMark
INLINE_CHARS = 1_000  # of one piece of inline code
BREAK = re.compile(r"\n[ \t>]*")
BEFORE = re.compile(r"[ \t>]*")
MARKER = re.compile(r"[-*+]|\d+[.)]")
GLUED = re.compile(r"(?:[:.@/]\w|www)\S*\Z")  # what may be an address, up to where the code begins


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with everything changed but its code, fenced and inline."""
    pieces: list[str] = []
    position = 0
    for start, end, _ in _code(text):
        pieces += [change(text[position:start]), text[start:end]]
        position = end
    pieces.append(change(text[position:]))
    for index in range(1, len(pieces)):
        if pieces[index].startswith("`") and pieces[index - 1].endswith("`"):
            pieces[index] = ZERO_WIDTH_SPACE + pieces[index]  # two pieces of code in a row are two
        elif pieces[index].startswith("`") and GLUED.search(pieces[index - 1]):
            pieces[index] = " " + pieces[index]  # what follows an address would belong to it
    return "".join(pieces)


def plain_code(text: str, *, blocks: bool = False) -> str:
    """The text with code that ends at the same place for those who know CommonMark and those who do not.

    Many take three backticks anywhere for the end of fenced code, know no tildes and no code over two lines.
    With `blocks` it is written for CommonMark, too, where a fence ends with the list or quote that it is in.
    """
    lines = text + "\n"  # a line counts once its end is there
    pieces: list[str] = []
    position = 0
    for start, end, fence in _code(lines):
        code = _fenced(lines, fence, blocks=blocks) if fence else _inline(lines[start:end])
        pieces += [lines[position:start], code]
        position = end
    return "".join([*pieces, lines[position:]]).removesuffix("\n")


def closed(text: str) -> str:
    """The text with its last fence closed, so that what comes after it is not taken for code."""
    fence = next((fence for fence in fences(text + "\n") if not fence.closed), None)
    if fence is None:
        return text
    within = MARKER.sub(lambda found: " " * len(found[0]), fence.container)
    return text.removesuffix("\n") + f"\n{within}{fence.marks}"


def _code(text: str) -> Iterator[tuple[int, int, Fence | None]]:
    """Where each piece of code begins and ends, and the fence that it is."""
    if "`" not in text and "~~~" not in text:
        return
    layout = Layout(text)
    found: list[tuple[int, int, Fence | None]] = [(fence.start, fence.end, fence) for fence in layout.fences]
    for start, end in layout.paragraphs(0, len(text), len(text)):
        opaque = scan(text, start, end, final=True).opaque
        found += [(a, b, None) for a, b in opaque if text.startswith("`", a)]
    position = 0
    for start, end, fence in sorted(found, key=lambda one: one[:2]):
        if start >= position:
            yield start, end, fence
            position = end


def _fenced(text: str, fence: Fence, *, blocks: bool) -> str:
    opening, closing = text[fence.start : fence.body], text[fence.close : fence.end]
    marks = len(fence.container)
    info = opening[marks:].lstrip("`~").replace("`", "")
    body = re.sub("``(?=`)", "``" + ZERO_WIDTH_SPACE, text[fence.body : fence.close])
    closing = re.sub("`{3,}|~{3,}", "```", closing)
    if blocks and fence.container:
        within = MARKER.sub(lambda found: " " * len(found[0]), fence.container)
        lines = (body + closing).splitlines(keepends=True)
        body, closing = "".join(_inside(line, within) for line in lines), ""
    # Indented so far, it is code of another kind, which no line of a paragraph may stand before.
    deep = blocks and fence.container.isspace() and len(fence.container.expandtabs(4)) > MOST_INDENTED
    apart = "\n" if deep and text[: fence.start].rstrip(" \t")[-2:].strip("\n") else ""
    return f"{apart}{opening[:marks]}```{info}{body}{closing}"


def _inside(line: str, within: str) -> str:
    """A line of code in the list or quote in which the code began."""
    own = BEFORE.match(line)
    before = own[0] if own else ""
    quotes = within.count(">")
    if not quotes and not line.strip():
        return line
    if before.count(">") >= quotes and len(before.expandtabs(4)) >= len(within.expandtabs(4)):
        return line
    if ">" in before:
        line = line[len(before) :]
    return f"{within}{line}"


def _inline(code: str) -> str:
    inside = BREAK.sub(" ", code.strip("`")).replace("`", GRAVE)
    # Long code would be cut where one message ends, and each half would be no code any more.
    pieces = [inside[start : start + INLINE_CHARS] for start in range(0, len(inside), INLINE_CHARS)]
    return " ".join(f"`{piece}`" for piece in pieces) or code
