"""Scans the inline Markdown of one paragraph for what must stay whole, by CommonMark's rules."""

import re
import unicodedata
from dataclasses import dataclass, replace

TOKEN = re.compile(r"\\.?|`+|\*+|_+|~+|!?\[|\]|<(?:[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*>?)?", re.DOTALL)
# Marks that are open at a time. The oldest is plain text then: time must not grow with the square.
MOST_OPEN = 100
STRIKE = 2  # tildes strike through; one alone is "about" in Korean
TICKS = re.compile("`+")
_TITLE = r"""(?:"[^"]*"|'[^']*'|\([^()]*\))"""
_ADDRESS = r"(?:<[^<>\n]*>|(?!<)[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)"
LINK_TAIL = re.compile(rf"\(\s*{_ADDRESS}(?:\s+{_TITLE})?\s*\)")
# Anything that more text could turn into a link's tail.
UNFINISHED_TAIL = re.compile(
    rf"""\(\s*(?:<[^<>\n]*|{_ADDRESS}(?:\([^\s()]*|\s+(?:"[^"]*|'[^']*|\([^()]*|{_TITLE}\s*)?)?)"""
)


@dataclass(frozen=True, slots=True)
class Inline:
    """What a scan found, as ranges of the text."""

    spans: tuple[tuple[int, int], ...]  # links, images, code and emphasis, each with its marks
    opaque: tuple[tuple[int, int], ...]  # those of them whose inside is not Markdown: code, links' addresses
    open: int  # where what is still open begins; the scan's end when nothing is


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of emphasis marks."""

    start: int
    count: int  # marks not used up yet
    size: int
    mark: str
    opens: bool
    closes: bool


@dataclass(frozen=True, slots=True)
class _Bracket:
    """A `[` or `![` that may become a link or an image."""

    start: int
    image: bool
    runs: tuple[_Run, ...]  # what was open before it
    spans: int  # how many were found before it


class _Scan:
    """One pass over a paragraph. Where more text could change the outcome it stops, unless `final`."""

    def __init__(self, text: str, start: int, end: int, *, final: bool) -> None:
        self.text, self.start, self.end, self.final = text, start, end, final
        self.runs: list[_Run] = []
        self.brackets: list[_Bracket] = []
        self.spans: list[tuple[int, int]] = []
        self.opaque: list[tuple[int, int]] = []

    def outcome(self) -> Inline:
        stop = self.end
        position = self.start
        while token := TOKEN.search(self.text, position, self.end):
            following = self._take(token)
            if following < 0:
                stop = token.start()
                break
            position = following
        if not self.final:
            first = self.brackets[:1]
            runs = [*self.runs[:1], *(run for bracket in first for run in bracket.runs[:1])]
            stop = min([stop, *(bracket.start for bracket in first), *(run.start for run in runs)])
        return Inline(tuple(self.spans), tuple(self.opaque), stop)

    def _take(self, token: re.Match[str]) -> int:
        """Where to go on; -1 to stop, because what follows may change what this is."""
        at, after = token.span()
        growing = after == self.end and not self.final
        match token[0][0]:
            case "\\":
                return -1 if growing and after - at == 1 else after
            case "`":
                return self._code(at, after)
            case "<":
                if growing and not token[0].endswith(">"):
                    return -1
                if not token[0].endswith(">"):
                    return at + 1
                self._add(at, after, opaque_from=at)
                return after
            case "[" | "!":
                self.brackets.append(_Bracket(at, token[0][0] == "!", tuple(self.runs), len(self.spans)))
                del self.brackets[:-MOST_OPEN]
                return after
            case "]":
                return -1 if growing and self.brackets else self._bracket(after)
            case _:
                if growing:
                    return -1
                self._emphasis(at, after)
                return after

    def _add(self, start: int, end: int, opaque_from: int) -> None:
        self.spans.append((start, end))
        self.opaque.append((opaque_from, end))

    def _code(self, at: int, after: int) -> int:
        closing = next(
            (t for t in TICKS.finditer(self.text, after, self.end) if t.end() - t.start() == after - at), None
        )
        if closing and (self.final or closing.end() < self.end):
            self._add(at, closing.end(), opaque_from=at)
            return closing.end()
        return after if self.final else -1

    def _bracket(self, after: int) -> int:
        if not self.brackets:
            return after
        bracket = self.brackets[-1]
        if self.text.startswith("(", after) and after < self.end:
            if tail := LINK_TAIL.match(self.text, after, self.end):
                # Emphasis inside of a link is its own: it closes nothing outside.
                self.runs = list(bracket.runs)
                del self.spans[bracket.spans :]
                self._add(bracket.start, tail.end(), opaque_from=after)
                self.brackets.pop()
                if not bracket.image:  # a link holds no other link
                    self.brackets = [outer for outer in self.brackets if outer.image]
                return tail.end()
            if not self.final and UNFINISHED_TAIL.fullmatch(self.text, after, self.end):
                return -1
        self.brackets.pop()
        return after

    def _emphasis(self, at: int, after: int) -> None:
        mark, size = self.text[at], after - at
        if mark == "~" and size != STRIKE:
            return
        opens, closes = flanking(
            self.text[at - 1] if at > self.start else "\n", mark, self.text[after : after + 1] or "\n"
        )
        run = _Run(at, size, size, mark, opens, closes)
        while run.closes and run.count:
            found = next((i for i in reversed(range(len(self.runs))) if _pair(self.runs[i], run)), -1)
            if found < 0:
                break
            opener = self.runs[found]
            used = min(2, opener.count, run.count)
            self.spans.append((opener.start + opener.count - used, run.start + used))
            del self.runs[found:]  # unmatched marks in between are plain text
            if opener.count > used:
                self.runs.append(replace(opener, count=opener.count - used))
            run = replace(run, start=run.start + used, count=run.count - used)
        if run.opens and run.count:
            self.runs.append(run)
            del self.runs[:-MOST_OPEN]


def scan(text: str, start: int, end: int, *, final: bool) -> Inline:
    """Scan one paragraph; `final` says that the text after `end` does not belong to it."""
    return _Scan(text, start, end, final=final).outcome()


def flanking(before: str, mark: str, after: str) -> tuple[bool, bool]:
    """Whether marks between two characters can open and can close emphasis."""
    left = not after.isspace() and (not punctuation(after) or before.isspace() or punctuation(before))
    right = not before.isspace() and (not punctuation(before) or after.isspace() or punctuation(after))
    if mark != "_":
        return left, right
    return left and (not right or punctuation(before)), right and (not left or punctuation(after))


def punctuation(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def _pair(opener: _Run, closer: _Run) -> bool:
    if opener.mark != closer.mark:
        return False
    if opener.mark == "~":
        return True
    # https://spec.commonmark.org/0.31.2/#can-open-emphasis, rules 9 and 10
    both = opener.closes or closer.opens
    return not (both and (opener.size + closer.size) % 3 == 0 and (opener.size % 3 or closer.size % 3))
