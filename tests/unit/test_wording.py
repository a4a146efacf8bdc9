"""Maru's own sentences around an answer."""

import pytest

from bot.events import Activity, File
from bot.turns import Draft
from bot.wording import activity, closing

FILE = File("ab" * 32, "plot.png", "image/png", 3, "picture")


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (Draft(text="Half"), []),
        (Draft(text="Whole", end="done"), []),
        (Draft(files=(FILE,), end="done"), []),
        (Draft(end="stopped"), ["Stopped."]),
        (Draft(end="done"), ["The model had nothing to say to this. (T7)"]),
        (Draft(end="refused"), ["Sorry, I only answer members of this team."]),
        (Draft(text="Whole", end="done", notices=("A file was too large.",)), ["A file was too large."]),
    ],
)
def test_what_is_said_below_an_answer(draft: Draft, said: list[str]) -> None:
    assert closing(draft, "T7", "en") == said


def test_an_apology_says_why_with_the_id() -> None:
    [sentence] = closing(Draft(end="failed", reason="quota"), "T7", "ko")
    assert "모델 계정의 한도를 다 썼어요" in sentence
    assert "(T7)" in sentence


def test_a_note_stands_before_the_notices() -> None:
    sentences = closing(Draft(text="x", end="done", note="cut", notices=("Left out.",)), "T7", "en")
    assert sentences[0].startswith("The answer is cut off here")
    assert sentences[1] == "Left out."


def test_an_activity_names_what_it_is_about() -> None:
    assert activity(Activity("function", "weather"), "en") == "using weather…"
    assert activity(Activity("searching"), "ko") == "핸드북을 찾는 중…"
