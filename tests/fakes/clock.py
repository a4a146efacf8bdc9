"""Clocks that a test moves: one stands still until then, the other goes on by itself."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count

from bot.clock import SystemClock

START = 1_800_000_000.0


class ManualClock:
    """The `Clock` port."""

    def __init__(self, start: float = START) -> None:
        self._now = start
        self._set_by = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = count()
        self._slept = asyncio.Event()

    def now(self) -> float:
        return self._now + self._set_by

    def elapsed(self) -> float:
        return self._now

    def set_by(self, seconds: float) -> None:
        """Somebody sets the machine's clock: the time of day jumps, and nothing elapses."""
        self._set_by += seconds

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._number), future))
        self._slept.set()
        await future

    async def advance(self, seconds: float) -> None:
        """Move on; whoever wakes on the way runs at its own time, and may fall asleep again."""
        end = self._now + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._now, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
            await settle()
        self._now = end

    async def until_asleep(self, sleepers: int = 1) -> None:
        """Return once so many wait for this clock."""
        while sum(not future.done() for _, _, future in self._sleepers) < sleepers:
            self._slept.clear()
            await self._slept.wait()

    @asynccontextmanager
    async def passing(self, seconds: float = 1.0) -> AsyncIterator[None]:
        """Time passes while entered, so much of it at once, and nobody else moves the clock."""

        async def pass_on() -> None:
            while True:
                await self.advance(seconds)
                await asyncio.sleep(0.005)

        task = asyncio.create_task(pass_on())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


class FastForward(SystemClock):
    """The system's, which a test can put forward, and let run faster; whoever sleeps notices both."""

    def __init__(self) -> None:
        self._began, self._since = super().now(), super().elapsed()
        self._passed, self._ahead, self._speed = 0.0, 0.0, 1.0  # passed until `_since`, in its own seconds
        self._changed = asyncio.Event()

    @property
    def ahead(self) -> float:
        """So many seconds were left out."""
        return self._ahead

    @ahead.setter
    def ahead(self, seconds: float) -> None:
        self._ahead = seconds
        self._notice()

    @property
    def speed(self) -> float:
        """So many seconds pass in one."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._passed += (super().elapsed() - self._since) * self._speed
        self._since, self._speed = super().elapsed(), speed
        self._notice()

    def _notice(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def now(self) -> float:
        return self._began + self.elapsed()

    def elapsed(self) -> float:
        return self._passed + self._ahead + (super().elapsed() - self._since) * self._speed

    async def sleep(self, seconds: float) -> None:
        end = self.elapsed() + seconds
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, end - self.elapsed()) / self._speed):
                    await self._changed.wait()
            if self.elapsed() >= end:
                return


async def settle(rounds: int = 20) -> None:
    """Let everything run that can run without waiting for anything outside."""
    for _ in range(rounds):
        await asyncio.sleep(0)
