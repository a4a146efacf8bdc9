"""Puts the parts of Maru together as the settings say."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from adapters.console.adapter import ConsoleAdapter
from adapters.web.adapter import WebAdapter
from bot import function_files, prices
from bot.allowed import Places
from bot.app import App
from bot.assistants import load
from bot.choice import Offer, choice, offer
from bot.clock import Clock, SystemClock
from bot.core import Core
from bot.errors import SettingsError
from bot.files import Files
from bot.functions import SEARCH, Registry
from bot.holds import Holds
from bot.knowledge.attached import WHOLE, AttachedDocuments
from bot.knowledge.library import Library
from bot.knowledge.lookup import search_knowledge
from bot.knowledge.marks import Shown
from bot.messages import Author
from bot.missing import warn
from bot.offline import OfflineEngine
from bot.openai.engine import OpenAIEngine
from bot.openness import openness
from bot.policy import Policy
from bot.ports import Adapter, Engine
from bot.prices import Prices
from bot.scope import searchable
from bot.settings import Settings, for_functions, shown
from bot.shelves import library_of
from bot.turns import Turn
from bot.usage import personal
from bot.watched import Watched
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Lock, Store

if TYPE_CHECKING:
    from adapters.discord.adapter import DiscordAdapter
    from adapters.slack.adapter import SlackAdapter

logger = logging.getLogger(__name__)

DEFAULT = "maru"  # the assistant of a conversation that has none of its own
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
            slack = _slack(settings, store, files, clock, holds=holds, starters=starters, costs=costs)
            discord = _discord(settings, store, files, clock)
            web = _web(settings, store, files, clock, offered=offered, health=health, slack=slack)
            adapters += [adapter for adapter in (slack, discord, web) if adapter]

        async def searched(turn: Turn) -> Sequence[str]:
            return await searchable(core, turn, (await choice(core, turn.conversation)).assistant)

        core = Core(
            adapters={adapter.platform: adapter for adapter in adapters},
            engine=engine,
            functions=Registry(
                functions,
                clock,
                settings.admins,
                own={SEARCH: search_knowledge(library, store.searches, marks, searched)},
            ),
            assistants=assistants,
            default=DEFAULT,
            librarians=(*settings.admins, *settings.librarians),
            pins=settings.channels,
            policy=Policy(
                guests=settings.allow_guests,
                outsiders=settings.allow_outsiders,
                places=Places(settings.places),
            ),
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
            documents=AttachedDocuments(
                SqliteIndex(store.database), store.threads, files, whole=0 if settings.offline else WHOLE
            ),
            choices=store.choices,
            library=library,
            searches=store.searches,
            pasts=store.pasts,
            prices=costs,
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


def _slack(
    settings: Settings,
    store: Store,
    files: Files,
    clock: Clock,
    *,
    holds: Holds,
    starters: Sequence[str],
    costs: Prices,
) -> "SlackAdapter | None":
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
        Places(settings.places).of("slack"),
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
        holds=holds,
        usage=partial(personal, store.ledger, costs, clock),
        starters=starters,
        pace=settings.pace == "platform",
    )


def _web(
    settings: Settings,
    store: Store,
    files: Files,
    clock: Clock,
    *,
    offered: Callable[[str, Author], Awaitable[Offer]],
    health: Callable[[], Awaitable[Mapping[str, str]]],
    slack: "SlackAdapter | None",
) -> WebAdapter | None:
    """The web page, unless it is switched off; it also takes in what Slack sends by HTTP."""
    if not settings.web:
        return None
    return WebAdapter(
        address=settings.web,
        token=settings.web_token.get_secret_value() if settings.web_token else None,
        public_url=settings.public_url,
        archive=store.archive,
        file_rows=store.files,
        files=files,
        offered=offered,
        health=health,
        clock=clock,
        outside=slack.routes() if slack else (),
    )


def _discord(settings: Settings, store: Store, files: Files, clock: Clock) -> "DiscordAdapter | None":
    """Discord, when it is switched on."""
    if not settings.discord_bot_token:
        return None
    # Only here, as Slack's.
    from adapters.discord.adapter import DiscordAdapter  # noqa: PLC0415
    from adapters.discord.options import Channels, Options, Shards  # noqa: PLC0415

    shards = None
    if settings.discord_shards:
        first, last, count = settings.discord_shards
        shards = Shards(range(first, last + 1), count)
    return DiscordAdapter(
        token=settings.discord_bot_token.get_secret_value(),
        api_url=settings.discord_api_url,
        gateway_url=settings.discord_gateway_url,
        places=Places(settings.places).of("discord"),
        options=Options(
            forums=Channels(frozenset(settings.discord_forums)),
            in_place=Channels(frozenset(settings.discord_in_place)),
            shards=shards,
        ),
        parts=store.parts,
        archive=store.archive,
        files=files,
        clock=clock,
        pace=settings.pace == "platform",
    )


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
