"""Rate limits: by method and workspace, and one post a second in a channel."""

import math
from collections import deque

from bot.clock import Clock
from tests.fakes.slack.methods import METHODS
from tests.fakes.slack.wire import SlackError

WINDOW = 60.0
GRACE = 1.1  # tiers read "20+ a minute": what keeps to the number exactly is never refused
BURST = 3.0  # posts at once in a channel that was quiet


class RateLimits:
    """Raises 429 with `Retry-After`; counts only, while it is off."""

    def __init__(self, clock: Clock, *, on: bool) -> None:
        self.on = on
        self.refused: dict[str, int] = {}  # method -> how often it was answered 429
        self.per_minute: dict[str, int] = {name: method.per_minute for name, method in METHODS.items()}
        self._clock = clock
        self._calls: dict[tuple[str, str], deque[float]] = {}
        self._posts: dict[str, tuple[float, float]] = {}

    def admit(self, method: str, team: str, channel: str = "") -> None:
        if not self.on:
            return
        now = self._clock.now()
        calls = self._calls.setdefault((method, team), deque())
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        if len(calls) >= int(self.per_minute[method] * GRACE):
            self._refuse(method, calls[0] + WINDOW - now)
        if method == "chat.postMessage":
            self._admit_post(channel, now)
        calls.append(now)

    def _admit_post(self, channel: str, now: float) -> None:
        left, since = self._posts.get(channel, (BURST, now))
        left = min(BURST, left + now - since)
        if left < 1:
            self._refuse("chat.postMessage", 1 - left)
        self._posts[channel] = (left - 1, now)

    def _refuse(self, method: str, wait: float) -> None:
        self.refused[method] = self.refused.get(method, 0) + 1
        raise SlackError("ratelimited", status=429, headers={"Retry-After": str(max(1, math.ceil(wait)))})
