"""What a client sends, on the wire and as the event that the core knows."""

import asyncio
from typing import cast

import pytest

from adapters.console.audience import Outbox
from adapters.console.client.start import locale_of
from adapters.console.parse import parse, position
from adapters.console.protocol import (
    FROM_CLIENT,
    FROM_SERVER,
    Answer,
    Asked,
    Commanded,
    Deleted,
    Edited,
    FromClient,
    FromServer,
    Hello,
    Interrupted,
    Notice,
    Pressed,
    Received,
    Request,
    Said,
    Welcome,
    client_line,
    server_line,
)
from bot.messages import Attachment, Author, Command, Delete, Edit, Incoming, Message, Press, Stop
from bot.turns import Draft

ANN = Author("console:ann", "ann", "ko-KR")
ROOM = "console:main"
FILE = Attachment("a.pdf", digest="d" * 64)


@pytest.mark.parametrize(
    ("request_", "incoming"),
    [
        (
            Said("k1", "hi", ("/a.pdf",)),
            Message(
                ROOM, ("console:k1",), position(5.0), ANN, "hi", 5.0, (FILE,), '{"key": "k1"}', private=True
            ),
        ),
        (Edited("k2", "k1", "new"), Edit(ROOM, ("console:k1",), "new", 5.0)),
        (Deleted("k3", "k1"), Delete(ROOM, ("console:k1",))),
        (Pressed("k4", 7, "approve", "c1"), Press(ROOM, 7, "approve", ANN, "c1", '{"key": "k4"}')),
        (Commanded("k5", "reset"), Command(ROOM, "console:k5", "reset", ANN, 5.0, "", '{"key": "k5"}')),
        (Interrupted("k6"), Stop(ROOM, ANN)),
    ],
)
def test_a_request_becomes_the_common_event(request_: Request, incoming: Incoming) -> None:
    assert parse(request_, ROOM, ANN, 5.0, [FILE]) == incoming


def test_later_messages_sort_behind_earlier_ones() -> None:
    assert position(9.999999) < position(10.0) < position(1_800_000_000.0)


@pytest.mark.parametrize(
    "message", [Hello("t", "main", "ko", 3), Said("k", "줄\n둘", ("/x",)), Interrupted("k")]
)
def test_what_a_client_says_is_one_line_and_read_back(message: FromClient) -> None:
    line = client_line(message)
    assert line.count(b"\n") == 1
    assert FROM_CLIENT.validate_json(line) == message


@pytest.mark.parametrize(
    "message",
    [
        Welcome(),
        Received("k", turn=3),
        Notice("k", "done"),
        Answer(1, "T1", (Asked("k", "hi", ("a.pdf",)),), Draft(text="a\nb"), "ko", ("/x",)),
    ],
)
def test_what_the_server_says_is_one_line_and_read_back(message: FromServer) -> None:
    line = server_line(message)
    assert line.count(b"\n") == 1
    assert FROM_SERVER.validate_json(line) == message


class Sink:
    """A stream that collects."""

    def __init__(self) -> None:
        self.lines: list[FromServer] = []
        self.drained = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.lines.append(FROM_SERVER.validate_json(data))

    async def drain(self) -> None:
        self.drained.set()


async def test_a_slow_client_is_told_only_the_newest_state_of_an_answer() -> None:
    outbox, sink = Outbox(), Sink()
    for text in ("a", "ab", "abc"):
        outbox.put(Answer(1, "T1", (), Draft(text=text), "en"))
    outbox.put(Notice("k", "note"))
    outbox.put(Answer(2, "T2", (), Draft(text="x"), "en"))
    outbox.begin([Answer(1, "T1", (), Draft(text="a"), "en"), Welcome()])
    sending = asyncio.create_task(outbox.send(cast("asyncio.StreamWriter", sink)))
    await sink.drained.wait()
    sending.cancel()
    assert [line.draft.text if isinstance(line, Answer) else line.kind for line in sink.lines] == [
        "abc", "welcome", "notice", "x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko-KR"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en-US"),
        ({"LANG": "C.UTF-8"}, ""),
        ({}, ""),
    ],
)
def test_the_locale_comes_from_the_environment(environment: dict[str, str], locale: str) -> None:
    assert locale_of(environment) == locale
