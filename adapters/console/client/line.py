"""The client's connection to Maru, made again when it breaks."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol
from uuid import uuid4

from pydantic import ValidationError

from adapters.console.protocol import (
    FROM_SERVER,
    LINE_BYTES,
    Answer,
    FromClient,
    Hello,
    Notice,
    Received,
    Request,
    Welcome,
    client_line,
)

PAUSE = 0.3  # seconds between tries to connect


class Listener(Protocol):
    """Who hears what comes over the line. Neither may wait."""

    def hear(self, message: Answer | Notice) -> None: ...

    def connection(self, *, up: bool) -> None:
        """The line is up, or broke. It is up once everything missed has been heard."""
        ...


def new_key() -> str:
    return uuid4().hex


class Line:
    """Talks to Maru. What was sent and not received when the line broke is sent again."""

    def __init__(self, find: Callable[[], str], conversation: str, locale: str, patience: float) -> None:
        """`find` says where Maru can be talked to now, and is asked again before each try."""
        self._find = find
        self._conversation = conversation
        self._locale = locale
        self._patience = patience
        self._pending: dict[str, tuple[Request, asyncio.Future[Received]]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self.seen: int | None = None  # the last turn that was shown to its end

    async def run(self, listener: Listener) -> None:
        """Keep the line up. Returns when Maru stayed away for longer than the patience lasts."""
        clock = asyncio.get_running_loop().time
        end = clock() + self._patience
        while clock() < end:
            if await self._talk(listener):
                listener.connection(up=False)
                end = clock() + self._patience
            await asyncio.sleep(PAUSE)

    async def ask(self, request: Request) -> Received:
        """What became of a request; waits while the line is down."""
        future: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self._pending[request.key] = (request, future)
        self._send(request)
        try:
            return await future
        finally:
            del self._pending[request.key]

    def _send(self, message: FromClient) -> None:
        if self._writer is not None:
            self._writer.write(client_line(message))

    async def _talk(self, listener: Listener) -> bool:
        """Connect, and listen until the line breaks. False when there was nobody, or not our Maru."""
        place, _, token = self._find().partition(" ")
        host, _, port = place.rpartition(":")
        try:
            reader, writer = await asyncio.open_connection(host, int(port), limit=LINE_BYTES)
        except (OSError, ValueError):
            return False
        welcome = False
        try:
            writer.write(client_line(Hello(token, self._conversation, self._locale, self.seen)))
            while line := await reader.readline():
                match FROM_SERVER.validate_json(line):
                    case Welcome():
                        welcome = True
                        self._writer = writer
                        for request, _ in self._pending.values():
                            self._send(request)
                        listener.connection(up=True)
                    case Received() as received:
                        self._received(received)
                    case Answer() | Notice() as message:
                        listener.hear(message)
        except (ConnectionError, ValidationError):
            pass  # told as any other end of the line
        finally:
            self._writer = None
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        return welcome

    def _received(self, received: Received) -> None:
        _, future = self._pending.get(received.key, (None, None))
        if future is not None and not future.done():
            future.set_result(received)
