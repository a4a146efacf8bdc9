"""A draft as people in Discord see it, and the buttons under it."""

import pytest

from adapters.discord import buttons
from adapters.discord.limits import LIMITS
from adapters.discord.render import renderer
from bot.events import Activity, Call, Source
from bot.messages import Author, Command, Message, Press
from bot.text import split
from bot.turns import Draft, Mark, Question, Turn

ANN = Author("discord:1", "Ann")


def turn(text: str = "what?") -> Turn:
    return Turn(
        id=7, conversation="discord:1/2", messages=(Message("discord:1/2", ("k",), "1", ANN, text, 0.0),)
    )


def press(custom_id: str) -> Press | Command | None:
    return buttons.pressed(custom_id, conversation="discord:1/2", key="k", author=ANN, origin="{}", now=1.0)


def test_a_growing_answer_shows_what_is_settled_and_what_is_being_done() -> None:
    draft = Draft(text="One.\n\nTwo **unfin", activity=Activity("searching", "maps"))
    shown = renderer(turn())(draft)
    assert shown.startswith("One.")
    assert "unfin" not in shown
    assert shown.split("\n")[-1].startswith("-# ")


def test_sources_are_numbered_below_in_small_print_and_live() -> None:
    draft = Draft(
        text="It is so.",
        sources=(Source("a", "The [page]", "p. 2", "https://a.example/x"), Source("b", "@everyone")),
        marks=(Mark(9, 1), Mark(9, 2)),
        end="done",
    )
    assert renderer(turn())(draft) == (
        "It is so. [1] [2]\n\n**Sources**\n"
        "-# 1. [The \\[page\\]](https://a.example/x) – p. 2\n-# 2. @\u200beveryone"
    )


def test_an_address_that_the_person_brought_up_is_live_and_others_are_not() -> None:
    draft = Draft(text="https://mine.example and https://evil.example", end="done")
    shown = renderer(turn("look at https://mine.example"))(draft)
    assert shown == "https://mine.example and `https://evil.example`"


def test_the_sentences_are_korean_for_somebody_who_writes_korean() -> None:
    assert renderer(turn("뭐예요?"))(Draft(text="반쯤", end="stopped")).startswith("반쯤\n\n")
    assert buttons.running(turn(), "ko")[0]["components"][0]["label"] == "멈추기"


@pytest.mark.parametrize(
    "text", ["가" * 6_000, "```py\n" + "x = 1\n" * 900 + "```", "word " * 2_000, "😀" * 2_500]
)
def test_every_message_of_a_long_answer_fits(text: str) -> None:
    parts = split(renderer(turn())(Draft(text=text, end="done")), LIMITS.message_chars)
    assert len(parts) > 1
    assert all(len(part) <= 2_000 for part in parts)
    assert all(part.count("```") % 2 == 0 for part in parts)


def test_a_question_waits_with_its_arguments_and_two_buttons() -> None:
    asked = Draft(text="May I?", questions=(Question(Call("call_1", "send", '{"to":"Ben"}'), 9.0),))
    assert '"to": "Ben"' in renderer(turn())(asked)
    rows = buttons.ended(turn(), asked, "en")
    assert [one["label"] for row in rows for one in row["components"]] == ["Approve", "Decline", "Stop"]
    assert press(rows[0]["components"][1]["custom_id"]) == Press(
        "discord:1/2", 7, "decline", ANN, "call_1", "{}"
    )


def test_buttons_say_all_that_a_restart_forgets() -> None:
    rows = buttons.ended(turn(), Draft(text="Done.", end="done"), "en")
    helpful, unhelpful, again = (press(one["custom_id"]) for one in rows[0]["components"])
    assert helpful == Press("discord:1/2", 7, "helpful", ANN, "", "{}")
    assert unhelpful == Press("discord:1/2", 7, "unhelpful", ANN, "", "{}")
    assert again == Command("discord:1/2", "k", "again", ANN, 1.0, "7", "{}")


@pytest.mark.parametrize("custom_id", ["", "other", "maru:stop", "maru:stop:x", "maru:explode:7"])
def test_a_button_that_is_not_ours_says_nothing(custom_id: str) -> None:
    assert press(custom_id) is None


def test_a_custom_id_fits_with_the_longest_id_of_a_call() -> None:
    asked = Draft(questions=(Question(Call("c" * 64, "send", "{}"), 9.0),))
    rows = buttons.ended(turn(), asked, "en")
    assert all(len(one["custom_id"]) <= 100 for row in rows for one in row["components"])
