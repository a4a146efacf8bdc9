"""Waiting by the clock, and no longer than anybody wants."""

import asyncio

from bot.clock import Clock


class Patience:
    """Waits that can be cut short, and how long to wait for a conversation that is locked."""

    LOCK_WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds

    def __init__(self, clock: Clock, stop: asyncio.Event) -> None:
        self._clock = clock
        self._stop = stop
        self._lock = iter(self.LOCK_WAITS)

    def over(self) -> bool:
        """Whether the step is to stop."""
        return self._stop.is_set()

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` by the clock, or once the step is to stop."""
        if not seconds:
            return
        waits = {
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._stop.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def locked(self) -> bool:
        """Wait for the conversation; False when it took too long."""
        seconds = next(self._lock, None)
        if seconds is None:
            return False
        await self.sleep(seconds)
        return True
