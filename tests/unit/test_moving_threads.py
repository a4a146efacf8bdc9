"""The mapping of places to old threads, and histories as exchanges."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import MovingError
from bot.messages import Message
from bot.moving.mapping import read
from bot.moving.said import Answer, exchanges
from tests.fakes.people import message

PLACES = {"slack:T1/C1/171.2": "thread_a1", "discord:G1/C1": "thread_B-2"}


def test_json_and_csv_say_the_same(tmp_path: Path) -> None:
    texts = {
        "a.json": json.dumps(PLACES),
        "b.json": json.dumps([{"channel": place, "thread": old} for place, old in PLACES.items()]),
        "c.csv": "\n".join(f"{place}, {old}" for place, old in PLACES.items()),
        "d.csv": "place,thread\n\n" + "\n".join(f'"{place}/","{old}"' for place, old in PLACES.items()),
        "e.tsv": "\n".join(f"{place}\t{old}" for place, old in PLACES.items()),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8-sig")
        lines, problems = read(tmp_path / name)
        assert ({line.place: line.old for line in lines}, problems) == (PLACES, [])


def test_every_wrong_line_is_named_and_the_others_are_used(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text(
        "general,thread_1\nslack:T1/C1,conv_1\nslack:T1/C2\nslack:T1/C3,thread_3\nslack:T1/C3,thread_4"
    )
    lines, problems = read(path)
    assert [line.place for line in lines] == ["slack:T1/C3"]
    assert [problem.removeprefix(f"{path}:").partition(". ")[0] for problem in problems] == [
        "1: general is no place",
        "2: conv_1 is no old thread",
        "3: nothing is no old thread",
        f"5: slack:T1/C3 stands at {path}:4 already",
    ]


@pytest.mark.parametrize("text", ["{}", "[]", "7", "{", '"x"'])
def test_a_useless_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.json"
    path.write_text(text)
    with pytest.raises(MovingError, match=r"map\.json"):
        read(path)


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("slack:T1/C1," + "x" * 200_000)
    with pytest.raises(MovingError, match=r"map\.csv: is no CSV file"):
        read(path)


def test_what_people_said_up_to_an_answer_belongs_to_it() -> None:
    one, two, three = (message(text, number) for number, text in enumerate(("one", "two", "three")))
    said: list[Message | Answer] = [
        Answer("lost", 1.0),
        one,
        two,
        Answer("yes", 2.0),
        Answer(" and no ", 3.0),
        three,
        Answer(" ", 4.0),
    ]
    found = exchanges(said)
    assert [(exchange.messages, exchange.answer) for exchange in found] == [
        ((one, two), "yes\n\nand no"),
        ((three,), ""),
    ]
    assert exchanges([Answer("alone", 1.0)]) == ()
    assert exchanges([]) == ()
    assert exchanges([replace(one, text="")])[0].answer == ""
