"""Maru's whole core, with a scripted engine, on a platform in memory and a real database."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pytest

from bot.assistants import Assistant
from bot.core import Core
from bot.dispatcher import Dispatcher
from bot.files import Files
from bot.functions import Function
from bot.messages import Incoming, Receipt
from bot.policy import Policy
from bot.ports import Engine
from storage.sqlite.store import Store
from tests.fakes.clock import ManualClock
from tests.fakes.doom import Doom, DoomedTurns
from tests.fakes.engine import ScriptedEngine, echo
from tests.fakes.maru import core_of
from tests.fakes.square import Square, SquareAdapter


@dataclass
class Life:
    """Maru from one start to the next end."""

    store: Store
    dispatcher: Dispatcher
    adapter: SquareAdapter
    task: asyncio.Task[None]
    core: Core

    async def receive(self, incoming: Incoming) -> Receipt:
        return await self.dispatcher.receive(incoming)


@dataclass
class World:
    """What outlives a restart."""

    folder: Path
    square: Square = field(default_factory=Square)
    engine: ScriptedEngine = field(default_factory=lambda: ScriptedEngine(default=echo))
    thinks: Callable[[Store], Engine] | None = None  # an engine that needs the store, instead
    doom: Doom | None = None
    maru: Assistant | None = None  # instead of one that may call every function
    clock: ManualClock = field(default_factory=ManualClock)
    functions: dict[str, Function] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    admins: tuple[str, ...] = ()
    assistants: tuple[Assistant, ...] = ()  # besides maru
    pins: dict[str, str] = field(default_factory=dict)
    tools: tuple[Literal["python"], ...] = ("python",)  # of maru

    async def later(self, text: str, conversation: str = "square:main") -> None:
        """Let time pass until somebody can read `text`."""
        while not any(text in seen for seen in self.square.texts(conversation)):
            await self.clock.advance(1)

    @asynccontextmanager
    async def life(self) -> AsyncIterator[Life]:
        """Start Maru; at the end it is told to stop, as by SIGTERM with no time left."""
        async with self._life() as life:
            try:
                yield life
            finally:
                life.task.cancel()
                with suppress(asyncio.CancelledError):
                    await life.task

    @asynccontextmanager
    async def doomed_life(self) -> AsyncIterator[Life]:
        """Start Maru; at the end it dies without another word reaching its database."""
        async with self._life() as life:
            yield life
            # What is in the database now is what a kill leaves; nothing said later reaches anybody.
            left = self._database.with_suffix(".left")
            await life.store.database.read(lambda connection: _backup(connection, left))
            life.adapter.dead = True
            life.task.cancel()
            with suppress(asyncio.CancelledError):
                await life.task
        left.replace(self._database)

    @asynccontextmanager
    async def _life(self) -> AsyncIterator[Life]:
        store = await Store.open(self._database, self.clock)
        adapter = SquareAdapter(self.square, store.parts, self.clock)
        engine: Engine = self.thinks(store) if self.thinks else self.engine
        maru = self.maru or Assistant(
            name="maru", instructions="Be kind.", functions=tuple(self.functions), tools=self.tools
        )
        core = core_of(
            store,
            Files(self.folder / "files"),
            self.clock,
            adapter,
            engine,
            functions=self.functions,
            assistants=(maru, *self.assistants),
            policy=self.policy,
            pins=self.pins,
            admins=self.admins,
        )
        if self.doom:
            core = replace(core, turns=DoomedTurns(store.turns, self.doom))
        dispatcher = Dispatcher(core)
        task = asyncio.create_task(dispatcher.run())
        try:
            yield Life(store, dispatcher, adapter, task, core)
        finally:
            await engine.close()
            await core.documents.close()
            await store.close()

    @property
    def _database(self) -> Path:
        return self.folder / "maru.db"


def _backup(connection: sqlite3.Connection, path: Path) -> None:
    with closing(sqlite3.connect(path)) as copy:
        connection.backup(copy)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
