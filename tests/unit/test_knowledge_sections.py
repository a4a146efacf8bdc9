"""Documents are cut where their authors would, and files are read for what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import DocumentRefused
from bot.knowledge.readers import read
from bot.knowledge.sections import CODE_LENGTH, LENGTH, cut, of_markdown, of_text

HANDBOOK = """\
---
title: "Travel: how we do it"
url: https://example.com/travel
owner: Mina
language: en
---

# Travel

Ask first.

## Booking

### Trains

Take the train.

```sh
# not a heading

book --now
```

## Meals

Up to 40 a day.
"""


def test_headings_become_places() -> None:
    """A section is found under the headings that lead to it; the title is not repeated in each."""
    _, title, sections = of_markdown(HANDBOOK)
    assert title == "Travel"
    assert [section.place for section in sections] == ["", "Booking › Trains", "Meals"]
    assert sections[1].text == "Take the train.\n\n```sh\n# not a heading\n\nbook --now\n```"


def test_front_matter_says_title_address_language_and_owner() -> None:
    """A colon in a quoted title is no obstacle."""
    document = read("travel.md", HANDBOOK.encode())
    assert document.title == "Travel: how we do it"
    assert document.url == "https://example.com/travel"
    assert (document.language, document.owner) == ("en", "Mina")


def test_without_front_matter_the_first_heading_is_the_title() -> None:
    """And without a heading the name of the file."""
    assert read("a/b.md", b"# Lunch\n\nAt noon.").title == "Lunch"
    assert read("a/b.md", b"At noon.").title == "b"
    assert read("a/b.txt", b"# Lunch\n\nAt noon.").title == "b"


@pytest.mark.parametrize(
    ("text", "language"), [("Lunch is at noon. 점심", "en"), ("점심은 noon에 먹어요.", "ko"), ("123", "en")]
)
def test_the_language_is_seen_from_the_text(text: str, language: str) -> None:
    """When the file does not say it."""
    assert read("a.md", text.encode()).language == language


def test_code_stays_whole_until_it_is_very_long() -> None:
    """And then each piece is code again."""
    code = "\n".join(f"line {number}" for number in range(300))
    _, _, whole = of_markdown(f"Before.\n\n```py\n{code}\n```\n")
    assert f"```py\n{code}\n```" in [section.text for section in whole]
    _, _, pieces = of_markdown(f"~~~py\n{code * 10}\n~~~\n")
    assert len(pieces) > 1
    for piece in pieces:
        assert piece.text.startswith("~~~py\nline")
        assert piece.text.endswith("\n~~~")
        assert len(piece.text) <= CODE_LENGTH + 20


def test_long_sections_are_cut_between_paragraphs() -> None:
    """All of them keep their place, and nothing is lost or doubled."""
    paragraphs = [f"Paragraph {number}. " + "Word after word. " * 20 for number in range(20)]
    _, _, sections = of_markdown("# T\n\n## Long\n\n" + "\n\n".join(paragraphs))
    assert len(sections) > 5
    assert {section.place for section in sections} == {"Long"}
    assert all(len(section.text) <= LENGTH for section in sections)
    assert "\n\n".join(section.text for section in sections).split() == " ".join(paragraphs).split()


def test_a_text_is_cut_between_paragraphs_too() -> None:
    """Plain text has no places."""
    sections = of_text("\r\n\r\n".join(f"Paragraph {number}. " + "Word. " * 100 for number in range(6)))
    assert len(sections) > 2
    assert all(section.text.startswith("Paragraph") and not section.place for section in sections)


@given(text=st.text(), length=st.integers(min_value=1, max_value=50))
def test_cutting_loses_nothing_but_blanks(text: str, length: int) -> None:
    """Every piece is short enough, and together they are the text."""
    pieces = list(cut(text, length))
    assert all(0 < len(piece) <= length for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.text(alphabet="# \n`~->|:ab가\t1.*", max_size=300))
def test_any_markdown_is_cut(text: str) -> None:
    """Broken markup is text like any other."""
    _, _, sections = of_markdown(text)
    assert all(section.text.strip() for section in sections)


def test_an_endless_line_is_cut() -> None:
    """A megabyte without a space or a line's end becomes passages of the usual length."""
    _, _, sections = of_markdown("x" * 1_000_000)
    assert len(sections) == -(-1_000_000 // LENGTH)


def test_a_machine_made_file_is_read_as_mere_text() -> None:
    """A hundred thousand headings are not a document's structure, and would cost a gigabyte."""
    document = read("log.md", b"# a\nb\n" * 100_000)
    assert {section.place for section in document.sections} == {""}
    assert len(document.sections) < 1_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_korean_is_read_in_every_encoding_that_teams_have(encoding: str) -> None:
    """Old Korean files are in CP949."""
    assert read("a.txt", "연차휴가 규정입니다.".encode(encoding)).sections[0].text == "연차휴가 규정입니다."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not text"),
        (bytes(range(1, 256)), "not text"),
        (b"caf\xe9 au lait \xff\xfe\x01", "UTF-8"),
        (b"  \n\n ", "no text"),
        (b"---\ntitle: x\n---\n", "no text"),
        (b"# Only a heading", "no text"),
    ],
)
def test_what_is_no_document_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    """Whatever the name says."""
    with pytest.raises(DocumentRefused, match=reason):
        read("a.md", content)
