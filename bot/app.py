"""Maru as a running program: puts the parts together, starts them, and ends them well."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from adapters.console.adapter import ConsoleAdapter
from adapters.web.adapter import WebAdapter
from bot import function_files, prices
from bot.assistants import load
from bot.choice import choice
from bot.clock import Clock, SystemClock
from bot.core import Core
from bot.dispatcher import Dispatcher
from bot.errors import MaruError, SettingsError
from bot.files import Files
from bot.functions import SEARCH, Registry
from bot.knowledge.library import Library
from bot.knowledge.lookup import search_knowledge
from bot.knowledge.marks import Shown
from bot.knowledge.sync import Folder
from bot.offline import OfflineEngine
from bot.openai.engine import OpenAIEngine
from bot.policy import Policy
from bot.ports import Adapter, Engine
from bot.settings import Settings, for_functions, shown
from bot.turns import Turn
from bot.watched import Watched
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Lock, Store

if TYPE_CHECKING:
    from adapters.discord.adapter import DiscordAdapter
    from adapters.slack.adapter import SlackAdapter

logger = logging.getLogger(__name__)

DEFAULT = "maru"  # the assistant of a conversation that has none of its own
GRACE = 5.0  # seconds running turns get to finish when Maru is told to stop
CLOSE = 1.5  # seconds for the engine to let go of its connections
HAND_OVER = 3.0  # seconds for what runs to be handed over then
RESTART, RESTART_MOST = 1.0, 60.0  # seconds before an adapter that failed starts again
WATCH = 2.0  # seconds between looks at the files of assistants and functions
SWEEP = 3_600.0  # seconds between tries to delete what nobody needs any more, here and at OpenAI
UNSENT = 24 * 3_600.0  # seconds after which a file that no message names is deleted


class App:
    """One process that answers. Made by `started`."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        core: Core,
        library: Library,
        watched: Sequence[Watched[Any]],
    ) -> None:
        self.settings = settings
        self.core = core
        self.dispatcher = Dispatcher(core)
        self._store = store
        self._library = library
        self._watched = watched

    async def run(self) -> None:
        """Answer until cancelled; then finish or hand over what runs, within GRACE."""
        async with asyncio.TaskGroup() as group:
            adapters = [
                group.create_task(self._connect(adapter), name=name)
                for name, adapter in self.core.adapters.items()
            ]
            dispatching = group.create_task(self.dispatcher.run(), name="dispatcher")
            group.create_task(self._know(), name="knowledge")
            group.create_task(self._watch(), name="watch")
            sweeping = group.create_task(self._sweep(), name="sweep")
            if isinstance(self.core.engine, OpenAIEngine):
                group.create_task(
                    self.core.engine.check(a.model for a in self.core.assistants.values()), name="models"
                )
            try:
                await asyncio.Event().wait()
            finally:
                sweeping.cancel()
                # People see the answers that finish now, so the adapters go last.
                with suppress(TimeoutError):
                    async with asyncio.timeout(GRACE):
                        await self.dispatcher.drain()
                dispatching.cancel()
                await asyncio.wait([dispatching], timeout=HAND_OVER)
                for task in adapters:
                    task.cancel()

    async def _connect(self, adapter: Adapter) -> None:
        """Run an adapter. What it can explain ends Maru; a bug in it does not take the others down."""
        wait = RESTART
        while True:
            begun = time.monotonic()
            try:
                await adapter.run(self.dispatcher.receive)
            except Exception as error:
                if _explained(error):
                    raise
                logger.exception("%s failed; it starts again in %g s", adapter.platform, wait)
            if time.monotonic() - begun > RESTART_MOST:
                wait = RESTART
            await self.core.clock.sleep(wait)
            wait = min(wait * 2, RESTART_MOST)

    async def health(self) -> Mapping[str, str]:
        """Part -> what is wrong with it; empty when it works."""
        found = {
            name: "" if adapter.ready else "not connected" for name, adapter in self.core.adapters.items()
        }
        try:
            await self._store.database.read(
                lambda connection: connection.execute("SELECT 1 FROM turns LIMIT 1")
            )
            found["database"] = ""
        except Exception as error:
            logger.exception("the database does not answer")
            found["database"] = str(error)
        return found

    async def _know(self) -> None:
        """Index the documents before anybody asks; if that fails, the next question tries again."""
        try:
            await self._library.refresh()
        except MaruError:
            logger.exception("the knowledge could not be indexed yet")

    async def _watch(self) -> None:
        """Take up changed assistants and functions from the next turn on."""
        while True:
            for watched in self._watched:
                await asyncio.to_thread(watched.refresh)
            await self.core.clock.sleep(WATCH)

    async def _sweep(self) -> None:
        """Delete what nobody needs any more, now and then; what fails is tried again the next time."""
        while True:
            try:
                await self._sweep_once()
            except Exception:
                logger.exception("could not tidy up")
            await self.core.clock.sleep(SWEEP)

    async def _sweep_once(self) -> None:
        core = self.core
        if orphans := await core.remotes.orphans():
            gone = await core.engine.forget(orphans)
            await core.remotes.gone(gone)
            logger.info("deleted %d of %d things left at the model service", len(gone), len(orphans))
        # Uploaded, and then never sent.
        old = await core.files.older_than(UNSENT)
        await core.files.delete(await core.file_rows.unowned(old))


