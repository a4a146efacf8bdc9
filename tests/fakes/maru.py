"""Maru's core on a real database, as every house runs it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from bot import wiring
from bot.assistants import Assistant
from bot.clock import Clock
from bot.core import Core
from bot.dispatcher import Dispatcher
from bot.files import Files
from bot.functions import Function
from bot.holds import Holds
from bot.knowledge.attached import WHOLE
from bot.knowledge.library import Library
from bot.knowledge.marks import Shown
from bot.policy import Policy
from bot.ports import Adapter, Engine
from bot.prices import load
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store


def core_of(
    store: Store,
    files: Files,
    clock: Clock,
    adapter: Adapter,
    engine: Engine,
    *,
    functions: Mapping[str, Function] | None = None,
    assistants: Sequence[Assistant] | Mapping[str, Assistant] = (),
    policy: Policy | None = None,
    pins: Mapping[str, str] | None = None,
    admins: Sequence[str] = (),
    librarians: Sequence[str] = (),
    library: Library | None = None,
    marks: Shown | None = None,
    holds: Holds | None = None,
) -> Core:
    """The core with one platform; without `assistants` there is one that may call every function.

    Given by name, they may change while it runs.
    """
    known = functions or {}
    chosen = assistants or (Assistant(name="maru", instructions="Be kind.", functions=tuple(known)),)
    local = {"local": SqliteIndex(store.database)}
    return wiring.core_of(
        store,
        files,
        clock,
        adapters=[adapter],
        engine=engine,
        functions=known,
        assistants=chosen if isinstance(chosen, Mapping) else {one.name: one for one in chosen},
        policy=policy or Policy(),
        library=library or Library(local, store.collections, files, clock),
        marks=marks or Shown(),
        whole=WHOLE,
        admins=admins,
        librarians=librarians,
        pins=pins or {},
        costs=load(),
        holds=holds or Holds(),
    )


@asynccontextmanager
async def running(core: Core, adapter: Adapter) -> AsyncIterator[asyncio.Task[None]]:
    """The adapter and the dispatcher run while entered; yields the adapter's task, and ends without grace."""
    dispatcher = Dispatcher(core)
    answering = asyncio.create_task(dispatcher.run())
    connected = asyncio.create_task(adapter.run(dispatcher.receive))
    try:
        yield connected
    finally:
        for task in (answering, connected):
            task.cancel()
        ended = await asyncio.gather(answering, connected, return_exceptions=True)
        await core.documents.close()
        for error in ended:
            if isinstance(error, Exception):
                raise error
