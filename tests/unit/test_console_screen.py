"""How answers look in a terminal, piece by piece and whole."""

import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from adapters.console.client.markdown import Block, block_starts, clean, with_numbers
from adapters.console.client.output import Plain
from adapters.console.client.screen import Screen
from adapters.console.client.shelf import Offer, Shelf, safe_name, save
from adapters.console.protocol import Answer
from bot.events import Activity, Citation, Completed, Event, Failed, File, FileMade, Restarted, Source, Text
from bot.turns import Draft, Mark

SLACK = Source("s", "Connecting Slack", "Tokens", "https://example.com/slack")
ANSWER = """# 제목

First **bold** paragraph.

- one
- two

```python
print("안녕")
```

| a | 나 |
|---|---|
| 1 | 이 |

Last words.
"""


def answer(*events: Event, turn: int = 1) -> Answer:
    draft = Draft()
    for event in events:
        draft = draft.apply(event)
    paths = tuple(f"/kept/{file.digest}" for file in draft.files)
    return Answer(turn, f"T{turn}", (), draft, "en", paths)


class Paper:
    """A terminal that keeps what scrolls by: what is drawn in the region below is not kept."""

    def __init__(self, width: int = 60, height: int = 20) -> None:
        self.out = io.StringIO()
        console = Console(file=self.out, force_terminal=True, width=width, height=height, color_system=None)
        self.shelf = Shelf()
        self.screen = Screen(console, self.shelf, "en")

    @property
    def kept(self) -> list[str]:
        """The lines that stay, as a terminal that knows "up", "erase line" and "to the left" has them."""
        lines, row = [""], 0
        text = self.out.getvalue()
        position = 0
        while position < len(text):
            if text.startswith("\x1b[", position):
                end = position + 2
                while not text[end].isalpha():
                    end += 1
                argument, command = text[position + 2 : end], text[end]
                if command == "A":
                    row -= int(argument or 1)
                elif command == "K":
                    lines[row] = ""
                elif command not in "hlm":
                    raise AssertionError(f"unknown: {text[position : end + 1]!r}")
                position = end + 1
                continue
            if text[position] == "\n":
                row += 1
                if row == len(lines):
                    lines.append("")
            elif text[position] != "\r":
                lines[row] += text[position]
            position += 1
        return [line.rstrip() for line in lines if line.strip()]


def stream(paper: Paper, text: str, size: int) -> None:
    for end in range(0, len(text), size):
        paper.screen.show(answer(Text(text[:end])))
    paper.screen.show(answer(Text(text), Completed()))


@pytest.mark.parametrize("size", [1, 7, 50, 1_000])
def test_an_answer_that_streamed_stands_there_once_and_whole(size: int) -> None:
    paper, whole = Paper(), Paper()
    stream(paper, ANSWER, size)
    whole.screen.show(answer(Text(ANSWER), Completed()))
    assert paper.kept == whole.kept
    assert sum("paragraph" in line for line in paper.kept) == 1
    assert '  print("안녕")' in paper.kept


def test_finished_blocks_are_never_drawn_again() -> None:
    paper = Paper()
    stream(paper, ANSWER, 5)
    after = paper.out.getvalue().partition("one")[2]
    assert "paragraph" not in after


def test_of_a_block_longer_than_the_terminal_the_end_shows_and_all_of_it_stays() -> None:
    paper = Paper(height=10)
    code = "```\n" + "".join(f"line {number}\n" for number in range(900))
    paper.screen.show(answer(Text(code)))
    drawn = paper.kept
    assert len(drawn) < 10
    assert "line 899" in drawn[-1]
    paper.screen.show(answer(Text(code + "```\n"), Completed()))
    assert [line.strip() for line in paper.kept] == [f"line {number}" for number in range(900)]


def test_activity_shows_until_there_is_text() -> None:
    paper = Paper()
    paper.screen.show(answer(Activity("searching")))
    assert "searching the handbook…" in paper.kept[-1]
    paper.screen.show(answer(Activity("searching"), Text("Found.")))
    assert paper.kept == ["Found."]
    paper.screen.rest()
    assert paper.kept == []


def test_sources_are_numbered_in_the_text_and_listed_below() -> None:
    paper = Paper()
    paper.screen.show(answer(Text("Two tokens."), Citation(SLACK), Text("\n\nMore."), Completed()))
    assert paper.kept == [
        "Two tokens.[1]",
        "More.",
        "[1] Connecting Slack · Tokens · https://example.com/slack",
    ]


def test_a_number_that_comes_late_is_shown_once() -> None:
    """Its paragraph is printed already, so it stands at the front of the next."""
    paper = Paper()
    events: list[Event] = [Text("One.\n\nTwo")]
    paper.screen.show(answer(*events))
    events += [Citation(SLACK, 4), Text(" three.\n\nFour.")]
    paper.screen.show(answer(*events))
    paper.screen.show(answer(*events, Completed()))
    assert paper.kept[:3] == ["One.", "[1]Two three.", "Four."]