def _explained(error: BaseException) -> bool:
    """Whether it is, all of it, something that Maru can explain."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_explained, error.exceptions))
    return isinstance(error, MaruError)


@asynccontextmanager
async def started(settings: Settings, lock: Lock, *, chat_only: bool = False) -> AsyncIterator[App]:
    """Everything opened and put together; closed again at the end. Raises MaruError."""
    begun = time.perf_counter()
    clock = SystemClock()
    assistants = Watched(settings.folder("assistants"), load)
    if gone := sorted({*settings.channels.values()} - assistants.keys()):
        raise SettingsError([f"MARU_CHANNELS: there is no assistant {name}. Name another." for name in gone])
    store = await Store.open(settings.database, clock)
    try:
        files = Files(settings.file_folder)
        functions = Watched(
            settings.folder("functions"), lambda folder: function_files.load(folder, files, for_functions())
        )
        index = SqliteIndex(store.database)
        library = Library(index, [Folder(index, "handbook", settings.folder("knowledge"), clock)])
        marks = Shown()
        engine = await _engine(settings, store, files, library, clock, marks=marks)
        app: App | None = None

        async def health() -> Mapping[str, str]:
            return await app.health() if app else {"maru": "starting"}

        console = ConsoleAdapter(store.archive, files, clock)
        adapters: dict[str, Adapter] = {console.platform: console}
        slack = None if chat_only else _slack(settings, store, files, clock)
        if slack:
            adapters[slack.platform] = slack
        discord = None if chat_only else _discord(settings, store, files, clock)
        if discord:
            adapters[discord.platform] = discord
        web: WebAdapter | None = None
        default = assistants.get(DEFAULT) or next(iter(assistants.values()))
        if settings.web and not chat_only:
            web = WebAdapter(
                address=settings.web,
                token=settings.web_token.get_secret_value() if settings.web_token else None,
                public_url=settings.public_url,
                archive=store.archive,
                file_rows=store.files,
                files=files,
                assistant=default,
                health=health,
                clock=clock,
                outside=slack.routes() if slack else (),
            )
            adapters[web.platform] = web

        async def searched(turn: Turn) -> Sequence[str]:
            return (await choice(core, turn.conversation)).assistant.knowledge

        core = Core(
            adapters=adapters,
            engine=engine,
            functions=Registry(
                functions,
                clock,
                settings.admins,
                own={SEARCH: search_knowledge(library, marks, searched)},
            ),
            assistants=assistants,
            default=default.name,
            pins=settings.channels,
            policy=Policy(guests=settings.allow_guests, outsiders=settings.allow_outsiders),
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
            choices=store.choices,
            prices=prices.load(settings.prices),
        )
        app = App(settings, store, core, library, (assistants, functions))
        announcing = asyncio.create_task(_announce(lock, console, web, begun))
        try:
            yield app
        finally:
            announcing.cancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE):
                    await engine.close()
    finally:
        await store.close()


async def _announce(lock: Lock, console: ConsoleAdapter, web: WebAdapter | None, begun: float) -> None:
    """Say where Maru can be reached, once it can be."""
    await console.listening.wait()
    lock.tell(console.address)
    if web:
        await web.listening.wait()
        print(f"Maru is ready: {web.url}", flush=True)  # noqa: T201 - what the person who typed the command waits for
    logger.info("ready after %.2f s", time.perf_counter() - begun)


def _slack(settings: Settings, store: Store, files: Files, clock: Clock) -> "SlackAdapter | None":
    """Slack, when it is switched on."""
    if not settings.slack_bot_token and not settings.slack_client_id:
        return None
    # Only here: without Slack, its SDK would take a sixth of the start for nothing.
    from adapters.slack.adapter import SlackAdapter  # noqa: PLC0415
    from adapters.slack.installing import OAuth  # noqa: PLC0415

    oauth = OAuth(
        settings.slack_client_id,
        shown(settings.slack_client_secret),
        store.installations,
        settings.public_url,
    )
    return SlackAdapter(
        bot_token=shown(settings.slack_bot_token),
        app_token=shown(settings.slack_app_token),
        signing_secret=shown(settings.slack_signing_secret),
        oauth=oauth if settings.slack_client_id else None,
        api_url=settings.slack_api_url,
        parts=store.parts,
        archive=store.archive,
        files=files,
        clock=clock,
        pace=settings.pace == "platform",
    )


def _discord(settings: Settings, store: Store, files: Files, clock: Clock) -> "DiscordAdapter | None":
    """Discord, when it is switched on."""
    if not settings.discord_bot_token:
        return None
    # Only here, as Slack's.
    from adapters.discord.adapter import DiscordAdapter  # noqa: PLC0415

    return DiscordAdapter(
        token=settings.discord_bot_token.get_secret_value(),
        api_url=settings.discord_api_url,
        gateway_url=settings.discord_gateway_url,
        parts=store.parts,
        archive=store.archive,
        files=files,
        clock=clock,
        pace=settings.pace == "platform",
    )


async def _engine(
    settings: Settings, store: Store, files: Files, library: Library, clock: Clock, *, marks: Shown
) -> Engine:
    if settings.offline:
        return OfflineEngine(library)
    return OpenAIEngine(
        api_key=settings.openai_api_key.get_secret_value() if settings.openai_api_key else "",
        base_url=settings.openai_base_url,
        model=settings.model,
        mode=settings.threads,
        secret=await store.secret("people"),
        threads=store.threads,
        remotes=store.remotes,
        files=files,
        clock=clock,
        shown=marks,
    )
