"""Small things done after the platform was answered; they need not survive."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

logger = logging.getLogger(__name__)


class Errands:
    """What an adapter still does in the background."""

    def __init__(self, platform: str) -> None:
        self._platform = platform  # for the log
        self._tasks: set[asyncio.Task[None]] = set()

    def later(self, errand: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Begin it now and go on; what goes wrong with it is logged."""
        task = asyncio.create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._over)
        return task

    async def close(self) -> None:
        """End those that still run."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.warning("%s: something small could not be done", self._platform, exc_info=error)
