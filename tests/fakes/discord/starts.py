"""How often sessions may begin: 5 seconds apart in each bucket of shards, and a thousand times a day."""

from bot.clock import Clock
from tests.fakes.discord.wire import Json

APART = 5.0  # seconds
A_DAY = 1_000
DAY = 86_400.0


class Starts:
    """Counts always; refuses for haste only while limits are on."""

    def __init__(self, clock: Clock, *, on: bool) -> None:
        self.on = on
        self.shards = 1  # that Discord advises
        self.demanded = 1  # with fewer it refuses
        self.max_concurrency = 1  # buckets of shards
        self.left = A_DAY
        self.hasty = 0  # sessions that began too soon after another
        self._clock = clock
        self._counted_anew = clock.elapsed() + DAY
        self._last: dict[int, float] = {}  # bucket -> when

    def told(self) -> Json:
        """What `/gateway/bot` says of it."""
        now = self._clock.elapsed()
        if now >= self._counted_anew:
            self.left, self._counted_anew = A_DAY, now + DAY
        return {
            "total": A_DAY,
            "remaining": self.left,
            "reset_after": int((self._counted_anew - now) * 1_000),
            "max_concurrency": self.max_concurrency,
        }

    def begin(self, shard: int) -> bool:
        """Whether a session may begin now; it counts in any case."""
        now, bucket = self._clock.elapsed(), shard % self.max_concurrency
        self.left -= 1
        if self.on and now - self._last.get(bucket, -APART) < APART:
            self.hasty += 1
            return False
        self._last[bucket] = now
        return True
