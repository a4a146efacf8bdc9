"""Makes emphasis next to Korean, Chinese and Japanese close, where CommonMark's rules forget them."""

import re
from dataclasses import dataclass

from bot.text.inline import flanking, punctuation, scan
from bot.text.layout import Layout

ZERO_WIDTH_SPACE = "\u200b"
CJK = (
    "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    "\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc"  # full-width digits and letters
)
LETTER = re.compile(f"[{CJK}]")
SUSPECT = re.compile(rf"[^\s\w*~](?:\*+|~~)[{CJK}]|[{CJK}](?:\*+|~~)[^\s\w*~]")
MARKS = re.compile(r"\\.|\*+|~+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Opener:
    """Marks that begin emphasis, at least as they are meant."""

    mark: str
    end: int  # after the marks
    size: int
    opens: bool  # for CommonMark, too


def emphasis_cjk(text: str) -> str:
    """The text with zero-width spaces inside of emphasis that otherwise would not begin or end.

    CommonMark takes marks between punctuation and a letter for part of neither, which is wrong where words
    have no spaces between them: `**마크다운(Markdown)**을`. Code, links' addresses and all other text stay
    as they are. https://github.com/commonmark/commonmark-spec/issues/650
    """
    if not SUSPECT.search(text):
        return text
    places: list[int] = []
    for start, end in Layout(text).paragraphs(0, len(text), len(text)):
        places += _places(text, start, end)
    pieces = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    return ZERO_WIDTH_SPACE.join(pieces)


def _places(text: str, start: int, end: int) -> list[int]:
    """Where a paragraph needs a zero-width space, in order."""
    opaque = scan(text, start, end, final=True).opaque
    openers: list[_Opener] = []
    places: set[int] = set()
    for found in MARKS.finditer(text, start, end):
        at, after = found.span()
        mark, size = text[at], after - at
        if mark == "\\" or (mark == "~" and size == 1) or any(a <= at < b for a, b in opaque):
            continue
        left = text[at - 1] if at > start else "\n"
        right = text[after] if after < end else "\n"
        opens, closes = flanking(left, mark, right)
        if closes or (punctuation(left) and LETTER.match(right)):
            closed = _closed(openers, mark, size)
            if closed and not closes:
                places.add(at)
            places.update(opener.end for opener in closed if not opener.opens)
            if closed:
                continue
        if opens or (punctuation(right) and LETTER.match(left)):
            openers.append(_Opener(mark, after, size, opens))
    return sorted(places)


def _closed(openers: list[_Opener], mark: str, size: int) -> list[_Opener]:
    """Takes off the openers that these marks close."""
    closed: list[_Opener] = []
    while size:
        index = next(
            (i for i in reversed(range(len(openers))) if openers[i].mark == mark and openers[i].size <= size),
            -1,
        )
        if index < 0:
            break
        size -= openers[index].size
        closed.append(openers[index])
        del openers[index:]
    return closed
