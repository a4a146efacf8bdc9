"""Maru in Discord, with its real core, database and adapter, and a scripted engine; it can be restarted."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.discord.adapter import DiscordAdapter
from bot.assistants import Assistant
from bot.clock import Clock, SystemClock
from bot.files import Files
from bot.functions import Function
from bot.policy import Policy
from bot.ports import Engine
from storage.sqlite.store import Store
from tests.fakes.discord import FakeDiscord
from tests.fakes.engine import ScriptedEngine, echo
from tests.fakes.maru import core_of, running


@dataclass
class DiscordLife:
    """Maru from one start to the next end."""

    store: Store
    adapter: DiscordAdapter
    files: Files


@dataclass
class DiscordHouse:
    """What outlives a restart."""

    folder: Path
    discord: FakeDiscord
    engine: ScriptedEngine = field(default_factory=lambda: ScriptedEngine(default=echo))
    thinks: Callable[[Store, Files, Clock], Engine] | None = None  # an engine that needs the store
    assistant: Assistant | None = None  # instead of one that may call every function
    functions: dict[str, Function] = field(default_factory=dict)
    assistants: tuple[Assistant, ...] = ()  # without any, one that may call every function
    policy: Policy = field(default_factory=Policy)
    librarians: tuple[str, ...] = ()
    clock: Clock = field(default_factory=SystemClock)
    places: tuple[str, ...] = ()  # servers and people, where not all are answered

    def adapter(self, store: Store, files: Files) -> DiscordAdapter:
        """Maru's side of Discord, not connected yet."""
        return DiscordAdapter(
            token=self.discord.token,
            api_url=self.discord.api,
            gateway_url=self.discord.gateway,
            parts=store.parts,
            archive=store.archive,
            files=files,
            clock=self.clock,
            pace=self.discord.limits.on,
            places=self.places,
        )

    @asynccontextmanager
    async def life(self) -> AsyncIterator[DiscordLife]:
        """Start Maru and wait until it is connected; at the end it is stopped with no time left."""
        store = await Store.open(self.folder / "maru.db", self.clock)
        files = Files(self.folder / "files")
        engine: Engine = self.thinks(store, files, self.clock) if self.thinks else self.engine
        adapter = self.adapter(store, files)
        core = core_of(
            store,
            files,
            self.clock,
            adapter,
            engine,
            functions=self.functions,
            assistants=(self.assistant,) if self.assistant else self.assistants,
            policy=self.policy,
            librarians=self.librarians,
        )
        try:
            async with running(core, adapter) as connected:
                await _ready(adapter, connected)
                yield DiscordLife(store, adapter, files)
        finally:
            await engine.close()
            await store.close()


async def _ready(adapter: DiscordAdapter, task: asyncio.Task[None]) -> None:
    """Return once it is connected; raises what keeps it from that."""
    while not adapter.ready:
        if task.done():
            await task
        await asyncio.sleep(0.01)
