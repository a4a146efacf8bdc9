"""The terminal as a platform: a server on loopback that `maru chat` talks to."""

import asyncio
import getpass
import secrets
from collections.abc import AsyncIterator, Sequence

from adapters.console import disk
from adapters.console.audience import Audience
from adapters.console.connection import Host
from adapters.console.parse import PLATFORM, key_in
from adapters.console.protocol import LINE_BYTES, Notice
from adapters.console.reply import ConsoleReply
from bot.clock import Clock
from bot.files import Files
from bot.messages import Attachment, Author, Person, Quoted
from bot.ports import Archive, Receive
from bot.turns import Turn


class ConsoleAdapter:
    """The `Adapter` port. Its conversations are `console:NAME`; who knows `address` may talk in all."""

    platform = PLATFORM
    previews = False

    def __init__(self, archive: Archive, files: Files, clock: Clock) -> None:
        self._archive = archive
        self._files = files
        self._clock = clock
        self._audience = Audience()
        self.listening = asyncio.Event()
        self.address = ""  # for `maru chat` of the same user, once it listens: "127.0.0.1:PORT TOKEN"

    @property
    def ready(self) -> bool:
        return self.listening.is_set()

    async def run(self, receive: Receive) -> None:
        host = Host(
            token=secrets.token_urlsafe(),
            author=_this_user(),
            receive=receive,
            audience=self._audience,
            archive=self._archive,
            files=self._files,
            clock=self._clock,
        )
        async with asyncio.TaskGroup() as clients:

            def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                clients.create_task(host.serve(reader, writer))

            server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=LINE_BYTES)
            try:
                self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]} {host.token}"
                self.listening.set()
                await asyncio.Event().wait()
            finally:
                self.listening.clear()
                server.close()

    def reply(self, turn: Turn) -> ConsoleReply:
        return ConsoleReply(turn, self._audience, self._files)

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        return disk.read(attachment.source)

    async def history(self, conversation: str, before: str, limit: int) -> Sequence[Quoted]:  # noqa: ARG002 - nobody else writes in a terminal
        return ()

    async def whisper(self, conversation: str, origin: str, text: str) -> None:
        self._audience.tell(conversation, Notice(key_in(origin), text))

    async def person(self, author: Author) -> Person:
        """Whoever could read the token is the user Maru runs as."""
        return Person("member", author.locale)


def _this_user() -> Author:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container need not know its user by name
        name = "me"
    return Author(f"{PLATFORM}:{name}", name)
