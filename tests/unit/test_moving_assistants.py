"""Assistants of the old API become files of Maru's; nothing is lost without a word, or pretends to work."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import function_files
from bot.assistants import Assistant
from bot.errors import MovingError
from bot.events import Call
from bot.files import Files
from bot.functions import Registry
from bot.moving import assistants_api
from bot.moving.assistants_api import OldAssistant, OldFunction
from bot.moving.drafts import draft, file_name
from bot.moving.profiles import profiles
from bot.moving.successors import table
from bot.moving.toml import written
from bot.turns import Turn
from tests.fakes.clock import ManualClock
from tests.fakes.people import message

WORDS = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)
SCHEMA = {
    "type": "object",
    "properties": {
        "verbose": {"type": "boolean"},
        "unit": {"type": "string", "enum": ["kg", "lb"], "default": "kg"},
        "order-id": {"type": "string", "description": 'Its "number"'},
        "class": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
        "where": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "day": {"type": "string", "format": "date"}},
            "required": ["city"],
        },
        "count": {"type": ["integer", "null"], "minimum": 1},
        "labels": {"type": "object", "additionalProperties": {"type": "number"}},
        "anything": {},
    },
    "required": ["order-id", "count"],
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/Node"}},
            "required": ["name"],
        }
    },
}


def old(**more: Any) -> OldAssistant:
    return OldAssistant.model_validate(
        {"id": "asst_1", "model": "gpt-5.6-sol", "name": "Helper", "instructions": "Help.", **more}
    )


def moved(**more: Any) -> tuple[Assistant, str]:
    """The assistant, and what the operator is told."""
    [profile] = profiles([old(**more)])
    return profile.assistant, "\n".join(profile.notes)


def problem(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MovingError) as caught:
        assistants_api.read(path)
    return str(caught.value)


def test_one_a_list_and_an_array_are_read(tmp_path: Path) -> None:
    one = {"id": "asst_1", "object": "assistant", "model": "gpt-4o", "tools": []}
    for value in (one, {"object": "list", "data": [one]}, [one]):
        path = tmp_path / "old.json"
        path.write_text(json.dumps(value), encoding="utf-8-sig")
        assert [assistant.id for assistant in assistants_api.read(path)] == ["asst_1"]


def test_a_wrong_file_is_reported_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    assert f"{path}:2:1: not valid JSON" in problem(path, '{"id": 1,\n')
    assert "data[1].tools.0.type: Field required." in problem(
        path, json.dumps({"object": "list", "data": [{"id": "a", "model": "m"}, {"id": "b", "tools": [{}]}]})
    )
    assert "data[1].model: Field required." in problem(
        path, json.dumps({"object": "list", "data": [{"id": "a", "model": "m"}, {"id": "b"}]})
    )
    assert "this is a thread, not an assistant" in problem(path, '{"object": "thread"}')
    assert "no JSON object" in problem(path, "7")
    assert "the list is empty" in problem(path, "[]")
    assert "id: String should match" in problem(path, '{"id": "", "model": "m"}')
    assert "half a character, \\ud800" in problem(path, '{"id": "a", "model": "m", "name": "\\ud800"}')
    assert "thousands of digits" in problem(path, '{"id": "a", "model": "m", "top_p": ' + "1" * 5_000 + "}")
    with pytest.raises(MovingError, match="cannot be read"):
        assistants_api.read(tmp_path / "none.json")


def test_a_model_that_ends_gives_way_to_its_successor_and_others_stay() -> None:
    luna, told = moved(model="gpt-4o-2024-08-06")
    assert luna.model == "gpt-6-luna"
    assert "gpt-4o-2024-08-06 ends on 2027-01-14" in told
    assert "gpt-6-luna" in told
    assert moved(model="gpt-4o-2024-05-13")[0].model == "gpt-5.6-sol"
    known = moved(model="gpt-5.6-sol")
    assert (known[0].model, known[1]) == ("gpt-5.6-sol", "")
    nobody, told = moved(model="gpt-5.1")
    assert nobody.model == ""
    assert "MARU_MODEL answers" in told
    assert moved(model="ft:gpt-4o-mini-2024-07-18:acme::id")[0].model == "gpt-6-luna"


def test_no_successor_has_a_successor_itself() -> None:
    known = table().models
    assert not {ending.successor for ending in known.values()} & known.keys()
    assert all(ending.shutdown.year >= 2025 for ending in known.values())


def test_tools_and_functions_are_taken_over() -> None:
    tools = [
        {"type": "code_interpreter"},
        {"type": "file_search", "file_search": {"max_num_results": 20}},
        {"type": "function", "function": {"name": "get-order", "parameters": {}}},
    ]
    resources = {
        "file_search": {"vector_store_ids": ["vs_1"]},
        "code_interpreter": {"file_ids": ["file-1"]},
    }
    assistant, told = moved(tools=tools, tool_resources=resources)
    assert assistant.tools == ("python",)
    assert assistant.functions == ("get_order",)
    assert assistant.knowledge == ("helper",)
    assert "vs_1: stays at OpenAI and costs money" in told
    assert "`maru knowledge add helper FOLDER`" in told
    assert "file-1: stays at OpenAI" in told
    assert "get-order: is called get_order now" in told
    assert moved(tools=[])[0].tools == ()
    assert moved(tools=[{"type": "retrieval"}])[0].knowledge == ("helper",)


def test_what_has_no_place_here_is_named() -> None:
    assistant, told = moved(
        temperature=0.2,
        top_p=1.0,
        response_format={"type": "json_object"},
        reasoning_effort="minimal",
        metadata={"team": "x"},
        tools=[{"type": "browser"}],
        instructions=" ",
    )
    for gone in ("temperature = 0.2", "response_format", "reasoning_effort = minimal", "metadata", "browser"):
        assert gone in told
    assert "top_p" not in told
    assert assistant.instructions == "You are Helper."
    assert "instructions: it had none" in told
    assert moved(reasoning_effort="high")[0].effort == "high"


def test_each_gets_a_name_that_can_be_typed() -> None:
    found = [
        old(id="asst_aaaaaa1", name="Math & More"),
        old(id="asst_bbbbbb2", name="math more"),
        old(id="asst_c", name="수학"),
    ]
    assert [profile.assistant.name for profile in profiles(found)] == [
        "math-more-aaaaa1",
        "math-more-bbbbb2",
        "asst-c",
    ]


@given(WORDS, WORDS)
def test_what_is_written_reads_back_the_same(instructions: str, description: str) -> None:
    """Also with quotes, backslashes and control characters; line ends become plain ones."""
    assistant = Assistant(
        name="helper", instructions=instructions, description=description[:500], tools=(), functions=("f",)
    )
    text = written(assistant, description)
    plain = assistant.instructions.replace("\r\n", "\n")
    assert Assistant.model_validate(tomllib.loads(text)) == assistant.model_copy(
        update={"instructions": plain}
    )


def drafted(folder: Path, *, ready: bool) -> dict[str, Any]:
    """The functions of a folder with a draft, whose underscore is there or was taken away."""
    function = OldFunction(name="get-order", description='Look "it" up.', parameters=SCHEMA)
    name = file_name(function)
    (folder / (name.lstrip("_") if ready else name)).write_text(draft(function), encoding="utf-8")
    return dict(function_files.load(folder, Files(folder / "files"), {}))


def test_a_draft_is_no_function_until_somebody_makes_it_one(tmp_path: Path) -> None:
    assert drafted(tmp_path, ready=False) == {}


async def test_a_draft_takes_what_the_old_function_took(tmp_path: Path) -> None:
    [(name, function)] = drafted(tmp_path, ready=True).items()
    schema = json.loads(function.declaration.parameters)
    assert name == "get_order"
    assert function.declaration.description == 'Look "it" up.'
    assert set(schema["properties"]) == set(SCHEMA["properties"])
    assert schema["required"] == ["order-id", "count"]
    assert schema["properties"]["order-id"] == {"type": "string", "description": 'Its "number"'}
    assert schema["properties"]["unit"]["enum"] == ["kg", "lb"]
    assert schema["properties"]["labels"]["anyOf"][0]["additionalProperties"] == {"type": "number"}
    assert set(schema["$defs"]) == {"Node", "GetOrderWhere"}


async def test_a_draft_that_nobody_wrote_says_so_when_it_is_called(tmp_path: Path) -> None:
    registry = Registry(drafted(tmp_path, ready=True), ManualClock())
    assistant = Assistant(name="helper", instructions="Help.", functions=("get_order",))
    arguments = json.dumps({"order-id": "1", "count": 2})
    outcome = await registry.run(
        Call("c", "get_order", arguments), Turn(1, "web:room", (message(),)), assistant
    )
    assert outcome.status == "failed"
    assert "get_order is not written yet." in outcome.output


@pytest.mark.parametrize("schema", [{}, {"type": "object"}, {"properties": {"x": 7}}, {"properties": []}])
def test_a_poor_schema_still_makes_a_function(tmp_path: Path, schema: dict[str, Any]) -> None:
    function = OldFunction(name="2fast", parameters=schema)
    (tmp_path / "own.py").write_text(draft(function), encoding="utf-8")
    assert list(function_files.load(tmp_path, Files(tmp_path / "files"), {})) == ["call_2fast"]


def deep(kind: str, inner: str) -> dict[str, Any]:
    """A type within a type within a type."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(300):
        schema = {"type": kind, inner: {"a": schema} if inner == "properties" else schema}
    return {"properties": {"a": schema}}


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a-b": {}, "a_b": {"type": "string"}, "a.b": {}}},
        {"properties": {"²": {}, "x①": {}, "": {}}},
        {"properties": {"a": {"type": ["string", ["x"]]}}, "required": [["a"]]},
        deep("object", "properties"),
        deep("array", "items"),
    ],
    ids=["alike", "no letters", "lists", "objects", "arrays"],
)
def test_an_odd_schema_makes_a_function_too(tmp_path: Path, schema: dict[str, Any]) -> None:
    function = OldFunction(name="odd", parameters=schema)
    (tmp_path / "own.py").write_text(draft(function), encoding="utf-8")
    assert list(function_files.load(tmp_path, Files(tmp_path / "files"), {})) == ["odd"]
