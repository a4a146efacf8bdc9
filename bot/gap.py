"""Keeps what was said while no connection was there before what is said now."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from bot.errors import PlatformError

logger = logging.getLogger(__name__)

PATIENCE = 1.5  # seconds that a message waits for earlier ones; Slack waits three for everything


class Gap:
    """What was missed by a connection that is new; open at first.

    Catching up with all places takes a while, and in the meantime people write on. So a place in which
    somebody writes is looked at before the others.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self.is_open = True
        self._patience = patience
        self._looks: dict[str, asyncio.Task[None]] = {}

    def open(self) -> None:
        """A connection has begun: no place was looked at since."""
        self.is_open, self._looks = True, {}

    def close(self) -> None:
        """All that was missed is known, or nobody wants to know any more."""
        self.is_open = False
        for look in self._looks.values():
            look.cancel()
        self._looks = {}

    async def before(self, place: str, look: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Return once `look` has taken in what was missed in a place, or when patience ends.

        Each place is looked at once while the gap is open.
        """
        if self.is_open:
            await asyncio.wait({self.looked(place, look)}, timeout=self._patience)

    def looked(self, place: str, look: Callable[[], Coroutine[Any, Any, None]]) -> "asyncio.Task[None]":
        """The one look at a place while the gap is open, begun now unless it was before."""
        if place not in self._looks:
            self._looks[place] = asyncio.create_task(_look(place, look))
        return self._looks[place]

    async def settled(self) -> None:
        """Return once every look that was begun is over."""
        if self._looks:
            await asyncio.wait(set(self._looks.values()))


async def _look(place: str, look: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        await look()
    except PlatformError as error:
        logger.info("what was missed in %s cannot be looked at: %s", place, error)
