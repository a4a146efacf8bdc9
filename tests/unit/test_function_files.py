"""Any typed Python function of a folder becomes one of the model; a wrong file is reported with its line."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.assistants import Assistant
from bot.errors import FunctionError
from bot.events import Call, Outcome
from bot.files import Files
from bot.function_files import load
from bot.functions import Function, Registry
from bot.turns import Turn
from tests.fakes.clock import ManualClock
from tests.fakes.people import ANN, BEN, message

GREET = '''
def greet(name: str) -> str:
    """Greet somebody."""
    return f"Hello, {name}!"
'''
TURN = Turn(7, "web:room", (message(), message("hi", 2, author=BEN)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "functions"
    made.mkdir()
    return made


def write(folder: Path, text: str, name: str = "own.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, settings: Mapping[str, str] | None = None) -> dict[str, Function]:
    return load(folder, Files(folder.parent / "files"), settings or {})


async def call(folder: Path, name: str, /, **arguments: object) -> Outcome:
    functions = loaded(folder, {"COLOUR": "blue"})
    registry = Registry(functions, ManualClock())
    assistant = Assistant(name="maru", instructions="Be kind.", functions=tuple(functions))
    return await registry.run(Call("c", name, json.dumps(arguments)), TURN, assistant)


def parameters(folder: Path, name: str) -> Any:
    return json.loads(loaded(folder)[name].declaration.parameters)


def problem(folder: Path) -> str:
    with pytest.raises(FunctionError) as caught:
        loaded(folder)
    return str(caught.value)


async def test_a_typed_function_becomes_one_of_the_model(folder: Path) -> None:
    write(folder, GREET)
    declaration = loaded(folder)["greet"].declaration
    assert (declaration.name, declaration.description, declaration.strict) == (
        "greet",
        "Greet somebody.",
        True,
    )
    assert json.loads(declaration.parameters) == {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    assert await call(folder, "greet", name="Ann") == Outcome("c", "done", "Hello, Ann!")


async def test_private_and_imported_functions_are_left_out(folder: Path) -> None:
    write(folder, "from json import dumps\ndef _hidden(x): ...\n" + GREET)
    write(folder, "nothing that is Python", "_notes.py")
    assert set(loaded(folder)) == {"greet"}


async def test_asynchronous_functions_and_rich_types_work(folder: Path) -> None:
    write(
        folder,
        """
from __future__ import annotations
from datetime import date
from typing import Annotated, Literal
from pydantic import BaseModel

class Trip(BaseModel):
    to: str
    on: date

How = Annotated[Literal["bus", "train"], "The way to travel"]

async def book(trips: list[Trip], how: How) -> dict[str, str]:
    "Book."
    return {trip.to: f"{trip.on:%d.%m.} by {how}" for trip in trips}
