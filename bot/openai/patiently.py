"""Tries a request again that may succeed a little later; for work that nobody waits for on a platform."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.clock import Clock
from bot.openai.errors import ServiceError

TRIES = 7
LONGEST = 60.0  # seconds between two tries, unless the service asks for more

T = TypeVar("T")


async def patiently(clock: Clock, ask: Callable[[], Awaitable[T]]) -> T:
    """What was asked for. Raises ServiceError when it cannot be had, or not after TRIES tries."""
    for tried in range(TRIES - 1):
        try:
            return await ask()
        except ServiceError as error:
            if not error.passing:
                raise
            await clock.sleep(max(error.after, min(2.0**tried, LONGEST)))
    return await ask()
