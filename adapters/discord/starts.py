"""How often sessions at the gateway may begin: whoever exceeds it has the token taken away."""

import logging

from bot.clock import Clock
from bot.pace import Pace, Priority, Rule

logger = logging.getLogger(__name__)

# Discord counts 5 seconds, from when it hears of it.
RULES = (Rule(frozenset(), "bucket", 1, 5.2),)


class Starts:
    """Outlives the clients, whose every beginning counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pace = Pace(RULES, clock)

    async def may_begin(self, bucket: int) -> None:
        """Return when a session of these shards may begin."""
        await self._pace.wait("identify", {"bucket": str(bucket)}, Priority.FINAL)

    async def none_left(self, seconds: float) -> None:
        """Return when Discord counts anew."""
        logger.error(
            "Discord lets Maru begin no more sessions for %.0f min; it waits. Look into the log for why it "
            "began so often, and whether another program has the same DISCORD_BOT_TOKEN",
            seconds / 60,
        )
        await self._clock.sleep(seconds)
