"""Brings a stored draft to its platform, however long the platform needs."""

import logging

from bot.clock import Clock
from bot.errors import PlatformGone, PlatformUnreachable, StoreError
from bot.ports import Reply
from bot.turns import Turn

logger = logging.getLogger(__name__)

WAIT, WAIT_MOST = 1.0, 300.0  # seconds between tries
BUGS = 3  # failures of our own, after which it is given up


async def deliver(reply: Reply, turn: Turn, clock: Clock) -> None:
    """Make the platform equal to the turn's draft. Returns also when nobody is there to read it."""
    wait, bugs = WAIT, 0
    while bugs < BUGS:
        after = 0.0
        try:
            await reply.finish(turn.draft)
        except PlatformUnreachable as error:
            logger.warning("%s: could not post yet: %s", turn.reference, error)
            after = error.after
        except StoreError as error:
            # What is posted must be remembered, or it would be posted twice: the disk has to be mended first.
            logger.error("%s: could not post yet: %s", turn.reference, error)  # noqa: TRY400 - it explains itself
        except PlatformGone as error:
            logger.warning("%s: nobody is there to read it: %s", turn.reference, error)
            return
        except Exception:
            bugs += 1
            logger.exception("%s: posting failed", turn.reference)
        else:
            return
        await clock.sleep(max(wait, after))
        wait = min(wait * 2, WAIT_MOST)
    logger.critical("%s: the answer is stored but could not be posted", turn.reference)
