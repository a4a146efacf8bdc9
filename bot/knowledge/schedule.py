"""Syncs collections as often as they say, while Maru runs."""

import logging
from collections.abc import Sequence

from bot.clock import Clock
from bot.errors import MaruError
from bot.knowledge.library import Library
from bot.ports import Collection

LOOK = 5.0  # seconds between two looks for what is due
MINUTE = 60.0  # seconds

log = logging.getLogger(__name__)


class Schedule:
    """What is due, also right after a start or when another process made the collection."""

    def __init__(self, library: Library, clock: Clock) -> None:
        self._library = library
        self._clock = clock
        self._tried: dict[str, float] = {}

    async def run(self) -> None:
        """Until cancelled; what fails is tried again when it is due the next time."""
        while True:
            try:
                for collection in await self._due():
                    await self._sync(collection.name)
            except MaruError:
                log.exception("the knowledge could not be synced")
            await self._clock.sleep(LOOK)

    async def _due(self) -> Sequence[Collection]:
        now = self._clock.now()
        return [
            one
            for one in await self._library.collections()
            if one.every and now - max(one.synced_at, self._tried.get(one.name, 0.0)) >= one.every * MINUTE
        ]

    async def _sync(self, name: str) -> None:
        self._tried[name] = self._clock.now()
        try:
            await self._library.sync(name)
        except Exception:
            # Whatever one collection holds: the others are synced, and Maru goes on answering.
            log.exception("%s could not be synced", name)
