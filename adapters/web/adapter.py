"""The web page as a platform."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence

from aiohttp import web

from adapters.web.api import Api, Offered
from adapters.web.asked import PREFIX
from adapters.web.door import Door
from adapters.web.guard import Names
from adapters.web.hub import Hub
from adapters.web.reply import WebReply
from adapters.web.server import Health, application, demand_token, listening
from adapters.web.uploads import CHUNK, Uploads
from bot.clock import Clock
from bot.errors import FileRefused
from bot.files import Files
from bot.messages import Attachment, Author, Person, Quoted
from bot.ports import Archive, FileRows, Receive
from bot.turns import Turn


class WebAdapter:
    """The `Adapter` port. Its conversations are `web:ID`, and everybody who can open the page sees them."""

    platform = "web"
    previews = True

    def __init__(
        self,
        *,
        address: tuple[str, int],
        token: str | None,
        public_url: str,
        archive: Archive,
        file_rows: FileRows,
        files: Files,
        offered: Offered,
        health: Health,
        clock: Clock,
        outside: Sequence[web.RouteDef] = (),
    ) -> None:
        """`offered` tells who answers in a conversation, and whom a person may choose.

        `outside` are routes of other adapters, such as webhooks; they check for themselves who calls.

        Raises SettingsError for an address that other machines can reach when there is no token.
        """
        demand_token(address[0], token)
        self._address = address
        self._names = Names(address[0], public_url)
        self._secure = public_url.startswith("https://")
        self._door = Door(token, clock, secure=self._secure)
        self._archive = archive
        self._files = files
        self._hub = Hub(archive)
        self._uploads = Uploads(files, file_rows, PREFIX, self._hub.shows)
        self._offered = offered
        self._health = health
        self._clock = clock
        self._outside = outside
        self.url = ""  # where it listens, once it does
        self.listening = asyncio.Event()

    @property
    def ready(self) -> bool:
        return self.listening.is_set()

    async def run(self, receive: Receive) -> None:
        api = Api(
            receive=receive,
            archive=self._archive,
            hub=self._hub,
            uploads=self._uploads,
            offered=self._offered,
            clock=self._clock,
            secure=self._secure,
        )
        app = application(api, names=self._names, door=self._door, health=self._health, outside=self._outside)
        async with listening(app, *self._address) as self.url:
            self.listening.set()
            try:
                await self._hub.run()
            finally:
                self.listening.clear()

    def reply(self, turn: Turn) -> WebReply:
        return WebReply(self._hub, turn)

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """Files are kept before a message names them, so this only reads them again."""
        if not attachment.digest or not (path := self._files.path(attachment.digest)).is_file():
            raise FileRefused("file_lost", attachment.name)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    async def history(self, conversation: str, before: str, limit: int) -> Sequence[Quoted]:  # noqa: ARG002 - see below
        """Nobody writes here without Maru."""
        return ()

    async def whisper(self, conversation: str, origin: str, text: str) -> None:
        self._hub.whisper(conversation, json.loads(origin).get("person", ""), text)

    async def person(self, author: Author) -> Person:
        """Whoever can open the page belongs to the team."""
        return Person("member", author.locale)
