"""Chooses the best place for a cut within reach."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from wcwidth import grapheme_boundary_before

from bot.text.blocks import HEADING, RULE, begins_item
from bot.text.inline import scan
from bot.text.layout import Cut, Layout, Line

SENTENCE_END = re.compile(r"""[.!?…]["'”’)\]]*\s+|[。！？][」』”’）]*\s*""")
WORD_END = re.compile(r"\s+|(?<=[、，；：])")
MARKERS = re.compile(r"[\s>*+#-]*(?:\d{1,9}[.)])?\s*(?:\[[ xX]\]\s*)?")
MARKER_CHARS = 80  # no quote, item or rule that is meant has a longer one
FILLED = 0.5  # how full a part must be for a better place than its last possible one

Span = tuple[int, int]


class Round(NamedTuple):
    """One attempt at a cut; each is less choosy than the one before."""

    kinds: tuple[Cut, ...]
    filled: float
    spans: tuple[Span, ...]  # where no cut may fall


LINES = (Cut.BLOCK, Cut.ITEM, Cut.NESTED, Cut.LINE)
WORDS = (Cut.SENTENCE, Cut.WORD)


class Cuts:
    """The places where a text can be cut."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.text = layout, layout.text

    def best(self, start: int, reach: int, *, fits: Callable[[int], bool]) -> int:
        """The best cut between `start` and `reach`; 0 when there is none but between graphemes."""
        lines = self.layout.lines_from(start + 1, self.layout.line_at(reach).end)
        closed, growing = self._spans(start, reach)
        rounds = (
            Round((*LINES, *WORDS), FILLED, (*closed, *growing)),
            Round((Cut.LINE, *WORDS), FILLED, closed),
            Round((*LINES, *WORDS), 0, closed),
            Round((Cut.LINE, Cut.WORD, Cut.LAST), 0, ()),
        )
        for kinds, filled, spans in rounds:
            floor = start + filled * (reach - start)
            for kind in kinds:
                found = self._words(kind, start, reach) if kind in WORDS else self._lines(kind, lines)
                for position in found:
                    if position < floor or position <= start:
                        break
                    if not any(begin < position < end for begin, end in spans) and fits(position):
                        return self._whole_table(start, position)
        return 0

    def _lines(self, kind: Cut, lines: list[Line]) -> Iterable[int]:
        return (line.start for line in reversed(lines) if line.cut == kind)

    def _words(self, kind: Cut, start: int, reach: int) -> Iterable[int]:
        """The ends of sentences or words inside of lines, the last one first."""
        pattern = SENTENCE_END if kind == Cut.SENTENCE else WORD_END
        ends = [found.end() for found in pattern.finditer(self.text, start, reach)]
        return (end for end in reversed(ends) if self._inside_line(kind, end))

    def _inside_line(self, kind: Cut, position: int) -> bool:
        line = self.layout.line_at(position)
        if position == line.start or grapheme_boundary_before(self.text, position + 1) != position:
            return False
        if line.code:
            return kind == Cut.WORD
        # What follows must not turn into another block, and a marker must not stay behind alone.
        rest = self.text[position : min(line.end, position + MARKER_CHARS)]
        turns = begins_item(rest, interrupts=False) or HEADING.match(rest) or RULE.fullmatch(rest)
        marker = position - line.start < MARKER_CHARS and MARKERS.fullmatch(self.text, line.start, position)
        return not (turns or marker or rest.startswith((">", "|", "```", "~~~")))

    def _whole_table(self, start: int, cut: int) -> int:
        """The cut, or one before the table that it would break, with the heading of that table."""
        table = self.layout.table_at(cut)
        if not table or table.start <= start:
            return cut
        before = [line for line in self.layout.lines_from(start + 1, table.start) if line.cut < Cut.LAST]
        headed = self.layout.line_at(table.start).cut == Cut.LAST
        return before[-1].start if headed and before else table.start

    def _spans(self, start: int, reach: int) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """The inline markup within reach, and what may still become some as the text grows."""
        horizon = min(reach + (reach - start), len(self.text))
        closed: list[Span] = []
        growing: list[Span] = []
        for begin, end in self.layout.paragraphs(start, reach, horizon):
            whole = end < horizon
            closed += scan(self.text, begin, end, final=True).spans
            if not whole:
                found = scan(self.text, begin, end, final=False)
                growing += [*found.spans, (found.open, end)]
        return tuple(closed), tuple(growing)
