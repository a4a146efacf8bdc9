"""Splitting keeps every part within the limit, loses nothing, and is stable while a text grows."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from wcwidth import iter_graphemes

from bot.text import split

WORDS = st.sampled_from(
    [
        "word",
        "a",
        "longer-word",
        "단어를",
        "한글",
        "漢字です。",
        "end.",
        "Really?",
        "e\u0301",
        "👨‍👩‍👧‍👦",
        "- dash",
        "1. one",
        "**bold words here**",
        "*it*",
        "`code span`",
        "[a link](http://x.y/z)",
        "https://example.org/a/very/long/address?x=1",
    ]
)
PARAGRAPH = st.lists(WORDS, min_size=1, max_size=30).map(" ".join)
HEADING = PARAGRAPH.map(lambda text: f"## {text[:30]}")
LIST = st.lists(
    st.tuples(st.sampled_from(["- ", "  - ", "1. ", "* "]), PARAGRAPH), min_size=1, max_size=8
).map(lambda items: "\n".join(marker + text for marker, text in items))
CODE = st.lists(st.sampled_from(["x = 1", "    indented", "", "# not a heading", "y" * 70]), max_size=20).map(
    lambda lines: "```python\n" + "\n".join([*lines, "last"]) + "\n```"
)
TABLE = st.lists(st.tuples(st.text("abc ", max_size=5), st.integers()), min_size=1, max_size=12).map(
    lambda rows: "| a | b |\n|---|---|\n" + "\n".join(f"| {a} | {b} |" for a, b in rows)
)
QUOTE = PARAGRAPH.map(lambda text: f"> {text}")
DOCUMENT = st.lists(st.one_of(PARAGRAPH, HEADING, LIST, CODE, TABLE, QUOTE), max_size=8).map("\n\n".join)
WILD = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            ["```", "```py\n", "~~~\n", "`" * 40, "\n", "\n\n", "| a |\n|---|\n", "- ", "> ", "**",
             "[", "](x)", " " * 30, "a" * 50, "👨‍👩‍👧‍👦" * 5, "\r\n", "z" + "\u0301" * 30, "    "]
        ),
    ),
    max_size=30,
).map("".join)  # fmt: skip
LIMITS = st.integers(1, 200)


def visible(text: str) -> str:
    return re.sub(r"\s+", "", text)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(st.one_of(DOCUMENT, WILD), LIMITS)
def test_every_part_is_within_the_limit(text: str, limit: int) -> None:
    """No part is longer than the limit or empty, whatever the text."""
    for part in split(text, limit):
        assert part.strip()
        assert len(part) <= limit


@given(st.one_of(DOCUMENT, WILD), st.integers(2, 200))
def test_the_limit_is_by_the_measure_given(text: str, limit: int) -> None:
    """A platform that counts otherwise gives its own measure."""
    assert all(utf16(part) <= limit for part in split(text, limit, measure=utf16))


@given(st.one_of(DOCUMENT, WILD), LIMITS)
def test_nothing_visible_is_lost(text: str, limit: int) -> None:
    """The text's visible characters stand in the parts, in order; what is repeated comes on top."""
    found = iter(visible("".join(split(text, limit))))
    marks = "`~"  # the closing line of a fence may be the one that its part was closed with
    assert all(char in found for char in visible(text) if char not in marks)


@given(st.lists(PARAGRAPH, max_size=5).map("\n\n".join), LIMITS)
def test_prose_is_split_without_anything_added(text: str, limit: int) -> None:
    assert visible("".join(split(text, limit))) == visible(text)


@given(st.one_of(DOCUMENT, WILD))
def test_a_text_that_fits_is_one_part(text: str) -> None:
    """Only blank lines around it are left out."""
    expected = re.sub(r"\A(?:[ \t]*\n)*", "", text).rstrip()
    assert split(text, 100_000) == ([expected] if expected else [])


@given(
    st.lists(st.sampled_from(["👨‍👩‍👧‍👦", "한", "ᄒ\u1161\u11ab", "🇰🇷", "e\u0301", "क्षि"]), max_size=60),
    st.integers(12, 40),
)
def test_a_grapheme_is_never_split(graphemes: list[str], limit: int) -> None:
    """Families, flags, syllables of jamo and accents stay whole."""
    whole = list(iter_graphemes("".join(graphemes)))
    assert [g for part in split("".join(graphemes), limit) for g in iter_graphemes(part)] == whole


