"""Counts what Discord refuses, so that nothing is asked on and on: that gets an address banned."""

import logging
from collections import defaultdict, deque

import aiohttp

from bot.clock import Clock
from bot.errors import PlatformGone, PlatformUnreachable

logger = logging.getLogger(__name__)

WINDOW = 600.0  # seconds; Discord bans an address for 10,000 invalid requests in them
MOST = 5_000  # after which nothing at all is asked
SAME = 5  # times that the same thing is asked in one place
INVALID = (401, 403, 429)
SHARED = "shared"  # the scope of a 429 that is not our doing, and does not count


class StillForbidden(PlatformGone):
    """It was forbidden often enough, so it is not asked."""


class Refusals:
    """Asked before each call, and told what came of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: deque[float] = deque()  # when
        self._silent_until = float("-inf")  # as the clock elapses
        self._forbidden: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def check(self, method: str, channel: str) -> None:
        """Raise PlatformUnreachable when nothing may be asked now, PlatformGone when this may not."""
        if len(self._recent(self._all)) >= MOST:
            raise PlatformUnreachable(f"{method}: too much was refused", self._wait(self._all))
        if (left := self._silent_until - self._clock.elapsed()) > 0.0:
            raise PlatformUnreachable(f"{method}: Discord's network refuses this address", left)
        if (method, channel) in self._forbidden:
            refused = self._recent(self._forbidden[method, channel])
            if not refused:
                del self._forbidden[method, channel]
            elif len(refused) >= SAME:
                raise StillForbidden(f"{method}: forbidden {SAME} times, not asked again for a while")

    def fall_silent(self, seconds: float) -> None:
        """The network in front of Discord refuses the whole address for a while."""
        logger.error("Discord's network refuses this address; asking nothing for %.0f s", seconds)
        self._silent_until = self._clock.elapsed() + seconds

    def forbidden(self, method: str, channel: str) -> None:
        """Maru lacks the permission for this there."""
        if channel:
            self._forbidden[method, channel].append(self._clock.elapsed())

    def forgive(self) -> None:
        """Somebody changed permissions somewhere."""
        self._forbidden.clear()

    def trace(self) -> aiohttp.TraceConfig:
        """Counts every answer of Discord, also of what discord.py asks or asks again by itself."""
        config = aiohttp.TraceConfig()
        config.on_request_end.append(self._answered)
        return config

    async def _answered(self, _: object, __: object, answered: aiohttp.TraceRequestEndParams) -> None:
        response = answered.response
        if response.status in INVALID and response.headers.get("X-RateLimit-Scope") != SHARED:
            self.refused()

    def refused(self) -> None:
        """Discord counted an invalid request."""
        self._all.append(self._clock.elapsed())
        if len(self._recent(self._all)) == MOST:
            logger.error(
                "Discord refused %d requests within %.0f min; asking nothing for %.0f s, because it bans "
                "addresses for twice as many. Look for what Maru may not do, and for whom",
                MOST,
                WINDOW / 60,
                self._wait(self._all),
            )

    def _recent(self, times: deque[float]) -> deque[float]:
        while times and times[0] <= self._clock.elapsed() - WINDOW:
            times.popleft()
        return times

    def _wait(self, times: deque[float]) -> float:
        """Seconds until the oldest does not count any more."""
        return times[0] + WINDOW - self._clock.elapsed()
