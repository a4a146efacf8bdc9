"""Connects the core to its database, its engine and its platforms: the same in the program and in tests."""

from collections.abc import Mapping, Sequence

from bot.assistants import Assistant
from bot.choice import choice
from bot.clock import Clock
from bot.core import Core
from bot.files import Files
from bot.functions import SEARCH, Function, Registry
from bot.holds import Holds
from bot.knowledge.attached import AttachedDocuments
from bot.knowledge.library import Library
from bot.knowledge.lookup import search_knowledge
from bot.knowledge.marks import Shown
from bot.policy import Policy
from bot.ports import Adapter, Engine
from bot.prices import Prices
from bot.scope import searchable
from bot.turns import Turn
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store

DEFAULT = "maru"  # the assistant of a conversation that has none of its own


def core_of(
    store: Store,
    files: Files,
    clock: Clock,
    *,
    adapters: Sequence[Adapter],
    engine: Engine,
    functions: Mapping[str, Function],
    assistants: Mapping[str, Assistant],
    policy: Policy,
    library: Library,
    marks: Shown,
    whole: int,
    admins: Sequence[str],
    librarians: Sequence[str],
    pins: Mapping[str, str],
    costs: Prices,
    holds: Holds,
) -> Core:
    """The core over one database; `whole` is how many characters of an attached document are sent."""

    async def searched(turn: Turn) -> Sequence[str]:
        return await searchable(core, turn, (await choice(core, turn.conversation)).assistant)

    search = search_knowledge(library, store.searches, marks, searched)
    core = Core(
        adapters={adapter.platform: adapter for adapter in adapters},
        engine=engine,
        functions=Registry(functions, clock, admins, own={SEARCH: search}),
        assistants=assistants,
        default=DEFAULT,
        librarians=tuple(librarians),
        pins=pins,
        policy=policy,
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
        documents=AttachedDocuments(SqliteIndex(store.database), store.threads, files, whole=whole),
        choices=store.choices,
        library=library,
        searches=store.searches,
        pasts=store.pasts,
        prices=costs,
        holds=holds,
    )
    return core
