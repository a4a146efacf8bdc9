"""Splits Markdown into messages for platforms that limit their length."""

import re
from collections.abc import Callable, Iterator

from wcwidth import grapheme_boundary_before

from bot.text.blocks import QUOTE
from bot.text.cuts import Cuts
from bot.text.fences import Fence
from bot.text.layout import Layout

LIST_MARKER = re.compile(r"[-*+]|\d{1,9}[.)]")
BLANK_LINES = re.compile(r"(?:[ \t]*(?:\n|\Z))*")
SPACES = re.compile(r"[ \t]*\n?")
ROOM = 8  # what is carried over stays this much below half of a part: one character may measure several
INFO_CHARS = 40  # of a fence's info string when it is opened again


def split(text: str, limit: int, *, measure: Callable[[str], int] = len) -> list[str]:
    """The parts of a Markdown text, each of at most `limit` by `measure`, with nothing visible lost.

    Cuts fall between blocks where that leaves a part well filled, then between list items, lines,
    sentences, words and graphemes; outside of links, code and emphasis where there is a choice.
    Fenced code is closed at a cut and opened again. A table is kept whole where it fits into a part,
    else its head is repeated. While a text grows, only its last parts change. Only a single character
    that measures more than `limit` makes a part longer.
    """
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    return list(_Splitter(text, limit, measure).parts())


class _Splitter:
    def __init__(self, text: str, limit: int, measure: Callable[[str], int]) -> None:
        self.text, self.limit, self.measure = text, limit, measure
        self.layout = Layout(text)
        self.cuts = Cuts(self.layout)

    def parts(self) -> Iterator[str]:
        position, carry = self._skip(BLANK_LINES, 0), ""
        while position < len(self.text):
            cut = self._cut(position, carry)
            if not self.text[position:cut].isspace():
                yield self._part(position, cut, carry)
            position, carry = self._after(cut)

    def _cut(self, start: int, carry: str) -> int:
        """Where the part that begins at `start` ends."""
        if self._fits(start, len(self.text), carry):
            return len(self.text)
        reach = self._reach(start, carry)
        cut = self.cuts.best(start, reach, fits=lambda position: self._fits(start, position, carry))
        return cut or self._grapheme(start, reach)

    def _reach(self, start: int, carry: str) -> int:
        """How far the part can reach at most."""
        low, high = start, min(start + self.limit, len(self.text))
        while high < len(self.text) and self._fits(start, high, carry):
            low, high = high, min(start + 2 * (high - start), len(self.text))
        while high - low > 1:
            middle = (low + high) // 2
            if self._fits(start, middle, carry):
                low = middle
            else:
                high = middle
        return low

    def _grapheme(self, start: int, reach: int) -> int:
        """The last cut between graphemes; inside of one that fills a whole part; at least one character."""
        whole = grapheme_boundary_before(self.text, min(reach + 1, len(self.text)))
        return max(whole if whole > start else reach, start + 1)

    def _fits(self, start: int, cut: int, carry: str) -> bool:
        return self.measure(self._part(start, cut, carry)) <= self.limit

    def _part(self, start: int, cut: int, carry: str) -> str:
        """The part from `start` to `cut`, after what is carried over into it."""
        if fence := self.layout.fence_at(cut):
            body = self.text[start : min(cut, fence.close)].removesuffix("\n")
            part = carry + body + self._frame(fence)[1]
        else:
            part = (carry + self.text[start:cut]).rstrip()
        return _dedent(part) if start and self.layout.line_at(start).listed else part

    def _after(self, cut: int) -> tuple[int, str]:
        """Where the part after a cut begins, and what is carried over into it."""
        line = self.layout.line_at(cut)
        inside = cut > line.start
        if fence := self.layout.fence_at(cut):
            if cut >= fence.close:
                return self._skip(BLANK_LINES, fence.end), ""
            at_end = inside and self.text.startswith("\n", cut)
            return cut + at_end, self._frame(fence)[0]
        if table := self.layout.table_at(cut):
            head = self.text[table.start : table.body]
            return cut, head if not inside and self._small(head) else ""
        if not inside:
            return self._skip(BLANK_LINES, cut), ""
        quote = QUOTE.match(self.text, line.start, cut)
        rest = self._skip(SPACES, cut)
        if quote and self._small(quote[0]) and rest < line.end:
            return rest, quote[0]
        return self._skip(BLANK_LINES, rest) if rest >= line.end else rest, ""

    def _frame(self, fence: Fence) -> tuple[str, str]:
        """What opens a fence again after a cut, and what closes it before; nothing where that is too long."""
        container = LIST_MARKER.sub(lambda marker: " " * len(marker[0]), fence.container)
        info = fence.info if len(fence.info) <= INFO_CHARS else ""
        for opening in (f"{container}{fence.marks}{info}\n", f"{container}{fence.marks}\n"):
            closing = f"\n{container}{fence.marks}"
            if self._small(opening + closing):
                return opening, closing
        return "", ""

    def _small(self, carry: str) -> bool:
        """Whether something carried over leaves room for text, so that every part makes progress."""
        return self.measure(carry) <= self.limit // 2 - ROOM

    def _skip(self, what: re.Pattern[str], position: int) -> int:
        found = what.match(self.text, position)
        return found.end() if found else position


def _dedent(part: str) -> str:
    """A part of a list item, moved to the left: indented as it was it could be read as code."""
    width = len(part) - len(part.lstrip(" "))
    lines = part.split("\n")
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith(" " * width):
            break
        lines[number] = line[width:]
    return "\n".join(lines)
