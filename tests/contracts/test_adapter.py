"""What every `Adapter` and its `Reply` promise; another platform adds one line to `PLATFORMS`."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import CoroutineType

import pytest

import bot
from bot.errors import FileRefused, PlatformUnreachable
from bot.events import Completed, Text
from bot.messages import Attachment
from bot.ports import Adapter
from bot.turns import Draft, Turn
from storage.sqlite.store import Store
from tests.contracts.platforms import PLATFORMS, asked
from tests.fakes.clock import ManualClock

OURS = tuple(str(Path(bot.__file__).parents[1] / name) for name in ("adapters", "bot"))


@dataclass
class Running:
    """An adapter that is connected, on a store with one claimed turn of its platform."""

    adapter: Adapter
    store: Store
    turn: Turn
    gone: str  # the `source` of a file that is not there any more


@pytest.fixture(params=PLATFORMS)
async def running(
    request: pytest.FixtureRequest, store: Store, clock: ManualClock, tmp_path: Path
) -> AsyncIterator[Running]:
    async with PLATFORMS[request.param](store, clock, tmp_path / "files") as place, asked(place, store):
        (turn,) = await store.turns.claim(1, {place.adapter.platform})
        yield Running(place.adapter, store, turn, place.gone)


def drafts(*words: str) -> list[Draft]:
    """The states of an answer while it grows, and its end."""
    growing = [Draft()]
    for word in words:
        growing.append(growing[-1].apply(Text(word)))
    return [*growing, growing[-1].apply(Completed())]


def tasks() -> set[asyncio.Task[object]]:
    """What runs now of Maru's own; the platform's fake has its tasks in the same loop."""
    return {task for task in asyncio.all_tasks() if _file(task.get_coro()).startswith(OURS)}


def _file(coroutine: object) -> str:
    return coroutine.cr_code.co_filename if isinstance(coroutine, CoroutineType) else ""


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
    before = tasks()
    for draft in drafts("a", "b"):
        async with running.adapter.reply(running.turn) as reply:
            reply.show(draft)
            reply.show(draft)
    await asyncio.sleep(0)
    assert tasks() <= before


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
    author = running.turn.author
    assert author.id.startswith(f"{running.adapter.platform}:")
    assert (await running.adapter.person(author)).kind == "member"


async def test_whispering_is_no_error_also_when_nobody_is_there_to_hear_it(running: Running) -> None:
    await running.adapter.whisper(running.turn.conversation, running.turn.origin, "psst")
    await running.adapter.whisper(running.turn.conversation, "{}", "psst")


async def test_history_of_a_new_conversation_is_empty(running: Running) -> None:
    first = running.turn.messages[0].position
    assert list(await running.adapter.history(running.turn.conversation, first, 10)) == []


async def test_a_file_that_is_not_there_is_refused_or_out_of_reach(running: Running) -> None:
    with pytest.raises((FileRefused, PlatformUnreachable)):
        await anext(running.adapter.fetch(Attachment("gone.txt", source=running.gone)))
