"""Keeps what was said while no connection was there before what is said now."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bot.clock import Clock
from bot.errors import PlatformError, PlatformUnreachable

logger = logging.getLogger(__name__)

T = TypeVar("T")
Look = Callable[[], Coroutine[Any, Any, None]]

WAITS = (1.0, 5.0, 25.0)  # seconds between tries: what is not found now is not looked for again


class CatchUp:
    """What was missed before the newest connection; closed when all of that is known.

    Catching up with all places takes a while, and in the meantime people write on. So a place in which
    somebody writes is looked at before the others.
    """

    def __init__(self, clock: Clock, patience: float) -> None:
        """`patience` is how many seconds a message waits for earlier ones."""
        self.is_open = False
        self.slow = False  # the platform asked for more patience than there is, since the newest connection
        self._clock, self._patience = clock, patience
        self._looks: dict[str, asyncio.Task[None]] = {}
        self._late: dict[str, asyncio.Event] = {}  # set once a place cannot be looked at in time
        self._all: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()  # those that are not over, also of older connections

    def open(self) -> None:
        """A connection has begun: no place was looked at since, and looks for an older one end."""
        self.close()
        self.is_open = True

    def begin(self, everything: Look) -> None:
        """Look at everything now; then it is closed."""
        self._all = self._start(self._read(everything))

    def close(self) -> None:
        """Nobody wants to know any more."""
        self.is_open, self.slow, self._all = False, False, None
        self._looks, self._late = {}, {}
        for task in self._tasks:
            task.cancel()

    async def end(self) -> None:
        """Close it, and return when nothing of it runs any more."""
        self.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def before(self, place: str, look: Look) -> None:
        """Return once `look` has taken in what was missed in a place, or when patience ends.

        Patience ends at once when the platform asks for more of it than there is; from then on it is left to
        the looks at everything. Each place is looked at once while it is open.
        """
        if not self.is_open or (self.slow and place not in self._looks):
            return
        looking = self._looked(place, look)
        late = asyncio.create_task(self._late[place].wait())
        try:
            await asyncio.wait({looking, late}, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            late.cancel()

    def unreachable(self, error: PlatformUnreachable) -> bool:
        """The platform refused a look for now; returns whether that is for longer than anybody waits."""
        if error.after <= self._patience:
            return False
        self.slow = True
        return True

    async def at(self, place: str, look: Look) -> None:
        """The same, for whoever looks at one place after the other: without an end to patience."""
        await asyncio.wait({self._looked(place, look)})

    def _looked(self, place: str, look: Look) -> "asyncio.Task[None]":
        if place not in self._looks:
            late = self._late[place] = asyncio.Event()
            self._looks[place] = self._start(self._look(place, look, late))
        return self._looks[place]

    async def _look(self, place: str, look: Look, late: asyncio.Event) -> None:
        async def once() -> None:
            try:
                await look()
            except PlatformUnreachable as error:
                if self.unreachable(error):
                    late.set()
                raise

        try:
            await insist(once, self._clock)
        except PlatformError as error:
            logger.info("what was missed in %s cannot be looked at: %s", place, error)

    async def _read(self, everything: Look) -> None:
        try:
            await everything()
            # Those of places in which somebody wrote meanwhile.
            if self._looks:
                await asyncio.wait(set(self._looks.values()))
        except PlatformError as error:
            logger.info("not everything that was missed could be looked at: %s", error)

    def _start(self, looking: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(looking)
        self._tasks.add(task)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("what was missed could not be taken in", exc_info=error)
        if task is self._all:
            self.close()


async def insist(call: Callable[[], Coroutine[Any, Any, T]], clock: Clock) -> T:
    """Call it again while the platform cannot be reached, a few times. Raises PlatformError."""
    for wait in WAITS:
        try:
            return await call()
        except PlatformUnreachable as error:
            logger.info("catching up waits: %s", error)
            await clock.sleep(max(wait, error.after))
    return await call()
