"""Discord as a platform."""

import logging
from collections.abc import AsyncIterator, Collection, Sequence

import aiohttp

from adapters.discord import client as clients
from adapters.discord import history, whispers
from adapters.discord.connect import keep
from adapters.discord.files import HOSTS, DiscordFiles
from adapters.discord.inbound import Inbound
from adapters.discord.limits import GROWING_AT_ONCE, RULES
from adapters.discord.link import Link
from adapters.discord.options import USUAL, Options
from adapters.discord.people import People
from adapters.discord.places import PLATFORM, origin_of, place_of
from adapters.discord.reply import DiscordReply
from bot.clock import Clock
from bot.errors import PlatformUnreachable
from bot.files import Files
from bot.growth_limit import GrowthLimit
from bot.hosts import Hosts
from bot.messages import Attachment, Author, Person, Quoted
from bot.pace import Pace
from bot.ports import Archive, Parts, Receive
from bot.turns import Turn

logger = logging.getLogger(__name__)


class DiscordAdapter:
    """The `Adapter` port. Its conversations are `discord:GUILD/THREAD` and `discord:@me/CHANNEL`."""

    platform = PLATFORM
    previews = False  # a picture in a message can only be replaced by uploading all of it again

    def __init__(
        self,
        *,
        token: str,
        api_url: str = clients.API_URL,
        gateway_url: str = clients.GATEWAY_URL,
        parts: Parts,
        archive: Archive,
        files: Files,
        clock: Clock,
        pace: bool = True,
        places: Collection[str] = (),
        options: Options = USUAL,
    ) -> None:
        """`places` are servers and people, by id; it matters who is a member of these servers."""
        self._token, self._api_url, self._gateway_url = token, api_url, gateway_url
        self._parts, self._archive, self._options = parts, archive, options
        self._link = Link(Pace(RULES, clock, on=pace), GrowthLimit(GROWING_AT_ONCE, on=pace), files, clock)
        self._people = People(self._link, places)
        self._files: DiscordFiles | None = None

    @property
    def ready(self) -> bool:
        return self._link.client is not None and self._link.client.connected

    async def run(self, receive: Receive) -> None:
        clients.point(self._api_url, self._gateway_url)
        async with aiohttp.ClientSession() as session:
            self._files = DiscordFiles(self._link, session, Hosts(HOSTS, self._api_url))
            inbound = Inbound(
                self._link,
                receive,
                archive=self._archive,
                parts=self._parts,
                people=self._people,
                forums=self._options.forums,
            )
            try:
                await keep(self._link, inbound, self._token, self._gateway_url, self._options)
            finally:
                self._files = None
                await inbound.close()

    def reply(self, turn: Turn) -> DiscordReply:
        return DiscordReply(turn, link=self._link, parts=self._parts, in_place=self._options.in_place)

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        if self._files is None:
            raise PlatformUnreachable("Discord is not connected yet")
        return self._files.fetch(attachment)

    async def history(self, conversation: str, before: str, limit: int) -> Sequence[Quoted]:
        return await history.earlier(self._link, self._archive, place_of(conversation), before, limit)

    async def whisper(self, conversation: str, origin: str, text: str) -> None:
        await whispers.whisper(self._link, place_of(conversation), origin_of(origin), text)

    async def person(self, author: Author) -> Person:
        return await self._people.person(author)
