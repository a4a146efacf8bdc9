"""Text as search terms: the same for what is indexed and for what is asked.

Korean, Chinese, Japanese and other scripts whose words are not set apart become pairs of letters, so
that a word is found inside a longer one (휴가 in 연차휴가를); everything else becomes words in lower case
without accents and English endings. The terms hold no ASCII but letters and digits: any index can keep
them as they are.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from threading import Lock

import snowballstemmer

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
PREFIXED = re.compile(r"(?<![a-z])([a-z]{1,2})-(?=[a-z])")  # wi-fi and e-mail are wifi and email
PAIR = 2  # letters
JOINED = range(5, 15)  # letters of a word that may be two, as in login
SHORTEST, ENDS = 3, frozenset({"in", "on", "to", "up"})  # letters of either, and what is shorter all the same
LONGEST = 64  # characters of a word that count: a longer one is a key or an encoded file


@dataclass(frozen=True, slots=True)
class Word:
    """One word that is asked for."""

    forms: tuple[tuple[str, ...], ...]  # each of them is the word: terms that follow each other
    others: tuple[tuple[str, ...], ...] = ()  # what may be meant: other names, one word written as two
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
        names = [" ".join(runs(name)) for name in line.split()]
        for name in names:
            key = stem(name)
            same[key] = tuple(dict.fromkeys((*same.get(key, ()), *names)))
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
    found = RUN.findall(PREFIXED.sub(r"\1", SHORTENED.sub("", text.lower())))
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
    found: dict[str, Word] = {}
    written = runs(text)
    for before, run, after in zip(["", *written], written, [*written[1:], ""], strict=False):
        joined = [first + second for first, second in ((before, run), (run, after)) if _joins(first, second)]
        bare = _stem(run)
        found.setdefault(stem(bare), _word(run, bare, joined))
    return tuple(found.values())


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A word without its English ending; one in another script stays as it is."""
    if not word.isascii():
        return word
    with _one_by_one:
        stemmed: str = _english.stemWord(word)
    return stemmed


_english = snowballstemmer.stemmer("english")
_one_by_one = Lock()  # the stemmer keeps the word it works on


def _terms_of(run: str) -> tuple[str, ...]:
    if len(run) == 1 or not BY_PAIRS.match(run):
        return (stem(run),)
    return tuple(first + second for first, second in pairwise(run))


def _word(run: str, bare: str, joined: list[str]) -> Word:
    lists = _lists()
    telling = not {run, bare} & lists.stop and run not in lists.suffixes
    forms = [_terms_of(bare)]
    if len(bare) == PAIR and bare[1] in lists.firm:
        forms.append((bare[0],))
    names = [*lists.same.get(stem(bare), ()), *(joined if telling else ()), *_apart(bare)]
    others = tuple(dict.fromkeys(form for name in names if (form := _phrase(name)) not in forms))
    pairs = _terms_of(run if run.removeprefix(bare) in lists.doubtful else bare)
    if len(pairs) <= PAIR:
        return Word(tuple(forms), others, telling=telling)
    # Korean compounds are mostly made of words of two syllables; elsewhere a word may begin anywhere.
    parts = (*pairs[::2], pairs[-1]) if HANGUL_WORD.match(bare) else pairs
    return Word(tuple(forms), others, tuple(dict.fromkeys(parts)), telling)


def _joins(first: str, second: str) -> bool:
    """Whether two words may also be written as one: log in."""
    return (
        first.isalpha() and second.isalpha() and (first + second).isascii() and len(first + second) in JOINED
    )


def _apart(run: str) -> list[str]:
    """The ways in which one word may be written as two."""
    if not (run.isascii() and run.isalpha() and len(run) in JOINED):
        return []
    halves = ((run[:at], run[at:]) for at in range(SHORTEST, len(run) - 1))
    return [f"{first} {second}" for first, second in halves if len(second) >= SHORTEST or second in ENDS]


def _phrase(name: str) -> tuple[str, ...]:
    return tuple(term for run in runs(name) for term in _terms_of(run))


def _stem(run: str) -> str:
    """A Korean word without what hangs on it; any other as it is."""
    lists = _lists()
    bare = run
    while HANGUL_WORD.match(bare) and bare not in lists.stop and bare not in lists.same:
        suffix = next((s for s in lists.suffixes if bare.endswith(s) and _may_go(s, bare, run)), "")
        if not suffix:
            break
        bare = bare.removesuffix(suffix)
    # One syllable of a verb is in no index: 넣어요 is looked for as 넣어.
    alone = len(bare) == 1 < len(run) and bare not in lists.stop and bare not in lists.same
    return run[:PAIR] if alone else bare


def _may_go(suffix: str, bare: str, run: str) -> bool:
    rest = bare.removesuffix(suffix)
    if len(suffix) > 1:
        return bool(rest)
    # A second lone syllable is rather the word's own: 연차휴가를. So is what leaves one: 휴가.
    return bare == run and (len(rest) > 1 or rest in _lists().same or rest in _lists().stop)
