"""What the console tells its clients, against the real core and database."""

import os
from pathlib import Path

import pytest

from adapters.console.protocol import (
    Answer,
    Commanded,
    Deleted,
    FromClient,
    Hello,
    Interrupted,
    Notice,
    Pressed,
    Said,
    client_line,
)
from bot.events import (
    Completed,
    Started,
    Text,
)
from tests.fakes.console import Client, Maru
from tests.fakes.engine import Gate


@pytest.fixture
def maru(tmp_path: Path) -> Maru:
    return Maru(tmp_path)


async def test_a_file_is_kept_as_it_was_when_it_was_sent(maru: Maru) -> None:
    notes = maru.folder / "my notes.txt"
    notes.write_text("before")
    gate = Gate()
    maru.engine.script([gate, Completed()], [Text("seen"), Completed()])
    async with maru.running():
        client, _ = await Client.welcomed(maru)
        client.send(Said("k1", "first"))
        await gate.reached.wait()
        client.send(Said("k2", "look", (str(notes),)))
        received = [await client.received() for _ in range(2)]
        assert all(message.new for message in received)
        notes.write_text("after")
        gate.open()
        await client.answered()
        await client.answered()
        file = maru.engine.requests[-1].turn.messages[0].attachments[0]
        assert (file.name, file.media_type) == ("my notes.txt", "text/plain")
        assert await maru.files.read(file.digest) == b"before"
        await client.close()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("folder", "is a folder"),
        ("missing.txt", "cannot find"),
        ("pipe", "cannot read"),
        ("empty.txt", "empty"),
        ("big.csv", "too large"),
    ],
)
async def test_what_is_no_usable_file_is_refused_with_a_sentence(
    maru: Maru, name: str, sentence: str
) -> None:
    (maru.folder / "folder").mkdir()
    (maru.folder / "empty.txt").touch()
    with (maru.folder / "big.csv").open("wb") as big:
        big.truncate(50_000_001)
    os.mkfifo(maru.folder / "pipe")
    async with maru.running():
        client, _ = await Client.welcomed(maru)
        client.send(Said("k1", "look", (str(maru.folder / name),)))
        received = await client.received()
        assert not received.new
        assert name in received.problem
        assert sentence in received.problem
        await client.close()
    assert maru.engine.requests == []


@pytest.mark.parametrize("hello", [Hello("wrong", "main"), Hello("", "main"), Said("k", "hi")])
async def test_a_stranger_is_told_nothing(maru: Maru, hello: FromClient) -> None:
    async with maru.running():
        client, _ = await Client.connect(maru)
        client.send(hello)
        assert await client.read() is None
        await client.close()


async def test_a_web_page_that_tries_the_port_is_told_nothing(maru: Maru) -> None:
    async with maru.running():
        client, token = await Client.connect(maru)
        client.send_bytes(
            f"POST / HTTP/1.1\r\nHost: x\r\n\r\n{client_line(Hello(token, 'main')).decode()}".encode()
        )
        assert await client.read() is None
        await client.close()


async def test_the_same_message_sent_again_is_answered_once(maru: Maru) -> None:
    async with maru.running():
        client, _ = await Client.welcomed(maru)
        client.send(Said("k1", "one"))
        assert (await client.received()).new
        client.send(Said("k1", "one"))
        assert not (await client.received()).new
        await client.answered()
        client.send(Said("k2", "two"))
        assert (await client.answered()).draft.text == "You said: two"
        await client.close()


async def test_who_comes_later_is_told_what_it_missed(maru: Maru) -> None:
    async with maru.running():
        client, missed = await Client.welcomed(maru)
        assert missed == []
        for number in range(5):
            client.send(Said(f"k{number}", f"{number}"))
            await client.answered()
        await client.close()
        other, missed = await Client.welcomed(maru)
        assert [message.turn for message in missed if isinstance(message, Answer)] == [3, 4, 5]
        await other.close()
        other, missed = await Client.welcomed(maru, seen=1)
        assert [message.turn for message in missed if isinstance(message, Answer)] == [2, 3, 4, 5]
        await other.close()


async def test_who_comes_in_the_middle_of_an_answer_sees_it_so_far_and_to_its_end(maru: Maru) -> None:
    gate = Gate()
    maru.engine.script([Started("r"), Text("so far"), gate, Text(" and on"), Completed()])
    async with maru.running():
        client, _ = await Client.welcomed(maru)
        client.send(Said("k1", "one"))
        await gate.reached.wait()
        other, missed = await Client.welcomed(maru)
        assert [message.draft.text for message in missed if isinstance(message, Answer)] == ["so far"]
        gate.open()
        assert (await client.answered()).draft.text == "so far and on"
        assert (await other.answered()).draft.text == "so far and on"
        await client.close()
        await other.close()


async def test_a_stop_stops(maru: Maru) -> None:
    gate = Gate()
    maru.engine.script([Started("r"), Text("half"), gate])
    async with maru.running():
        client, _ = await Client.welcomed(maru)
        client.send(Interrupted("k0"))
        assert "nothing to stop" in (await client.received()).problem
        client.send(Said("k1", "one"))
        await gate.reached.wait()
        client.send(Interrupted("k2"))
        assert (await client.answered()).draft.end == "stopped"
        await client.close()


async def test_commands_are_answered_with_a_notice_about_them(maru: Maru) -> None:
    async with maru.running():
        client, _ = await Client.welcomed(maru)
        client.send(Commanded("k1", "reset"))
        notices = [message async for message in client.until(Notice)]
        assert notices[-1] == Notice("k1", "There was nothing to reset; we are at the beginning.")
        await client.close()


async def test_a_message_taken_back_is_gone(maru: Maru) -> None:
    async with maru.running():
        client, _ = await Client.welcomed(maru)
        client.send(Said("k1", "secret"))
        answer = await client.answered()
        client.send(Pressed("k2", answer.turn, "helpful"))
        assert not (await client.received()).problem
        client.send(Deleted("k3", "k1"))
        assert (await client.received()).new
        await client.close()
        client, missed = await Client.welcomed(maru)
        assert missed == []
        await client.close()
