"""One response while its events come in, from one connection after another."""

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from typing import Self

from bot.openai.client import Events
from bot.openai.sse import Json


class Opened:
    """A stream whose first events are there. `interrupt` ends a wait for more from another task."""

    def __init__(self, stack: AsyncExitStack, events: Events, first: list[Json]) -> None:
        self._stack = stack
        self._events = events
        self._first = first
        self._waiting: asyncio.Timeout | None = None

    @classmethod
    async def open(cls, source: AbstractAsyncContextManager[Events]) -> Self:
        """Connect, and read until the response has an id. Raises ServiceError."""
        async with AsyncExitStack() as stack:
            events = await stack.enter_async_context(aclosing(await stack.enter_async_context(source)))
            first: list[Json] = []
            async for batch in events:
                first += batch
                if named(first):
                    break
            return cls(stack.pop_all(), events, first)
        raise AssertionError("an exit stack swallowed an exception")

    @property
    def response(self) -> str:
        """The response's id; empty when the stream ended before it told."""
        return named(self._first)

    @property
    def fresh(self) -> bool:
        """Whether it has brought anything."""
        return bool(self._first)

    async def next(self) -> list[Json]:
        """The next events; none at the end. Raises ServiceError, and TimeoutError when interrupted."""
        if self._first:
            first, self._first = self._first, []
            return first
        try:
            async with asyncio.timeout(None) as self._waiting:
                return await anext(self._events, [])
        finally:
            self._waiting = None

    def interrupt(self) -> None:
        """Let the running `next` end with TimeoutError; without one nothing happens."""
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def close(self) -> None:
        await self._stack.aclose()


def named(events: list[Json]) -> str:
    """The response's id, from events that carry it."""
    return next(
        (str(event["response"]["id"]) for event in events if isinstance(event.get("response"), dict)), ""
    )
