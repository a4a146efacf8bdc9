"""The events of one response, over as many connections as it takes."""

import logging
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing

from bot.events import Text
from bot.openai.client import Client
from bot.openai.errors import ServiceError
from bot.openai.opened import Opened
from bot.openai.patience import Patience
from bot.openai.reading import Read, Reading
from bot.openai.sse import Json

logger = logging.getLogger(__name__)

RESUME_WAITS = (0.0, 0.5, 1.0, 2.0, 4.0)  # seconds before each try to connect again
POLL_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, *((10.0,) * 12))  # seconds: a response that cannot be streamed again
RUNNING = {"queued", "in_progress"}


class Stream:
    """Reads a response to its end; `reading` says what that was."""

    def __init__(self, client: Client, patience: Patience, *, background: bool, stored: bool) -> None:
        self._client = client
        self._patience = patience
        self.background = background
        self._stored = stored
        self.reading = Reading()
        self.opened: Opened | None = None

    @property
    def response(self) -> str:
        """The response's id, as soon as it is known."""
        return self.reading.response or (self.opened.response if self.opened is not None else "")

    async def events(self) -> AsyncGenerator[Read, None]:
        """Raises ServiceError when the response failed, or its end cannot be learnt."""
        while not self.reading.status:
            if self._patience.over():
                self.reading.status = "cancelled"
            elif events := await self._next():
                for read in self._feed(events):
                    yield read
            elif not self._patience.over() and not await self._reconnect():
                for read in await self._fetch():
                    yield read

    async def follow(self, response: str) -> AsyncGenerator[Read, None]:
        """The events of a background response from its beginning, or what it came to."""
        self.reading.response = response
        try:
            self.opened = await Opened.open(self._client.follow(response, None))
        except ServiceError as error:
            logger.info("%s: cannot be taken up: %s", response, error)
            for read in await self._fetch():
                yield read
        async with aclosing(self.events()) as reads:
            async for read in reads:
                yield read

    def _feed(self, events: Sequence[Json]) -> Iterator[Read]:
        """What arrived together; its words as one, so that whoever is behind catches up."""
        text = ""
        try:
            for event in events:
                for read in self.reading.feed(event):
                    if isinstance(read, Text):
                        text += read.delta
                        continue
                    if text:
                        yield Text(text)
                        text = ""
                    yield read
        except ServiceError:
            if text:
                yield Text(text)
            raise
        if text:
            yield Text(text)

    async def close(self) -> None:
        if self.opened is not None:
            opened, self.opened = self.opened, None
            await opened.close()

    async def _next(self) -> list[Json]:
        """The next events; none when the connection ended, or the step is to stop."""
        if self.opened is None:
            return []
        try:
            return await self.opened.next()
        except TimeoutError:
            return []  # interrupted: it is to stop
        except ServiceError as error:
            if not error.lost:
                raise
            logger.info("%s: the stream broke off: %s", self.reading.response, error)
            return []

    async def _reconnect(self) -> bool:
        """Take the stream up where it broke off. False when the service has no more of it."""
        await self.close()
        if not self.background or self.reading.number is None:
            return False
        for wait in RESUME_WAITS:
            await self._patience.sleep(wait)
            try:
                self.opened = await Opened.open(
                    self._client.follow(self.reading.response, self.reading.number)
                )
            except ServiceError as error:
                logger.info("%s: cannot be taken up: %s", self.reading.response, error)
                if not error.passing:
                    return False
            else:
                return self.opened.fresh
        return False

    async def _fetch(self) -> Iterator[Read]:
        """What the response came to, once it is over; all of it again from the beginning."""
        if not self._stored or not self.reading.response:
            raise ServiceError(type="broken_off", lost=True)
        for wait in POLL_WAITS:
            try:
                response = await self._client.response(self.reading.response)
            except ServiceError as error:
                if not error.passing:
                    raise ServiceError(type="broken_off", lost=True) from error
            else:
                if response.get("status") not in RUNNING:
                    return self._render(response)
            await self._patience.sleep(wait)
            if self._patience.over():
                return iter(())
        raise ServiceError(type="no_end_in_sight", lost=True)

    def _render(self, response: Json) -> Iterator[Read]:
        if response.get("status") != "cancelled":  # what people have seen of a stopped answer stays
            yield from self.reading.restart()
        yield from self.reading.finish(response)