""",
    )
    schema = parameters(folder, "book")
    assert schema["properties"]["how"] == {
        "type": "string", "enum": ["bus", "train"], "description": "The way to travel"
    }  # fmt: skip
    assert schema["$defs"]["Trip"]["additionalProperties"] is False
    assert loaded(folder)["book"].declaration.strict
    done = await call(folder, "book", trips=[{"to": "Busan", "on": "2026-12-01"}], how="train")
    assert json.loads(done.output) == {"Busan": "01.12. by train"}


async def test_a_default_stands_for_null_because_strict_schemas_leave_nothing_out(folder: Path) -> None:
    write(folder, 'def times(word: str, count: int = 2) -> str:\n    "Repeat."\n    return word * count\n')
    schema = parameters(folder, "times")
    assert schema["required"] == ["word", "count"]
    assert schema["properties"]["count"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert (await call(folder, "times", word="ha", count=None)).output == "haha"
    assert (await call(folder, "times", word="ha", count=3)).output == "hahaha"
    assert (await call(folder, "times", word="ha")).output == "haha"


async def test_what_strict_mode_cannot_say_is_declared_without_it(folder: Path) -> None:
    write(
        folder,
        'def total(prices: dict[str, float]) -> float:\n    "Add up."\n    return sum(prices.values())\n',
    )
    assert not loaded(folder)["total"].declaration.strict
    assert (await call(folder, "total", prices={"tea": 2, "rice": 3})).output == "5.0"


async def test_wrong_arguments_are_told_to_the_model(folder: Path) -> None:
    write(folder, 'def age(years: int, name: str) -> str:\n    "Age."\n    return "old"\n')
    outcome = await call(folder, "age", years="many", colour="red")
    told = json.loads(outcome.output)["error"]
    assert outcome.status == "failed"
    assert "years: Input should be a valid integer" in told
    assert "name: Field required." in told
    assert "colour: Extra inputs are not permitted." in told


async def test_an_error_of_a_function_is_told_to_the_model(folder: Path) -> None:
    write(folder, 'def stop() -> str:\n    "Stop."\n    return next(iter([]))\n')
    assert "StopIteration" in (await call(folder, "stop")).output


async def test_a_function_gets_the_context_it_asks_for_and_the_model_never_sees_it(folder: Path) -> None:
    write(
        folder,
        "from bot.authoring import Context\n"
        'def who(context: Context) -> list[str]:\n    "Who?"\n    return [context.author.name, context.turn,'
        ' context.conversation, *(a.id for a in context.authors), context.settings["COLOUR"]]\n',
    )
    assert parameters(folder, "who")["properties"] == {}
    assert json.loads((await call(folder, "who")).output) == [
        "Ben", "T7", "web:room", ANN.id, BEN.id, "blue"
    ]  # fmt: skip


async def test_options_are_set_by_the_decorator(folder: Path) -> None:
    write(
        folder,
        "from threading import Event\nfrom bot.authoring import function\n"
        '@function(approval=True, deciders=["slack:T1/U1"], time_limit=0.05)\n'
        'def hang() -> str:\n    "Hang."\n    Event().wait()\n    return ""\n',
    )
    hang = loaded(folder)["hang"]
    assert (hang.approval, hang.deciders, hang.time_limit) == (True, ("slack:T1/U1",), 0.05)
    outcome = await call(folder, "hang")  # in a thread that nobody can end
    assert outcome.status == "failed"
    assert "longer than 0.05 seconds" in outcome.output


async def test_a_result_may_carry_files(folder: Path) -> None:
    write(
        folder,
        "from bot.authoring import Answer, NewFile\n"
        'def report() -> Answer:\n    "Report."\n'
        '    return Answer({"rows": 1}, [NewFile("r.csv", b"a,b"), NewFile("p.png", b"png")])\n'
        'def note() -> NewFile:\n    "Note."\n    return NewFile("n.txt", b"hi")\n',
    )
    report = await call(folder, "report")
    assert report.output == '{"rows":1}'
    assert [(f.name, f.media_type, f.size, f.role) for f in report.files] == [
        ("r.csv", "text/csv", 3, "file"), ("p.png", "image/png", 3, "picture")
    ]  # fmt: skip
    assert await Files(folder.parent / "files").read(report.files[0].digest) == b"a,b"
    note = await call(folder, "note")
    assert [file.name for file in note.files] == ["n.txt"]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("x = 1\ndef broken(:\n", 2, "SyntaxError"),
        ("x = 1\n\nraise RuntimeError('no')\n", 3, "RuntimeError: no. Mend that place."),
        ("import nothing_like_it\n", 1, "ModuleNotFoundError"),
        ("import sys\nsys.exit()\n", 2, "SystemExit"),
        ("\ndef f(a) -> str:\n    'Doc.'\n", 2, "a has no type. Give it one"),
        ("\ndef f(a: int) -> str: ...\n", 2, "no docstring. Say in one what it does"),
        ("def f(*a: int) -> str:\n    'Doc.'\n", 1, "Name each parameter"),
        ("def f(a: 'Missing') -> str:\n    'Doc.'\n", 1, "cannot be understood"),
        ("def f(a: 'two words') -> str:\n    'Doc.'\n", 1, "cannot be understood"),
        ("def f(a: '1 / 0') -> str:\n    'Doc.'\n", 1, "division by zero"),
        ("def f(a: {'n': int}) -> str:\n    'Doc.'\n", 1, "Use plainer types"),
        ("class C: ...\ndef f(a: C) -> str:\n    'Doc.'\n", 2, "Use plainer types"),
        ("def grüße(a: str) -> str:\n    'Doc.'\n", 1, "cannot call it so"),
    ],
)
def test_a_wrong_file_is_reported_with_line_and_remedy(folder: Path, text: str, line: int, says: str) -> None:
    path = write(folder, text)
    assert problem(folder).startswith(f"{path}:{line}: ")
    assert says in problem(folder)


def test_every_wrong_file_is_reported_at_once(folder: Path) -> None:
    write(folder, GREET, "good.py")
    write(folder, "1 +\n", "one.py")
    write(folder, GREET, "two.py")
    assert [Path(line.split(":")[0]).name for line in problem(folder).splitlines()] == ["one.py", "two.py"]
    assert "already a function greet" in problem(folder)


def test_a_changed_file_is_read_again_even_within_one_second(folder: Path) -> None:
    write(folder, GREET)
    assert set(loaded(folder)) == {"greet"}
    write(folder, GREET.replace("greet", "hallo"))
    assert set(loaded(folder)) == {"hallo"}


def test_an_installed_package_brings_functions(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an entry point for a module or for one function."""
    site = tmp_path / "site"
    (site / "maru_tea-1.dist-info").mkdir(parents=True)
    (site / "maru_tea_for_test.py").write_text(GREET, encoding="utf-8")
    (site / "maru_tea-1.dist-info" / "METADATA").write_text("Name: maru_tea\nVersion: 1\n", encoding="utf-8")
    points = site / "maru_tea-1.dist-info" / "entry_points.txt"
    points.write_text("[maru.functions]\ntea = maru_tea_for_test\n", encoding="utf-8")
    monkeypatch.syspath_prepend(site)
    assert set(loaded(folder)) == {"greet"}
    points.write_text("[maru.functions]\ntea = maru_tea_for_test:greet\n", encoding="utf-8")
    assert set(loaded(folder)) == {"greet"}
    points.write_text("[maru.functions]\ntea = maru_no_such\n", encoding="utf-8")
    assert problem(folder).startswith("maru_no_such: cannot be loaded (ModuleNotFoundError")


def test_the_functions_of_the_guide_work(folder: Path) -> None:
    """Every Python example of docs/assistants.md, as it stands there."""
    guide = (Path(__file__).parent.parent.parent / "docs/assistants.md").read_text(encoding="utf-8")
    for number, example in enumerate(re.findall(r"```python\n(.*?)```", guide, re.DOTALL)):
        write(folder, example, f"example{number}.py")
    functions = loaded(folder)
    assert set(functions) == {"price_of", "export_orders", "cancel_order"}
    assert functions["cancel_order"].approval
