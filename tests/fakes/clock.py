"""Clocks that a test moves: one stands still until then, the other goes on by itself."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
    """The system's, which a test can put forward, and let sleep shorter than it says."""

    def __init__(self) -> None:
        self.ahead = 0.0  # seconds
        self.speed = 1.0  # so many seconds pass in one, from the beginning
        self._begun = super().elapsed()

    def now(self) -> float:
        return super().now() + self.elapsed() - super().elapsed()

    def elapsed(self) -> float:
        passed = super().elapsed() - self._begun
        return self._begun + self.ahead + passed * self.speed

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / self.speed)


async def settle(rounds: int = 20) -> None:
    """Let everything run that can run without waiting for anything outside."""
    for _ in range(rounds):
        await asyncio.sleep(0)
