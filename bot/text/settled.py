"""How much of a Markdown text that still streams no later delta can change."""

import re

from bot.text.blocks import HEADING, PIPE, QUOTE, RULE, TABLE_RULE, begins_item
from bot.text.fences import fences
from bot.text.inline import scan

# A line that more text could still turn into another kind of block: a list item, a heading,
# a rule, an underline of a heading, a fence, a row under a table's head.
UNDECIDED = re.compile(r"[\s>|:=#`~*+_.)\d-]*")
SANDBOX = "](sandbox:"  # a link to a file that the model made; replaced once the file is there


def settled(text: str) -> int:
    """The length of `text` that stays as it is whatever is appended.

    Behind it lie open emphasis, code, links and images, a table that is being written, the last
    word, and links to files of the sandbox. What is open is let go where its paragraph ends.
    `settled(text[:n]) <= settled(text)` for every n.
    """
    start = 0
    code = []
    for fence in fences(text):
        start = fence.end
        code.append((fence.start, fence.end))
        if not fence.closed:
            return min(text.rfind("\n") + 1, _sandbox(text, code))
    return min(_paragraph(text, _last_block(text, start)), _sandbox(text, code))


def _sandbox(text: str, code: list[tuple[int, int]]) -> int:
    """Where the first link to a file of the sandbox begins."""
    at = text.find(SANDBOX)
    while at >= 0:
        if not any(start <= at < end for start, end in code):
            paragraph = text.rfind("\n\n", 0, at) + 1
            start = text.rfind("[", paragraph, at)
            if start < 0:
                return at
            return start - 1 if text.startswith("!", start - 1) and start else start
        at = text.find(SANDBOX, at + 1)
    return len(text)


def _last_block(text: str, floor: int) -> int:
    """Where the lines after the last blank line begin."""
    start = text.rfind("\n", floor) + 1 or floor
    while start > floor:
        previous = text.rfind("\n", floor, start - 1) + 1 or floor
        if not text[previous:start].strip():
            return start
        start = previous
    return floor


class _Lines:
    """Walks the lines of the last block for where its last paragraph begins and a table may."""

    def __init__(self, start: int) -> None:
        self.start = start  # of the paragraph
        self.table = -1  # where something begins that is, or may become, a table
        self._in_table = False
        self._in_list = False
        self._quoted = False
        self._first = True

    def take(self, line: str, at: int, *, complete: bool) -> None:
        quote = QUOTE.match(line)
        inner = line[quote.end() :] if quote else line
        if self._begins(inner, quoted=bool(quote)):
            self.start, self._in_table, self.table = at, False, -1
        self._quoted, self._first = bool(quote), False
        if self._in_table:
            return
        if complete and self.table >= 0 and TABLE_RULE.fullmatch(line):
            self._in_table = True
            return
        pipe = PIPE.search(line)
        self.table = at + pipe.start() if pipe else -1
        if complete and (HEADING.match(inner) or RULE.fullmatch(inner)):
            self.start, self.table, self._first = at + len(line), -1, True

    def _begins(self, line: str, *, quoted: bool) -> bool:
        """Whether a line begins a new paragraph, item or heading."""
        item = begins_item(line, interrupts=not (self._in_list or self._first))
        begins = self._first or item or bool(HEADING.match(line)) or (quoted and not self._quoted)
        if begins:
            self._in_list = item
        return begins


def _paragraph(text: str, start: int) -> int:
    """How much is settled when the last block begins at `start`."""
    lines = _Lines(start)
    position = start
    while (end := text.find("\n", position) + 1) > 0:
        lines.take(text[position:end], position, complete=True)
        position = end
    line = text[position:]
    if UNDECIDED.fullmatch(line):
        word = position - 1 if position > lines.start else position
        end = position
    else:
        lines.take(line, position, complete=False)
        word = _last_word(text, position)
        end = len(text)
    inline = scan(text, lines.start, end, final=False)
    place = min(word, inline.open, lines.table if lines.table >= 0 else end)
    return min([place, *(begin for begin, over in inline.spans if begin < place < over)])


def _last_word(text: str, floor: int) -> int:
    """Where the last word begins; Chinese and Japanese, which have no spaces, are cut by characters."""
    for at in range(len(text) - 1, floor - 1, -1):
        if text[at].isspace():
            return at + 1
        if (
            "\u3000" <= text[at] <= "\u30ff"
            or "\u3400" <= text[at] <= "\u9fff"
            or "\uff00" <= text[at] <= "\uffef"
        ):
            return at
    return floor
