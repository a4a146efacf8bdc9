"""Lays a Markdown text out in lines, each with how good a cut before it would be."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from bot.text.blocks import HEADING, PIPE, QUOTE, RULE, TABLE_RULE, begins_item
from bot.text.fences import Fence, fences

CONTINUES = 2  # columns of indentation from which a line belongs to the list item above


class Cut(IntEnum):
    """How good a place is for a cut; the lower the better."""

    BLOCK = 0  # between blocks
    ITEM = 1  # between items of a list
    NESTED = 2  # inside of an item, between its paragraphs and items
    LINE = 3
    SENTENCE = 4
    WORD = 5
    LAST = 6  # would leave a heading alone, or a fence empty


@dataclass(frozen=True, slots=True)
class Table:
    """A table."""

    start: int
    body: int  # after its head and the rule under it
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text."""

    start: int
    end: int  # after its newline
    cut: Cut  # how good a cut before it is
    begins: bool = True  # inline markup does not reach into it from the line before
    listed: bool = False  # it belongs to a list
    code: bool = False  # it belongs to a fence


class Layout:
    """The lines and the fences of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.fences = list(fences(text))
        walk = _Walk(text, self.fences)
        self.lines, self.tables = walk.lines, walk.tables
        self._line_starts = [line.start for line in self.lines]
        self._fence_starts = [fence.start for fence in self.fences]
        self._table_starts = [table.start for table in self.tables]

    def line_at(self, position: int) -> Line:
        """The line that a position is in, or begins."""
        return self.lines[max(bisect_right(self._line_starts, position) - 1, 0)]

    def lines_from(self, start: int, end: int) -> list[Line]:
        """The lines that begin at `start` or later, and at `end` or earlier."""
        return self.lines[bisect_left(self._line_starts, start) : bisect_right(self._line_starts, end)]

    def paragraphs(self, start: int, reach: int, horizon: int) -> Iterator[tuple[int, int]]:
        """What of the paragraphs from `start` on, that begin before `reach`, lies before `horizon`."""
        begin = -1
        for line in self.lines_from(self.line_at(start).start, horizon - 1):
            if line.begins or line.code:
                if begin >= 0:
                    yield begin, line.start
                begin = -1 if line.code or line.start > reach else max(line.start, start)
        if begin >= 0:
            yield begin, horizon

    def fence_at(self, position: int) -> Fence | None:
        """The fence that a cut at this position would be inside of."""
        index = bisect_left(self._fence_starts, position) - 1
        if index < 0 or position >= len(self.text):
            return None
        fence = self.fences[index]
        first = fence.start + len(fence.container) + len(fence.marks)
        return fence if first <= position < fence.end else None

    def table_at(self, position: int) -> Table | None:
        """The table that a cut at this position would be inside of."""
        index = bisect_left(self._table_starts, position) - 1
        return self.tables[index] if index >= 0 and position < self.tables[index].end else None


class _Walk:
    """Walks a text from block to block."""

    def __init__(self, text: str, code: list[Fence]) -> None:
        self.text = text
        self.lines: list[Line] = []
        self.tables: list[Table] = []
        self._fresh = True  # no paragraph is open
        self._headed = False  # the last line with text is a heading
        self._listed = False
        self._quoted = False
        self._table: Table | None = None
        position = 0
        for fence in code:
            self._markdown(position, fence.start)
            self._fence(fence)
            position = fence.end
        self._markdown(position, len(text))

    def _fence(self, fence: Fence) -> None:
        self._listed = bool(fence.container.strip(" \t>")) or (self._listed and bool(fence.container))
        opening = Cut.LAST if self._headed else Cut.NESTED if self._listed else Cut.BLOCK
        self.lines.append(Line(fence.start, fence.body, opening, listed=self._listed, code=True))
        position = fence.body
        while position < fence.end:
            end = self.text.find("\n", position) + 1 or len(self.text)
            cut = Cut.LAST if position in (fence.body, fence.close) else Cut.LINE
            self.lines.append(Line(position, end, cut, listed=self._listed, code=True))
            position = end
        self._fresh, self._headed, self._quoted, self._table = True, False, False, None

    def _markdown(self, position: int, limit: int) -> None:
        while position < limit:
            end = self.text.find("\n", position, limit) + 1 or limit
            if self.text[position:end].isspace():
                self._fresh, self._quoted, self._table = True, False, None
                self.lines.append(Line(position, end, Cut.LAST, listed=self._listed))
            else:
                self.lines.append(self._line(position, end))
            position = end

    def _line(self, start: int, end: int) -> Line:
        line = self.text[start:end]
        quote = QUOTE.match(line)
        inner = line[quote.end() :] if quote else line
        item = begins_item(inner, interrupts=not (self._fresh or self._listed))
        heading = bool(HEADING.match(inner))
        if self._table and (item or heading):
            self._table = None
        if self._table:
            cut = Cut.LINE if start >= self._table.body else Cut.LAST
            self._table = self.tables[-1] = replace(self._table, end=end)
            return Line(start, end, cut, listed=self._listed)
        begins = self._fresh or item or heading or (bool(quote) and not self._quoted)
        indented = len(line) - len(line.lstrip()) >= CONTINUES
        cut = self._cut(item=item, begins=begins, indented=indented)
        if not begins and self._heads_table(line, end):
            begins, cut = True, Cut.NESTED if self._listed and indented else Cut.BLOCK
        self._listed = item or (self._listed and (indented or not begins))
        if begins and self._heads_table(line, end):
            self._table = Table(start, self.text.find("\n", end) + 1 or len(self.text), end)
            self.tables.append(self._table)
        if self._headed:
            cut = Cut.LAST
        self._headed, self._quoted = heading, bool(quote)
        self._fresh = heading or bool(RULE.fullmatch(inner))
        return Line(start, end, cut, begins=begins, listed=self._listed)

    def _cut(self, *, item: bool, begins: bool, indented: bool) -> Cut:
        if not begins:
            return Cut.LINE
        if self._listed and indented:
            return Cut.NESTED
        return Cut.ITEM if item and (self._listed or not self._fresh) else Cut.BLOCK

    def _heads_table(self, line: str, end: int) -> bool:
        if not PIPE.search(line):
            return False
        following = self.text[end : self.text.find("\n", end) + 1]
        return "|" in following and bool(TABLE_RULE.fullmatch(following))