def test_a_step_that_begins_again_says_so() -> None:
    paper = Paper()
    paper.screen.show(answer(Text("Wrong.\n\nAnd more")))
    paper.screen.show(answer(Text("Wrong.\n\nAnd more"), Restarted(), Text("Right."), Completed()))
    assert paper.kept == ["Wrong.", "I begin again:", "Right."]


def test_a_failure_ends_in_a_sentence_with_its_id() -> None:
    paper = Paper(width=100)
    paper.screen.show(answer(Text("Half"), Failed("broken", ""), turn=7))
    assert paper.kept[0] == "Half"
    assert "(T7)" in paper.kept[-1]


def test_nothing_in_a_text_commands_the_terminal() -> None:
    """No colour, no title, no moved cursor, no reversed writing comes from the model."""
    paper = Paper()
    evil = "\x1b]0;title\x07 \x1b[2J \x9b31m \u202egnp.exe"
    source = Source("s", evil, evil, evil)
    file = File("d" * 64, evil, "text/plain", 1)
    paper.screen.asked(evil, (evil,))
    paper.screen.tell(evil)
    paper.screen.show(answer(Text(evil), Citation(source), FileMade(file), Completed()))
    shown = paper.out.getvalue()
    assert not any(bad in shown for bad in ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e"))


def test_html_is_shown_and_not_swallowed() -> None:
    paper = Paper()
    paper.screen.show(answer(Text("Use <details>\n\n<b>this</b>"), Completed()))
    assert paper.kept == ["Use <details>", "<b>this</b>"]


def test_addresses_are_readable_and_files_are_named() -> None:
    paper = Paper(width=100)
    file = File("d" * 64, "report.csv", "text/csv", 2_000)
    text = "[page](https://a.b), <https://c.d>, [report](sandbox:/mnt/data/report.csv)"
    paper.screen.show(answer(Text(text), FileMade(file, "sandbox:/mnt/data/report.csv"), Completed()))
    assert paper.kept[0] == "page (https://a.b), https://c.d, report"
    assert paper.kept[1] == "+ report.csv  2 KB  /save 1"


def test_a_pipe_gets_each_answer_once_as_markdown() -> None:
    out = io.StringIO()
    plain = Plain(out, Shelf())
    events = (Text("**Two** tokens."), Citation(SLACK))
    plain.show(answer(*events))
    plain.show(answer(*events, Completed()))
    plain.show(answer(Text("Next."), Completed(), turn=2))
    assert out.getvalue() == (
        "**Two** tokens.[1]\n\n[1] Connecting Slack · Tokens · https://example.com/slack\n\nNext.\n"
    )


def test_numbers_stay_out_of_code() -> None:
    text = "```\ncode\n```\n\nText."
    assert with_numbers(text, [Mark(7, 1), Mark(len(text), 2)]) == text + "\\[2]"


@given(st.text("a \n-`#|>*1.한", max_size=200))
def test_blocks_make_up_the_text(text: str) -> None:
    """Whatever a text is, its blocks begin in order and each can be drawn."""
    starts = block_starts(text)
    assert starts == sorted(set(starts))
    assert not text[: starts[0] if starts else None].strip()
    console = Console(file=io.StringIO(), width=30)
    for begin, end in pairwise([*starts, len(text)]):
        console.print(Block(text[begin:end]))


@given(st.text())
def test_clean_text_is_as_long_as_before(text: str) -> None:
    assert len(clean(text)) == len(text)
    assert clean(clean(text)) == clean(text)


def test_a_saved_file_overwrites_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("bytes")
    offer = Offer(1, "report.csv", 5, kept)
    assert save(offer, tmp_path) == tmp_path / "report.csv"
    assert save(offer, tmp_path) == tmp_path / "report (2).csv"
    assert save(offer, tmp_path / "new.csv").read_text() == "bytes"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\x.csv", "x.csv"),
        (".bashrc", "bashrc"),
        ("..", "file"),
        ("보고서.csv", "보고서.csv"),
    ],
)
def test_a_file_name_of_the_model_stays_in_its_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_file_keeps_its_number() -> None:
    shelf = Shelf()
    made = answer(FileMade(File("a" * 64, "a", "x/y", 1)), FileMade(File("b" * 64, "b", "x/y", 1)))
    assert [offer.number for offer in shelf.offers(made)] == [1, 2]
    assert [offer.number for offer in shelf.offers(replace(made, turn=2))] == [1, 2]
    assert [offer.name for offer in (shelf.find("1"), shelf.find("")) if offer] == ["a", "b"]
    assert shelf.find("3") is None
