"""What is settled of a streamed text never changes again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import settled

PIECES = st.sampled_from(
    [
        "word ", "단어 ", "漢字", "*", "**", "_", "~~", "`", "``", "```", "\n", "\n\n", "[", "]", "](", ")", "(",
        "http://x.y ", "<http://x.y>", "<", ">", "\\", "| a | b |\n", "|---|---|\n", "- ", "1. ", "12", "# ", "---\n",
        "===\n", "> ", "sandbox:/mnt/x", "![", "\"t\"", "    ", "~~~\n", "```py\n", "a", ".", "(b)",
    ]
)  # fmt: skip
MARKDOWN = st.lists(PIECES, max_size=40).map("".join)


@given(MARKDOWN, st.data())
def test_it_never_goes_back(text: str, data: st.DataObject) -> None:
    """settled(text[:n]) <= settled(text) for every n."""
    n = data.draw(st.integers(0, len(text)))
    assert 0 <= settled(text[:n]) <= settled(text) <= len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Hel", ""),
        ("Hello wor", "Hello "),
        ("Hello world ", "Hello world "),
        ("漢字です", "漢字で"),
        ("a **bold", "a "),
        ("a **bold** and", "a **bold** "),
        ("a **bold**", "a "),
        ("a *b **c* d", "a "),
        ("see [the docs", "see "),
        ("see [the docs](http", "see "),
        ("see [the docs](http://x.y) now", "see [the docs](http://x.y) "),
        ("see ![pic](http://x", "see "),
        ("- [ ] todo now", "- [ ] todo "),
        ("run `ls -l", "run "),
        ("run `ls -l` now", "run `ls -l` "),
        ("a snake_case word", "a snake_case "),
        ("an *unclosed star\n\nNext par", "an *unclosed star\n\nNext "),
        ("- one *two\n- three fo", "- one *two\n- three "),
        ("Title\n--", "Title"),
        ("Title\n", "Title"),
        ("Title\nnext li", "Title\nnext "),
        ("# Head *x\ntext he", "# Head *x\ntext "),
        ("Look:\n\n| a | b |\n", "Look:\n\n"),
        ("Look:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "Look:\n\n"),
        ("Look:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nDone no", "Look:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nDone "),
        ("| not a table\nbut two li", "| not a table\nbut two "),
        ("```py\nx = *1\ny = ", "```py\nx = *1\n"),
        ("Code:\n```py\nx = *1\n``", "Code:\n```py\nx = *1\n"),
        ("Code:\n```p", "Code:\n"),
        ("```\nx\n```\nThen a wo", "```\nx\n```\nThen a "),
        ("Here: [x](sandbox:/mnt/data/x.csv) and more\n\nThe end. Re", "Here: "),
        ("Here: ![x](sandbox:/mnt/data/x.png) and", "Here: "),
        ("```\n[x](sandbox:/a)\n```\nThen a wo", "```\n[x](sandbox:/a)\n```\nThen a "),
    ],
)
def test_what_is_open_lies_behind_it(text: str, expected: str) -> None:
    """Open markup, the last word, and what a coming line can change are not settled."""
    assert text[: settled(text)] == expected
