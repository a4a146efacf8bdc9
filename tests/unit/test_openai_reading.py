"""Each kind of event and item becomes what people see of it."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.events import Activity, Citation, Completed, FileMade, Restarted, Source, Text
from bot.files import Files
from bot.openai.citations import Cited
from bot.openai.errors import ServiceError
from bot.openai.reading import Read, Reading
from bot.openai.sse import Json
from tests.fakes.openai import (
    Answer,
    Asks,
    Computes,
    Draws,
    FakeOpenAI,
    Looks,
    Play,
    Says,
    Searches,
    Thinks,
)
from tests.fakes.openai.talk import Talk, texts

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def test_what_is_said_in_passing_is_an_activity(talk: Talk, fake: FakeOpenAI) -> None:
    """Commentary is shown while it lasts, and is no part of the answer."""
    fake.script(Play((Says("I look it up.", "commentary"), Says("It is blue.", "final_answer"))))
    told = await talk.ask("which colour?")
    assert told.text == "It is blue."
    assert told.of(Activity)[-1] == Activity("thinking", "I look it up.")


async def test_two_messages_are_two_paragraphs(talk: Talk, fake: FakeOpenAI) -> None:
    """A model may answer in several."""
    fake.script(Play((Says("First."), Says("Second."))))
    assert (await talk.ask("go")).text == "First.\n\nSecond."


async def test_activities_follow_the_tools(talk: Talk, fake: FakeOpenAI) -> None:
    """People see what is being done."""
    talk.functions = {"weather": "sunny"}
    fake.script(
        Play(
            (
                Thinks("hm"),
                Searches("maru"),
                Looks("handbook"),
                Computes("1 + 1"),
                Draws(PNG),
                Asks("weather"),
            )
        ),
        Answer("done"),
    )
    told = await talk.ask("do everything")
    kinds = [activity.kind for activity in told.of(Activity)]
    assert list(dict.fromkeys(kinds)) == [
        "thinking",
        "browsing",
        "searching",
        "python",
        "drawing",
        "function",
    ]


async def test_citations_stand_where_they_belong(talk: Talk, fake: FakeOpenAI) -> None:
    """Their positions count from the beginning of the step, over several messages."""
    file = {"type": "file_citation", "file_id": "file-1", "filename": "handbook.md", "index": 6}
    url = {
        "type": "url_citation",
        "url": "https://example.org/a",
        "title": "A page",
        "start_index": 0,
        "end_index": 7,
    }
    fake.script(Play((Says("First."), Says("Second fact.", annotations=(file, url)))))
    told = await talk.ask("sources?")
    assert told.of(Citation) == [
        Citation(Source("file-1", "handbook.md"), len("First.\n\n") + 6),
        Citation(
            Source("https://example.org/a", "A page", url="https://example.org/a"), len("First.\n\n") + 7
        ),
    ]


async def test_a_picture_is_kept_before_it_is_named(talk: Talk, fake: FakeOpenAI, tmp_path: Path) -> None:
    """Its bytes are on the disk, and not in the thread."""
    fake.script(Play((Draws(PNG), Says("Here."))))
    told = await talk.ask("draw")
    (made,) = told.of(FileMade)
    assert (made.file.name, made.file.media_type, made.file.role) == ("picture.png", "image/png", "picture")
    assert await Files(tmp_path / "files").read(made.file.digest) == PNG
    assert isinstance(told.last, Completed)
    assert base64.b64encode(PNG).decode() not in str(told.last.items)


async def test_a_file_of_the_models_python_is_fetched(talk: Talk, fake: FakeOpenAI, tmp_path: Path) -> None:
    """The link in the text leads to it, and its container has a name here."""
    text = "See [the table](sandbox:/mnt/data/table.csv)."
    citation = {
        "type": "container_file_citation",
        "container_id": "cntr_1",
        "file_id": "cfile_1",
        "filename": "table.csv",
        "start_index": 4,
        "end_index": len(text) - 1,
    }
    computes = Computes("x", files=(("cfile_1", "table.csv", b"a,b\n1,2\n"),))
    fake.script(Play((computes, Says(text, annotations=(citation,)))))
    told = await talk.ask("a table")
    (made,) = told.of(FileMade)
    assert (made.file.name, made.link) == ("table.csv", "sandbox:/mnt/data/table.csv")
    assert await Files(tmp_path / "files").read(made.file.digest) == b"a,b\n1,2\n"
    assert "container" in await talk.made(told.turn)


async def test_a_file_that_cannot_be_fetched_does_not_spoil_the_answer(talk: Talk, fake: FakeOpenAI) -> None:
    """The container may have expired."""
    citation = {
        "type": "container_file_citation",
        "container_id": "cntr_9",
        "file_id": "cfile_9",
        "filename": "gone.csv",
        "start_index": 0,
        "end_index": 3,
    }
    fake.script(Play((Says("See it.", annotations=(citation,)),)))
    told = await talk.ask("a table")
    assert told.text == "See it."
    assert not told.of(FileMade)


# -- what the fake does not do -----------------------------------------------------------------


def numbered(*events: Json) -> Iterator[Json]:
    for number, event in enumerate(events):
        yield {"sequence_number": number, **event}


def message(text: str = "", **more: Any) -> Json:
    parts = [{"type": "output_text", "text": text, "annotations": []}] if text else []
    return {"id": "msg_1", "type": "message", "role": "assistant", "content": parts, **more}


def read(*events: Json) -> tuple[Reading, list[Read]]:
    reading = Reading()
    return reading, [read for event in numbered(*events) for read in reading.feed(event)]


def over(**more: Any) -> Json:
    return {"type": "response.completed", "response": {"id": "resp_1", "status": "completed", **more}}


def test_types_nobody_knows_are_passed_over() -> None:
    """A newer service must not break an older Maru."""
    reading, reads = read(
        {"type": "response.hologram.delta", "delta": "x"},
        {"type": "response.output_item.added", "item": {"id": "h_1", "type": "hologram"}},
        {"type": "response.output_item.done", "item": {"id": "h_1", "type": "hologram"}},
        over(),
    )
    assert reads == []
    assert reading.status == "completed"
    assert [(item.kind, item.remote_id) for item in reading.items] == [("hologram", "h_1")]


def test_a_server_that_only_tells_the_end() -> None:
    """Text, sources and calls are taken from the finished response."""
    call = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": ""}
    cited = {"type": "file_citation", "file_id": "file-1", "filename": "a.md", "index": 2}
    part = {"type": "output_text", "text": "whole", "annotations": [cited]}
    reading, reads = read(over(output=[message(content=[part]), call]))
    assert reads == [Text("whole"), Cited("file-1", "a.md", 2, "wh")]
    assert [(made.id, made.arguments) for made in reading.calls] == [("call_1", "{}")]


def test_commentary_that_is_called_so_only_at_its_end() -> None:
    """It is taken back, and the rest stays."""
    reading, reads = read(
        {"type": "response.output_item.added", "item": message()},
        {"type": "response.output_text.delta", "item_id": "msg_1", "content_index": 0, "delta": "Hm."},
        {"type": "response.output_item.done", "item": message("Hm.", phase="commentary")},
        {"type": "response.output_item.done", "item": message("Blue.", id="msg_2", phase="final_answer")},
        over(),
    )
    assert Restarted() in reads
    assert texts([event for event in reads if isinstance(event, Text | Restarted)]) == "Blue."
    assert reading.said


def test_an_event_told_twice_counts_once() -> None:
    """At the seam of two connections."""
    delta = {"type": "response.output_text.delta", "item_id": "msg_1", "content_index": 0, "delta": "x"}
    reading = Reading()
    reads = [read for _ in range(2) for read in reading.feed({"sequence_number": 4, **delta})]
    assert reads == [Text("x")]


def test_a_citation_told_twice_counts_once() -> None:
    """As an event, and again in the finished item."""
    cited = {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 1}
    part = {"type": "output_text", "text": "x", "annotations": [cited]}
    place = {"item_id": "msg_1", "content_index": 0}
    _, reads = read(
        {"type": "response.output_item.added", "item": message()},
        {"type": "response.output_text.delta", **place, "delta": "x"},
        {"type": "response.output_text.annotation.added", **place, "annotation": cited},
        {"type": "response.output_item.done", "item": message(content=[part])},
    )
    assert len([event for event in reads if isinstance(event, Citation)]) == 1


def test_an_answer_without_usage_or_sequence_numbers() -> None:
    """As some compatible servers send it."""
    reading = Reading()
    list(reading.feed({"type": "response.created", "response": {"id": "resp_1"}}))
    list(reading.feed({**over(output=[message("hi")]), "sequence_number": None}))
    assert (reading.number, reading.usage, reading.response) == (None, None, "resp_1")


def test_a_failed_response_is_an_error_with_its_code() -> None:
    """Also with a code that no type lists."""
    with pytest.raises(ServiceError) as caught:
        read(
            {"type": "response.failed", "response": {"id": "r", "status": "failed", "error": {"code": "new"}}}
        )
    assert caught.value.code == "new"


def test_items_are_kept_as_json_that_can_be_sent_again() -> None:
    """Without nothings and log probabilities."""
    part = {"type": "output_text", "text": "x", "annotations": [], "logprobs": []}
    reading, _ = read(over(output=[message(content=[part], phase=None)]))
    (item,) = reading.items
    assert json.loads(item.body) == {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "x", "annotations": []}],
    }
