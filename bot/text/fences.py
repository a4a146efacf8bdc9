"""Finds fenced code, the one block whose inside is never read as Markdown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Models indent fences inside lists and quotes by more or less than CommonMark asks for.
CONTAINER = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*")
OPENING = re.compile(r"(?P<marks>`{3,})(?P<info>[^`\n]*)\n|(?P<tildes>~{3,})(?P<note>[^\n]*)\n")


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of fenced code."""

    start: int  # where the opening line begins
    body: int  # where the line after it begins
    close: int  # where the closing line begins; the text's end while it is missing
    end: int  # after the closing line; the text's end while it is missing
    closed: bool
    container: str  # what stands before the marks: indentation, quote and list markers
    marks: str
    info: str


def fences(text: str) -> Iterator[Fence]:
    """The fenced code in order; only the last can be unclosed. A line counts once its end is there."""
    position = 0
    while (at := _marks(text, position)) >= 0:
        start = text.rfind("\n", position, at) + 1 or position
        opening = OPENING.match(text, at)
        if not opening or not CONTAINER.fullmatch(text, start, at):
            position = text.find("\n", at) + 1 or len(text)
            continue
        marks = opening["marks"] or opening["tildes"]
        close, end = _close(text, opening.end(), marks)
        closed = close >= 0
        yield Fence(
            start=start,
            body=opening.end(),
            close=close if closed else len(text),
            end=end if closed else len(text),
            closed=closed,
            container=text[start:at],
            marks=marks,
            info=(opening["info"] or opening["note"] or "").strip(),
        )
        position = end if closed else len(text)


def _marks(text: str, position: int) -> int:
    """Where the next three backticks or tildes stand; -1 when there are none."""
    return min((at for marks in ("```", "~~~") if (at := text.find(marks, position)) >= 0), default=-1)


def _close(text: str, position: int, marks: str) -> tuple[int, int]:
    """Where the line that closes a fence begins and ends; (-1, -1) while there is none."""
    closing = re.compile(rf"[ \t>]*{re.escape(marks)}{marks[0]}*[ \t]*\n")
    at = position
    while (at := text.find(marks, at)) >= 0:
        start = text.rfind("\n", position - 1, at) + 1
        if found := closing.match(text, start):
            return start, found.end()
        at = text.find("\n", at)
        if at < 0:
            break
    return -1, -1
