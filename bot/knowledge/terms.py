"""Text as search terms: the same for what is indexed and for what is asked.

Korean, Chinese, Japanese and other scripts whose words are not set apart become pairs of letters, so
that a word is found inside a longer one (휴가 in 연차휴가를); everything else becomes words in lower case
without accents. The terms hold no ASCII but letters and digits: any index can keep them as they are.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

# Scripts written without spaces, or, as Korean, with endings that hang on the word.
HANGUL = "\u3131-\u318e\uac00-\ud7a3"
UNSPACED = (
    HANGUL + "\u2e80-\u2fdf\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han and Kana
    "\u0e01-\u0e4e\u0e81-\u0ecd\u0edc-\u0edf\u1000-\u103f\u1780-\u17d3"  # Thai, Lao, Myanmar, Khmer
)
MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670"  # accents and vowel points
INDIC = "\u0900-\u0963\u0966-\u0dff"  # their vowel signs belong to the word
RUN = re.compile(rf"[{HANGUL}]+|[{UNSPACED}]+|[^\W_{UNSPACED}{INDIC}]+|[{INDIC}]+")
SHORTENED = re.compile(r"(?<=\w)['\u2019](?:s|t|re|ve|ll|d|m)\b")  # of "team's" and "don't" the word remains
BY_PAIRS = re.compile(f"[{UNSPACED}]")
HANGUL_WORD = re.compile(f"[{HANGUL}]")
PAIR = 2  # letters
LONGEST = 64  # characters of a word that count: a longer one is a key or an encoded file


@dataclass(frozen=True, slots=True)
class Word:
    """One word that is asked for."""

    forms: tuple[tuple[str, ...], ...]  # each of them is the word: terms that follow each other
    parts: tuple[str, ...] = ()  # terms that may also be found apart: 연차, 휴가
    telling: bool = True  # False: a word like "how", which hardly says what is looked for


@dataclass(frozen=True, slots=True)
class _Lists:
    """`words.toml`, ready for use."""

    stop: frozenset[str]
    suffixes: tuple[str, ...]  # the longest first
    doubtful: frozenset[str]
    firm: frozenset[str]
    same: dict[str, tuple[str, ...]]


@cache
def _lists() -> _Lists:
    found = tomllib.loads((resources.files("bot.knowledge") / "words.toml").read_text(encoding="utf-8"))
    same: dict[str, tuple[str, ...]] = {}
    for line in found["same"]:
        names = line.split()
        for name in names:
            same[name] = tuple(dict.fromkeys((*same.get(name, ()), *names)))
    suffixes = {*found["particles"].split(), *found["endings"].split()}
    return _Lists(
        stop=frozenset(found["stop_en"].split()) | frozenset(found["stop_ko"].split()),
        suffixes=tuple(sorted(suffixes, key=lambda suffix: (-len(suffix), suffix))),
        doubtful=frozenset(found["doubtful"].split()),
        firm=frozenset(found["firm"].split()),
        same=same,
    )


def runs(text: str) -> list[str]:
    """The words of a text, split where the script changes."""
    if not text.isascii():
        text = re.sub(f"[{MARKS}]", "", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFKC", text)
    found = RUN.findall(SHORTENED.sub("", text.lower()))
    return [run if BY_PAIRS.match(run) else run[:LONGEST] for run in found]


def terms(text: str) -> str:
    """The terms of a text, in order, with spaces between."""
    found: list[str] = []
    for run in runs(text):
        found.extend(_terms_of(run))
        if len(run) == PAIR and run[1] in _lists().firm:
            found.append(run[0])
    return " ".join(found)


def question(text: str) -> tuple[Word, ...]:
    """What a question asks for, each word once."""
    return tuple(_word(run, stem) for stem, run in {_stem(run): run for run in runs(text)}.items())


def _terms_of(run: str) -> tuple[str, ...]:
    if len(run) == 1 or not BY_PAIRS.match(run):
        return (run,)
    return tuple(first + second for first, second in pairwise(run))


def _word(run: str, stem: str) -> Word:
    lists = _lists()
    telling = not {run, stem} & lists.stop and run not in lists.suffixes
    if same := lists.same.get(stem) or lists.same.get(stem.removesuffix("s")):
        return Word(tuple(_phrase(name) for name in same), telling=telling)
    forms = [_terms_of(stem)]
    if len(stem) == PAIR and stem[1] in lists.firm:
        forms.append((stem[0],))
    pairs = _terms_of(run if run.removeprefix(stem) in lists.doubtful else stem)
    if len(pairs) <= PAIR:
        return Word(tuple(forms), telling=telling)
    # Korean compounds are mostly made of words of two syllables; elsewhere a word may begin anywhere.
    parts = (*pairs[::2], pairs[-1]) if HANGUL_WORD.match(stem) else pairs
    return Word(tuple(forms), tuple(dict.fromkeys(parts)), telling)


def _phrase(name: str) -> tuple[str, ...]:
    return tuple(term for run in runs(name) for term in _terms_of(run))


def _stem(run: str) -> str:
    """A Korean word without what hangs on it; any other as it is."""
    lists = _lists()
    stem = run
    while HANGUL_WORD.match(stem) and stem not in lists.stop and stem not in lists.same:
        suffix = next((s for s in lists.suffixes if stem.endswith(s) and _may_go(s, stem, run)), "")
        if not suffix:
            break
        stem = stem.removesuffix(suffix)
    # One syllable of a verb is in no index: 넣어요 is looked for as 넣어.
    alone = len(stem) == 1 < len(run) and stem not in lists.stop and stem not in lists.same
    return run[:PAIR] if alone else stem


def _may_go(suffix: str, stem: str, run: str) -> bool:
    rest = stem.removesuffix(suffix)
    if len(suffix) > 1:
        return bool(rest)
    # A second lone syllable is rather the word's own: 연차휴가를. So is what leaves one: 휴가.
    return stem == run and (len(rest) > 1 or rest in _lists().same or rest in _lists().stop)
