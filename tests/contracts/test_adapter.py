"""What every `Adapter` and its `Reply` promise; another platform adds one line."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from adapters.console.adapter import ConsoleAdapter
from adapters.web.adapter import WebAdapter
from bot.assistants import Assistant
from bot.errors import FileRefused, PlatformUnreachable
from bot.events import Completed, Text
from bot.files import Files
from bot.messages import Attachment, Author, Incoming, Receipt
from bot.ports import Adapter
from bot.turns import Draft, Turn
from storage.sqlite.store import Store
from tests.fakes.clock import ManualClock
from tests.fakes.people import message
from tests.fakes.square import Square, SquareAdapter

ASSISTANT = Assistant(name="maru", instructions="Be kind.")


def square(store: Store, _files: Files, clock: ManualClock) -> Adapter:
    return SquareAdapter(Square(), store.parts, clock)


def console(store: Store, files: Files, clock: ManualClock) -> Adapter:
    return ConsoleAdapter(store.archive, files, clock)


def web(store: Store, files: Files, clock: ManualClock) -> Adapter:
    async def healthy() -> dict[str, str]:
        return {}

    return WebAdapter(
        address=("127.0.0.1", 0),
        token=None,
        public_url="",
        archive=store.archive,
        file_rows=store.files,
        files=files,
        assistant=ASSISTANT,
        health=healthy,
        clock=clock,
    )


ADAPTERS: dict[str, Callable[[Store, Files, ManualClock], Adapter]] = {
    "square": square,
    "console": console,
    "web": web,
}


@dataclass
class Running:
    """An adapter that is connected, on a store with one claimed turn of its platform."""

    adapter: Adapter
    store: Store
    turn: Turn


@pytest.fixture(params=ADAPTERS)
async def running(
    request: pytest.FixtureRequest, store: Store, clock: ManualClock, tmp_path: Path
) -> AsyncIterator[Running]:
    adapter = ADAPTERS[request.param](store, Files(tmp_path / "files"), clock)

    async def receive(incoming: Incoming) -> Receipt:
        return await store.inbox.receive(incoming)

    task = asyncio.create_task(adapter.run(receive))
    while not adapter.ready:  # noqa: ASYNC110 - the port has no event for it
        await asyncio.sleep(0)
    await store.inbox.receive(message("hello", conversation=f"{adapter.platform}:room"))
    (turn,) = await store.turns.claim(1, {adapter.platform})
    yield Running(adapter, store, turn)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()


def drafts(*words: str) -> list[Draft]:
    """The states of an answer while it grows, and its end."""
    growing = [Draft()]
    for word in words:
        growing.append(growing[-1].apply(Text(word)))
    return [*growing, growing[-1].apply(Completed())]


async def test_its_name_begins_its_conversations(running: Running) -> None:
    assert running.adapter.platform.isalpha()
    assert ":" not in running.adapter.platform


async def test_a_reply_follows_a_draft_to_its_end_and_can_be_finished_twice(running: Running) -> None:
    *growing, last = drafts("Hello ", "there, ", "Ann.")
    async with running.adapter.reply(running.turn) as reply:
        for draft in growing:
            reply.show(draft)
        await reply.finish(last)
        await reply.finish(last)


async def test_a_reply_goes_on_in_another_life(running: Running) -> None:
    *growing, last = drafts("Hello ", "there.")
    async with running.adapter.reply(running.turn) as reply:
        reply.show(growing[1])
    again = replace(running.turn, draft=growing[1])
    async with running.adapter.reply(again) as reply:
        await reply.finish(last)


async def test_show_never_raises_and_leaving_early_leaves_no_task(running: Running) -> None:
    before = asyncio.all_tasks()
    for draft in drafts("a", "b"):
        async with running.adapter.reply(running.turn) as reply:
            reply.show(draft)
            reply.show(draft)
    await asyncio.sleep(0)
    assert {task for task in asyncio.all_tasks() - before if not task.done()} == set()


async def test_a_reply_that_is_cancelled_lets_go(running: Running) -> None:
    entered = asyncio.Event()

    async def answer() -> None:
        async with running.adapter.reply(running.turn) as reply:
            reply.show(drafts("Hello")[1])
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(answer())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_people_of_the_platform_are_known(running: Running) -> None:
    person = await running.adapter.person(Author(f"{running.adapter.platform}:ann", "Ann", "ko-KR"))
    assert person.kind == "member"


async def test_whispering_to_somebody_who_left_is_no_error(running: Running) -> None:
    await running.adapter.whisper(running.turn.conversation, "{}", "psst")


async def test_history_of_a_new_conversation_is_empty(running: Running) -> None:
    assert list(await running.adapter.history(running.turn.conversation, "0", 10)) == []


async def test_a_file_that_is_not_there_is_refused_or_out_of_reach(running: Running) -> None:
    chunks = running.adapter.fetch(Attachment("gone.txt", source='{"path": "/no/such/file"}'))
    with pytest.raises((FileRefused, PlatformUnreachable)):
        await anext(chunks)
