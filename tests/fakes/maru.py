"""Maru's core on a real database, as every house runs it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from bot.assistants import Assistant
from bot.choice import choice
from bot.clock import Clock
from bot.core import Core
from bot.dispatcher import Dispatcher
from bot.files import Files
from bot.functions import SEARCH, Function, Registry
from bot.holds import Holds
from bot.knowledge.attached import AttachedDocuments
from bot.knowledge.library import Library
from bot.knowledge.lookup import search_knowledge
from bot.knowledge.marks import Shown
from bot.policy import Policy
from bot.ports import Adapter, Engine
from bot.scope import searchable
from bot.turns import Turn
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
    index = SqliteIndex(store.database)
    library = library or Library({"local": index}, store.collections, files, clock)

    async def searched(turn: Turn) -> Sequence[str]:
        return await searchable(core, turn, (await choice(core, turn.conversation)).assistant)

    search = search_knowledge(library, store.searches, marks or Shown(), searched)
    chosen = assistants or (Assistant(name="maru", instructions="Be kind.", functions=tuple(known)),)
    core = Core(
        adapters={adapter.platform: adapter},
        engine=engine,
        functions=Registry(known, clock, admins, own={SEARCH: search}),
        assistants=chosen if isinstance(chosen, Mapping) else {one.name: one for one in chosen},
        default="maru",
        librarians=tuple(librarians),
        pins=pins or {},
        policy=policy or Policy(),
        clock=clock,
        files=files,
        inbox=store.inbox,
        turns=store.turns,
        threads=store.threads,
        remotes=store.remotes,
        ledger=store.ledger,
        decisions=store.decisions,
        file_rows=store.files,
        archive=store.archive,
        documents=AttachedDocuments(index, store.threads, files),
        choices=store.choices,
        library=library,
        searches=store.searches,
        pasts=store.pasts,
        holds=holds or Holds(),
    )
    return core


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
