"""Serves one connected client: lets it in, tells it what it missed, and takes what it sends."""

import asyncio
import contextlib
import hmac
import logging
from dataclasses import dataclass

from pydantic import ValidationError

from adapters.console import disk
from adapters.console.audience import Audience
from adapters.console.parse import conversation_of, parse
from adapters.console.protocol import (
    FROM_CLIENT,
    FromServer,
    Hello,
    Received,
    Request,
    Said,
    Welcome,
)
from adapters.console.reply import answer_of
from bot.clock import Clock
from bot.errors import FileRefused, StoreError
from bot.files import FILE_BYTES, Files, human_size
from bot.messages import Attachment, Author
from bot.ports import Archive, Receive
from bot.texts import language_of, say

logger = logging.getLogger(__name__)

HELLO_TIME = 5.0  # seconds a stranger may take to say hello
RECENT = 3  # turns shown to somebody who has just come


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What every connection works with."""

    token: str
    author: Author
    receive: Receive
    audience: Audience
    archive: Archive
    files: Files
    clock: Clock

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a client until it leaves."""
        try:
            hello = await self._hello(reader)
            if hello is not None:
                await self._converse(hello, reader, writer)
        except (ConnectionError, ValueError) as error:
            # ValueError: a line that is longer than any of ours, or is none of ours.
            logger.info("a console client was cut off: %s", error)
        except Exception:
            # What goes wrong with one client must not end the others.
            logger.exception("a console client was cut off")
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _hello(self, reader: asyncio.StreamReader) -> Hello | None:
        """What a client opens with; None when it does not know the token."""
        try:
            async with asyncio.timeout(HELLO_TIME):
                hello = FROM_CLIENT.validate_json(await reader.readline())
        except (TimeoutError, ValidationError):
            return None
        if isinstance(hello, Hello) and hmac.compare_digest(hello.token.encode(), self.token.encode()):
            return hello
        logger.warning("a console client was turned away: wrong token")
        return None

    async def _converse(
        self, hello: Hello, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        visitor = Visitor(self, hello)
        with self.audience.joined(visitor.conversation) as outbox:
            # Joined first: what is said while the store is read must not be missed.
            outbox.begin([*await visitor.missed(), Welcome()])
            sending = asyncio.create_task(outbox.send(writer))
            try:
                while line := await reader.readline():
                    request = FROM_CLIENT.validate_json(line)
                    if not isinstance(request, Hello):
                        outbox.put(await visitor.take(request))
            finally:
                sending.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await sending


class Visitor:
    """The person at a client."""

    def __init__(self, host: Host, hello: Hello) -> None:
        self._host = host
        self._seen = hello.seen
        self._author = Author(host.author.id, host.author.name, hello.locale)
        self.conversation = conversation_of(hello.conversation)

    async def missed(self) -> list[FromServer]:
        """The answers that the client has not seen whole."""
        records = await self._host.archive.records(
            self.conversation, limit=RECENT if self._seen is None else None
        )
        if self._seen is not None:
            records = [record for record in records if record.turn.id > self._seen]
        answers = [answer_of(record.turn, record.turn.draft, self._host.files) for record in records]
        return [self._host.audience.newest(answer) for answer in answers]

    async def take(self, request: Request) -> Received:
        """Store what the client sent. What cannot be done is a sentence for the person."""
        text = request.text if isinstance(request, Said) else ""
        language = language_of(text, self._author.locale)
        host = self._host
        try:
            paths = request.paths if isinstance(request, Said) else ()
            files: list[Attachment] = [await disk.keep(host.files, path) for path in paths]
            incoming = parse(request, self.conversation, self._author, host.clock.now(), files)
            receipt = await host.receive(incoming)
        except FileRefused as error:
            sentence = say(error.text, language, name=error.name, type="?", limit=human_size(FILE_BYTES))
            return Received(request.key, new=False, problem=sentence)
        except StoreError:
            logger.exception("what a console client sent could not be stored")
            return Received(request.key, new=False, problem=say("console_not_stored", language))
        refusal = "console_not_yours" if receipt.refusal == "not_yours" else receipt.refusal
        problem = say(refusal, language) if refusal else ""
        return Received(request.key, new=receipt.new, turn=receipt.turn, problem=problem)
