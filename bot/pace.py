"""Keeps calls to a platform within its rate limits."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from math import inf

from bot.clock import Clock

ALLOWANCES = 1_000  # so many are kept before those that are not used any more are let go


class Priority(IntEnum):
    """Who goes first when not all can go."""

    FINAL = 0  # somebody waits for it
    EDIT = 1  # a newer one will come
    COURTESY = 2  # nobody would miss it


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `calls` in any `seconds`, of these methods together, for each place."""

    methods: frozenset[str]  # empty: all
    scope: str  # the name of the place that has its own allowance ("channel"); empty: the whole platform
    calls: int
    seconds: float


@dataclass(slots=True)
class _Allowance:
    """What a rule allows in one place."""

    rule: Rule
    made: deque[float]  # when the last `calls` were made, as the clock elapses

    def free_at(self) -> float:
        """When the next call may be made."""
        return self.made[0] + self.rule.seconds if len(self.made) == self.rule.calls else -inf


@dataclass(slots=True)
class _Waiting:
    """A call that asked."""

    rank: tuple[Priority, int]
    allowances: list[_Allowance]
    granted: asyncio.Future[None]

    def free_at(self) -> float:
        return max((allowance.free_at() for allowance in self.allowances), default=-inf)


class Pace:
    """Asked before each call to a platform; returns when its turn has come."""

    def __init__(self, rules: Sequence[Rule], clock: Clock, *, on: bool = True) -> None:
        self._rules = tuple(rules) if on else ()
        self._clock = clock
        self._allowances: dict[tuple[int, str], _Allowance] = {}
        self._most = ALLOWANCES
        self._waiting: list[_Waiting] = []
        self._number = count()
        self._timer: asyncio.Task[None] | None = None

    async def wait(self, method: str, places: Mapping[str, str], priority: Priority) -> None:
        """Return when this call may be made now; it then counts as made.

        `places` says where it goes, by scope ("channel" -> "C1"). A rule whose scope is not named there does
        not apply. Among calls that want the same, the more urgent goes first, then the older.
        """
        if len(self._allowances) > self._most:
            self._let_go()
        allowances = [
            self._allowance(number, rule, places.get(rule.scope, ""))
            for number, rule in enumerate(self._rules)
            if (not rule.methods or method in rule.methods) and (not rule.scope or rule.scope in places)
        ]
        if not allowances:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = _Waiting((priority, next(self._number)), allowances, future)
        self._waiting.append(waiting)
        self._waiting.sort(key=lambda one: one.rank)
        self._grant()
        try:
            await waiting.granted
        except asyncio.CancelledError:
            with suppress(ValueError):  # granted at the same moment: the call counts as made
                self._waiting.remove(waiting)
            self._set_timer()
            raise

    def _allowance(self, number: int, rule: Rule, place: str) -> _Allowance:
        return self._allowances.setdefault((number, place), _Allowance(rule, deque(maxlen=rule.calls)))

    def _let_go(self) -> None:
        """Forget the allowances that are whole again and that nobody waits for."""
        now = self._clock.elapsed()
        wanted = {id(allowance) for waiting in self._waiting for allowance in waiting.allowances}
        self._allowances = {
            key: allowance
            for key, allowance in self._allowances.items()
            if id(allowance) in wanted
            or (allowance.made and allowance.made[-1] + allowance.rule.seconds > now)
        }
        self._most = max(ALLOWANCES, 2 * len(self._allowances))

    def _grant(self) -> None:
        """Let everybody go who may go now, the most urgent first."""
        now = self._clock.elapsed()
        for waiting in list(self._waiting):
            if waiting.free_at() <= now and not waiting.granted.cancelled():
                self._waiting.remove(waiting)
                for allowance in waiting.allowances:
                    allowance.made.append(now)
                waiting.granted.set_result(None)
        self._set_timer()

    def _set_timer(self) -> None:
        """Look again when the next of those who wait may go."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            delay = min(waiting.free_at() for waiting in self._waiting) - self._clock.elapsed()
            self._timer = asyncio.create_task(self._look_again(delay))

    async def _look_again(self, delay: float) -> None:
        await self._clock.sleep(delay)
        self._timer = None
        self._grant()
