"""What is settled of a streamed text never changes again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.text import settled

PIECES = st.sampled_from(
    [
        "word ",
        "단어 ",
        "漢字",
        "a",
        ".",
        "12",
        "*",
        "**",
        "_",
        "~~",
        "`",
        "``",
        "```",
        "```py\n",
        "~~~\n",
        "\n",
        "\n\n",
        "    ",
        "[",
        "![",
        "]",
        "](",
        "(",
        ")",
        "(b)",
        '"t"',
        "\\",
        "<",
        ">",
        "http://x.y ",
        "<http://x.y>",
        "sandbox:/mnt/x",
        "| a | b |\n",
        "|---|---|\n",
        "- ",
        "1. ",
        "# ",
        "---\n",
        "===\n",
        "> ",
    ]
)
WORD = st.sampled_from(
    [
        "word",
        "단어를",
        "end.",
        "snake_case",
        "2 * 3",
        "**bold words**",
        "*it*",
        "***both***",
        "~~gone~~",
        "[ ]",
        "**bold *and it* on**",
        "`code *x*`",
        "``a ` b``",
        "`c|d`",
        "a|b",
        "\\*",
        "**",
        "*",
        "<http://x.y/*z>",
        "[a *b* link](http://x.y/(z))",
        "![a picture](http://x.y)",
    ]
)
PARAGRAPH = st.lists(WORD, min_size=1, max_size=12).map(" ".join)
BLOCK = st.one_of(
    PARAGRAPH,
    PARAGRAPH.map(lambda text: f"## {text}"),
    PARAGRAPH.map(lambda text: f"> {text}\n> {text}"),
    st.lists(PARAGRAPH, min_size=1, max_size=4).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(PARAGRAPH, min_size=1, max_size=4).map(lambda items: "\n".join(f"1. {item}" for item in items)),
    st.lists(PARAGRAPH, min_size=1, max_size=3).map("\n".join),
    st.sampled_from(["```py\nx = **y\n\n# no\n```", "| a | *b* |\n|---|---|\n| 1 | **2** |", "---"]),
)
MARKDOWN_DOCUMENT = st.lists(BLOCK, max_size=5).map("\n\n".join)
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
        ("*foo**bar wo", ""),
        ("*a [b*](http://x.y) wo", ""),
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
        (
            "Look:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nDone no",
            "Look:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nDone ",
        ),
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


MARKDOWN_IT = MarkdownIt("commonmark").enable(["table", "strikethrough"])
Shown = list[tuple[str, tuple[str, ...]]]


def shown(text: str) -> Shown:
    """Every character as people see it: with the kind of text that it stands in."""
    blocks: list[str] = []
    found: Shown = []
    for token in MARKDOWN_IT.parse(text):
        if token.nesting == 1:
            blocks.append(token.tag)
        elif token.nesting == -1:
            blocks.pop()
        elif token.type == "fence":
            found += [(char, (*blocks, "fence")) for char in token.content if not char.isspace()]
        marks = list(blocks)
        for inner in token.children or []:
            if inner.nesting == 1:
                marks.append(f"{inner.tag} {inner.attrGet('href') or ''}")
            elif inner.nesting == -1:
                marks.pop()
            else:
                kind = f"{inner.tag} {inner.attrGet('src') or ''}"
                found += [(char, (*marks, kind)) for char in inner.content if not char.isspace()]
    return found


@given(MARKDOWN_DOCUMENT, st.data())
def test_what_is_settled_is_shown_as_it_will_be_at_the_end(text: str, data: st.DataObject) -> None:
    """A reader who sees only what is settled never sees anything change."""
    n = data.draw(st.integers(0, len(text)))
    early = shown(text[: settled(text[:n])])
    assert early == shown(text)[: len(early)]
