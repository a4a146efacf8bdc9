"""Maru with its web page, real core, database and a scripted engine; it can be stopped and started."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from adapters.web.adapter import WebAdapter
from adapters.web.api import Offered
from bot.assistants import Assistant
from bot.choice import Offer, offer
from bot.clock import Clock, SystemClock
from bot.files import Files
from bot.functions import Function
from bot.knowledge.marks import Shown
from bot.messages import Author
from bot.ports import Engine
from storage.sqlite.store import Store
from tests.fakes.engine import ScriptedEngine, echo
from tests.fakes.maru import core_of, running

STARTERS = ("What can you do?", "슬랙은 어떻게 연결해?")


@dataclass
class Home:
    """Maru from one start to the next end."""

    url: str
    store: Store
    files: Files
    adapter: WebAdapter


@dataclass
class House:
    """What outlives a restart; the page keeps its address."""

    folder: Path
    engine: Engine = field(default_factory=lambda: ScriptedEngine(default=echo))
    thinks: Callable[[Store, Files, Clock], Engine] | None = None  # an engine that needs the store
    assistant: Assistant | None = None  # instead of one that may call every function
    functions: dict[str, Function] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    starters: tuple[str, ...] = STARTERS
    others: tuple[Assistant, ...] = ()  # besides maru
    pins: dict[str, str] = field(default_factory=dict)
    token: str | None = None
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    outside: tuple[web.RouteDef, ...] = ()
    marks: Shown = field(default_factory=Shown)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Home]:
        """Maru runs while entered."""
        store = await Store.open(self.folder / "maru.db", self.clock)
        files = Files(self.folder / "files")
        engine = self.thinks(store, files, self.clock) if self.thinks else self.engine
        try:

            async def offered(conversation: str, author: Author) -> Offer:
                return await offer(core, conversation, author)

            adapter = self._adapter(store, files, offered)
            core = core_of(
                store,
                files,
                self.clock,
                adapter,
                engine,
                functions=self.functions,
                assistants=(self._assistant, *self.others),
                pins=self.pins,
                marks=self.marks,
            )
            async with running(core, adapter) as connected:
                await started(adapter, connected)
                self.port = int(adapter.url.rpartition(":")[2])
                yield Home(adapter.url, store, files, adapter)
        finally:
            await engine.close()
            await store.close()

    @property
    def _assistant(self) -> Assistant:
        return self.assistant or Assistant(
            name="maru", instructions="Be kind.", starters=self.starters, functions=tuple(self.functions)
        )

    def _adapter(self, store: Store, files: Files, offered: Offered) -> WebAdapter:
        return WebAdapter(
            address=(self.host, self.port),
            token=self.token,
            public_url=self.public_url,
            archive=store.archive,
            file_rows=store.files,
            files=files,
            offered=offered,
            health=self._health,
            clock=self.clock,
            outside=self.outside,
        )

    async def _health(self) -> Mapping[str, str]:
        return self.problems or {"database": ""}


async def started(adapter: WebAdapter, task: asyncio.Task[None]) -> None:
    """Return once the page is there; raises what kept it from coming up."""
    waiting = asyncio.create_task(adapter.listening.wait())
    await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        await task
