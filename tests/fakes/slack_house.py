"""Maru in Slack, with its real core, database and adapter, and a scripted engine; it can be restarted."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from aiohttp import web

from adapters.slack.adapter import SlackAdapter
from adapters.slack.installing import OAuth
from adapters.web.serving import serving
from bot.assistants import Assistant
from bot.clock import Clock, SystemClock
from bot.files import Files
from bot.functions import Function
from bot.holds import Holds
from bot.policy import Policy
from bot.ports import Engine
from bot.prices import load
from bot.usage import personal
from storage.sqlite.store import Store
from tests.fakes.engine import ScriptedEngine, echo
from tests.fakes.maru import core_of, running
from tests.fakes.slack import SIGNING_SECRET, Channel, FakeSlack, Message


@dataclass
class SlackLife:
    """Maru from one start to the next end."""

    store: Store
    adapter: SlackAdapter
    files: Files
    address: str  # of its web server, where there is one


@dataclass
class SlackHouse:
    """What outlives a restart."""

    folder: Path
    slack: FakeSlack
    engine: ScriptedEngine = field(default_factory=lambda: ScriptedEngine(default=echo))
    thinks: Callable[[Store, Files, Clock], Engine] | None = None  # an engine that needs the store
    assistant: Assistant | None = None  # instead of one that may call every function
    functions: dict[str, Function] = field(default_factory=dict)
    others: tuple[Assistant, ...] = ()  # besides maru and cook
    policy: Policy = field(default_factory=Policy)
    librarians: tuple[str, ...] = ()
    clock: Clock = field(default_factory=SystemClock)
    starters: tuple[str, ...] = ()
    http: bool = False
    token: bool = True  # it has the token of the first workspace
    oauth: bool = False  # workspaces install it
    places: frozenset[str] = frozenset()  # workspaces that may; empty: all

    def adapter(self, store: Store, files: Files, holds: Holds | None = None) -> SlackAdapter:
        """Maru's side of Slack, not connected yet."""
        return SlackAdapter(
            bot_token=self.slack.bot_token if self.token else "",
            app_token="" if self.http else self.slack.app_token,
            signing_secret=SIGNING_SECRET if self.http else "",
            api_url=self.slack.api,
            parts=store.parts,
            archive=store.archive,
            files=files,
            clock=self.clock,
            holds=holds or Holds(),
            usage=partial(personal, store.ledger, load(), self.clock),
            starters=self.starters,
            pace=self.slack.limits.on,
            oauth=OAuth(
                self.slack.app.client_id,
                self.slack.app.client_secret,
                store.installations,
                places=self.places,
            )
            if self.oauth
            else None,
        )

    @asynccontextmanager
    async def life(self) -> AsyncIterator[SlackLife]:
        """Start Maru and wait until it is connected; at the end it is stopped with no time left."""
        store = await Store.open(self.folder / "maru.db", self.clock)
        files = Files(self.folder / "files")
        holds = Holds()
        engine: Engine = self.thinks(store, files, self.clock) if self.thinks else self.engine
        adapter = self.adapter(store, files, holds)
        core = core_of(
            store,
            files,
            self.clock,
            adapter,
            engine,
            functions=self.functions,
            assistants=(
                self.assistant
                or Assistant(name="maru", instructions="Be kind.", functions=tuple(self.functions)),
                Assistant(name="cook", instructions="Cook."),
                *self.others,
            ),
            policy=self.policy,
            librarians=self.librarians,
            holds=holds,
        )
        try:
            async with running(core, adapter) as connected, self._served(adapter) as address:
                await _ready(adapter, connected)
                yield SlackLife(store, adapter, files, address)
        finally:
            await engine.close()
            await store.close()

    @asynccontextmanager
    async def _served(self, adapter: SlackAdapter) -> AsyncIterator[str]:
        """The adapter's routes, where Slack delivers when it does so by HTTP, and browsers install."""
        app = web.Application()
        app.add_routes(adapter.routes())
        async with serving(app, "127.0.0.1", 0, patience=0.1) as port:
            address = f"http://127.0.0.1:{port}"
            if self.http:
                self.slack.deliver_to(f"{address}/slack/events")
            yield address


async def _ready(adapter: SlackAdapter, task: asyncio.Task[None]) -> None:
    """Return once it is connected; raises what keeps it from that."""
    while not adapter.ready:
        if task.done():
            await task
        await asyncio.sleep(0.01)


def texts(slack: FakeSlack, thread: Message, channel: Channel | None = None) -> list[str]:
    """What Maru wrote in a thread, as it stands now."""
    return [m.text for m in slack.reads(channel or slack.general, thread) if m.author == "Maru"]


async def answered(slack: FakeSlack, text: str, thread: Message, channel: Channel | None = None) -> None:
    """Return once Maru's finished messages in a thread say this."""
    place = channel or slack.general
    await slack.until(
        lambda: any(text in m.text and not m.streaming and m.buttons for m in slack.reads(place, thread))
    )
