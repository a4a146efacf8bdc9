"""Maru in Discord, with its real core, database and adapter, and a scripted engine; it can be restarted."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from adapters.discord.adapter import DiscordAdapter
from adapters.discord.options import Options
from bot.assistants import Assistant
from bot.clock import Clock, SystemClock
from bot.files import Files
from bot.functions import Function
from bot.policy import Policy
from bot.ports import Engine
from storage.sqlite.store import Store
from tests.fakes.discord import Channel, FakeDiscord, Person
from tests.fakes.engine import ScriptedEngine, echo
from tests.fakes.maru import core_of, running
from tests.fakes.processes import until

BEGUN = ("waiting", "running", "answered")  # states of turns
SETTLE = 0.2  # seconds; this Discord tells of all servers at once
DONE = ("Helpful", "Not helpful", "Again")  # the buttons under an answer that is done


@dataclass
class DiscordLife:
    """Maru from one start to the next end."""

    store: Store
    adapter: DiscordAdapter
    files: Files
    connection: asyncio.Task[None]

    async def over(self) -> None:
        """Return once no answer remains to be posted or noted as posted."""

        async def over() -> bool:
            conversations = await self.store.archive.conversations("discord:", 1_000)
            records = [await self.store.archive.records(one.conversation) for one in conversations]
            return not any(record.state in BEGUN for found in records for record in found)

        await until(over)

    async def ready(self, *, is_it: bool = True) -> None:
        """Return once it says that it is connected, or that it is not."""

        async def said() -> bool:
            return self.adapter.ready is is_it

        await until(said)


@dataclass
class DiscordHouse:
    """What outlives a restart."""

    folder: Path
    discord: FakeDiscord
    engine: ScriptedEngine = field(default_factory=lambda: ScriptedEngine(default=echo))
    thinks: Callable[[Store, Files, Clock], Engine] | None = None  # an engine that needs the store
    functions: dict[str, Function] = field(default_factory=dict)
    assistants: tuple[Assistant, ...] = ()  # without any, one that may call every function
    pins: dict[str, str] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    librarians: tuple[str, ...] = ()
    clock: Clock = field(default_factory=SystemClock)
    places: tuple[str, ...] = ()  # servers and people, where not all are answered
    options: Options = field(default_factory=Options)

    def heard(self) -> list[str]:
        """What the model was asked."""
        return [message.text for request in self.engine.requests for message in request.turn.messages]

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
            options=replace(self.options, settle=SETTLE),
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
            assistants=self.assistants,
            pins=self.pins,
            policy=self.policy,
            librarians=self.librarians,
        )
        try:
            async with running(core, adapter) as connected:
                life = DiscordLife(store, adapter, files, connected)
                ready = asyncio.create_task(life.ready())
                await asyncio.wait({connected, ready}, return_when=asyncio.FIRST_COMPLETED)
                if not ready.done():
                    ready.cancel()
                    await connected  # raises what keeps it from that
                yield life
        finally:
            await engine.close()
            await store.close()


def texts(discord: FakeDiscord, where: Channel | str, person: Person | None = None) -> list[str]:
    """What Maru says there, as it is now."""
    return [seen.text for seen in discord.reads(where, person) if seen.author == "Maru" and not seen.thinking]


async def finished(discord: FakeDiscord, where: Channel | str, person: Person | None = None) -> None:
    """Return once the last message there carries the buttons of an answer that is done."""
    await discord.until(
        lambda: (
            (reads := discord.reads(where, person)) and reads[-1].buttons == DONE and not reads[-1].thinking
        )
    )


async def answered(
    discord: FakeDiscord, text: str, where: Channel | str, person: Person | None = None
) -> None:
    """Return once an echo of Maru's repeats this there."""
    await discord.until(
        lambda: any("You said:" in said and text in said for said in texts(discord, where, person))
    )
