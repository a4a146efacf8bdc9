"""Rate limits: buckets per route and channel, told in headers, and 50 requests a second in all."""

from collections import Counter, deque
from dataclasses import dataclass
from hashlib import sha1

from bot.clock import Clock
from tests.fakes.discord.wire import DiscordError

GLOBAL = 50
ROOMY = 100_000  # requests in a bucket while limits are off

# (method, kind of route) -> requests in so many seconds, per channel; observed, Discord publishes none
BUCKETS = {
    ("POST", "messages"): (5, 5.0),
    ("PATCH", "messages"): (5, 5.0),
    ("DELETE", "messages"): (5, 1.0),
    ("GET", "messages"): (5, 1.0),
    ("POST", "typing"): (5, 5.0),
    ("POST", "threads"): (50, 300.0),
    ("POST", "webhook"): (5, 2.0),
    ("PATCH", "webhook"): (5, 2.0),
}
OTHERS = (50, 1.0)


@dataclass
class Bucket:
    left: int
    until: float


class RateLimits:
    """Raises 429; counts only, while it is off."""

    def __init__(self, clock: Clock, *, on: bool) -> None:
        self.on = on
        self.refused: Counter[str] = Counter()  # scope (user, global, cloudflare) -> how often
        self._clock = clock
        self._buckets: dict[tuple[str, str, str], Bucket] = {}
        self._all: deque[float] = deque()

    def admit(self, method: str, kind: str, major: str) -> dict[str, str]:
        """The headers of the answer. `kind` is what the route is about, `major` its channel or webhook."""
        now = self._clock.now()
        size, seconds = BUCKETS.get((method, kind), OTHERS) if self.on else (ROOMY, 1.0)
        if self.on and kind not in ("callback", "webhook"):
            self._admit_globally(now)
        bucket = self._buckets.get((method, kind, major))
        if bucket is None or bucket.until <= now:
            bucket = self._buckets[method, kind, major] = Bucket(size, now + seconds)
        headers = {
            "X-RateLimit-Limit": str(size),
            "X-RateLimit-Remaining": str(max(0, bucket.left - 1)),
            "X-RateLimit-Reset": f"{bucket.until:.3f}",
            "X-RateLimit-Reset-After": f"{bucket.until - now:.3f}",
            "X-RateLimit-Bucket": sha1(f"{method} {kind}".encode(), usedforsecurity=False).hexdigest(),
        }
        if bucket.left <= 0:
            self.refused["user"] += 1
            raise _too_many(bucket.until - now, "user", headers)
        bucket.left -= 1
        return headers

    def _admit_globally(self, now: float) -> None:
        while self._all and self._all[0] <= now - 1:
            self._all.popleft()
        if len(self._all) >= GLOBAL:
            self.refused["global"] += 1
            raise _too_many(self._all[0] + 1 - now, "global", {"X-RateLimit-Global": "true"})
        self._all.append(now)


def _too_many(wait: float, scope: str, headers: dict[str, str]) -> DiscordError:
    return DiscordError(
        429,
        0,
        "You are being rate limited.",
        headers=headers | {"Via": "1.1 google", "Retry-After": f"{wait:.3f}", "X-RateLimit-Scope": scope},
        retry_after=round(wait, 3) + 0.001,
        **{"global": scope == "global"},
    )