@given(DOCUMENT, st.integers(60, 200), st.data())
def test_earlier_parts_stay_while_the_text_grows(text: str, limit: int, data: st.DataObject) -> None:
    """Once a text goes well beyond a part, the part is what it will be at the end."""
    n = data.draw(st.integers(0, len(text)))
    growing, whole = split(text[:n], limit), split(text, limit)
    assert growing[:-2] == whole[: max(len(growing) - 2, 0)]


@given(DOCUMENT, st.integers(80, 200))
def test_fences_are_closed_in_each_part(text: str, limit: int) -> None:
    """Every part is Markdown of its own: what is code stays code, and nothing else becomes code."""
    markdown = MarkdownIt("commonmark")
    code = [t.content for part in split(text, limit) for t in markdown.parse(part) if t.type == "fence"]
    assert visible("".join(code)) == visible(
        "".join(t.content for t in markdown.parse(text) if t.type == "fence")
    )


LINK = "[a link with many words](http://x.y/z)"
TABLE_OF_TWO = "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |"


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("First one. Second one.\n\nThird.", 24, ["First one. Second one.", "Third."]),
        ("First sentence. Second sentence", 24, ["First sentence.", "Second sentence"]),
        ("한국어 문장입니다. 다음 문장입니다.", 14, ["한국어 문장입니다.", "다음 문장입니다."]),
        ("日本語の文です。次の文です。", 10, ["日本語の文です。", "次の文です。"]),
        (f"some words {LINK}", 44, ["some words", LINK]),
        ("some words **bold words here**", 22, ["some words", "**bold words here**"]),
        ("Some text here\n\n## Heading\n\nmore text", 30, ["Some text here", "## Heading\n\nmore text"]),
        ("- one two\n- three four\n- five", 24, ["- one two\n- three four", "- five"]),
        ("- a\n    - bb bb\n    - cc cc\n    - dd dd", 26, ["- a\n    - bb bb", "- cc cc\n- dd dd"]),
        (f"Some words before.\n\n{TABLE_OF_TWO}", 55, ["Some words before.", TABLE_OF_TWO]),
        (
            "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 5,
            60,
            ["| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 3 + "| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"],
        ),
        (
            "```python\n" + "x = 1\n" * 8 + "```",
            52,
            ["```python\n" + "x = 1\n" * 6 + "```", "```python\nx = 1\nx = 1\n```"],
        ),
        ("~~~\n" + "    x\n" * 6 + "~~~", 40, ["~~~\n" + "    x\n" * 5 + "~~~", "~~~\n    x\n~~~"]),
        (
            "1. abc def ghi\n   ```\n   x = 1\n   y = 2\n   z = 3\n   ```",
            50,
            ["1. abc def ghi\n   ```\n   x = 1\n   y = 2\n   ```", "```\nz = 3\n```"],
        ),
        (
            "- ```\n  x = 1\n  y = 2\n  z = 3\n  a = 4\n  ```",
            42,
            ["- ```\n  x = 1\n  y = 2\n  z = 3\n  ```", "```\na = 4\n```"],
        ),
        ("> quoted words and more of them here", 24, ["> quoted words and more", "> of them here"]),
        ("It costs 12 - 15 euros", 12, ["It costs", "12 - 15", "euros"]),
        ("words and\n1. not an item", 14, ["words and", "1. not an item"]),
        ("", 10, []),
        (" \n\n ", 10, []),
    ],
)
def test_where_the_cuts_fall(text: str, limit: int, parts: list[str]) -> None:
    """Between blocks, items, lines, sentences and words, in this order; and markup stays whole."""
    assert split(text, limit) == parts


@pytest.mark.parametrize(
    "text", ["```\n" + "x" * 5_000, "`" * 5_000 + "\nx", "```" + "info" * 2_000 + "\nx\n```"]
)
def test_endless_fences_come_to_an_end(text: str) -> None:
    """A line, the marks or the info string of a fence may be longer than many parts."""
    parts = split(text, 100)
    assert all(len(part) <= 100 for part in parts)
    assert len(parts) < 150


def test_a_limit_below_one_is_refused() -> None:
    """Nothing would fit."""
    with pytest.raises(ValueError, match="at least 1"):
        split("text", 0)
