"""Puts the parts of Maru together as the settings say."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial

from adapters.console.adapter import ConsoleAdapter
from adapters.web.adapter import WebAdapter
from bot import function_files, platforms, prices
from bot.allowed_places import AllowedPlaces
from bot.app import App
from bot.assistants import load
from bot.choice import Offer, offer
from bot.clock import Clock, SystemClock
from bot.environment import for_functions
from bot.errors import SettingsError
from bot.files import Files
from bot.holds import Holds
from bot.knowledge.attached import WHOLE
from bot.knowledge.library import Library
from bot.knowledge.marks import Shown
from bot.messages import Author
from bot.missing import warn
from bot.offline import OfflineEngine
from bot.openai.engine import OpenAIEngine
from bot.openness import openness
from bot.policy import Policy
from bot.ports import Adapter, Engine
from bot.settings import Settings
from bot.shelves import library_of
from bot.watched import Watched
from bot.wiring import DEFAULT, core_of
from storage.sqlite.store import Lock, Store

logger = logging.getLogger(__name__)

CLOSE = 1.5  # seconds for the engine to let go of its connections


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
        variables = for_functions()
        files = Files(settings.file_folder)
        functions = Watched(
            settings.folder("functions"), lambda folder: function_files.load(folder, files, for_functions())
        )
        look = partial(warn, assistants, functions, variables)
        look()
        library = await library_of(settings, store, files, clock)
        marks = Shown()
        engine = await _engine(settings, store, files, library, clock, marks=marks, variables=variables)
        app: App | None = None

        async def health() -> Mapping[str, str]:
            return await app.health() if app else {"maru": "starting"}

        async def offered(conversation: str, author: Author) -> Offer:
            return await offer(core, conversation, author)

        holds = Holds()
        costs = prices.load(settings.prices)
        console = ConsoleAdapter(store.archive, files, clock)
        adapters: list[Adapter] = [console]
        web: WebAdapter | None = None
        if not chat_only:
            starters = (assistants.get(DEFAULT) or next(iter(assistants.values()))).starters
            slack = platforms.slack(
                settings, store, files, clock, holds=holds, starters=starters, costs=costs
            )
            discord = platforms.discord(settings, store, files, clock)
            web = platforms.web(settings, store, files, clock, offered=offered, health=health, slack=slack)
            adapters += [adapter for adapter in (slack, discord, web) if adapter]

        core = core_of(
            store,
            files,
            clock,
            adapters=adapters,
            engine=engine,
            functions=functions,
            assistants=assistants,
            policy=Policy(
                guests=settings.allow_guests,
                outsiders=settings.allow_outsiders,
                places=AllowedPlaces(settings.places),
            ),
            library=library,
            marks=marks,
            whole=0 if settings.offline else WHOLE,
            admins=settings.admins,
            librarians=(*settings.admins, *settings.librarians),
            pins=settings.channels,
            costs=costs,
            holds=holds,
        )
        app = App(settings, store, core, library, (assistants, functions), look=look)
        if not chat_only:
            for sentence in openness(settings):
                logger.info(sentence)
        announcing = asyncio.create_task(_announce(lock, console, web, begun))
        try:
            yield app
        finally:
            announcing.cancel()
            await asyncio.gather(library.close(), core.documents.close())
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


async def _engine(
    settings: Settings,
    store: Store,
    files: Files,
    library: Library,
    clock: Clock,
    *,
    marks: Shown,
    variables: Mapping[str, str],
) -> Engine:
    if settings.offline:
        return OfflineEngine(library, store.searches)
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
        uploads=store.uploads,
        searches=store.searches,
        shown=marks,
        variables=variables,
    )
