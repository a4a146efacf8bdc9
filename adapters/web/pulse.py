"""When replies are shown: the first word at once, then in a steady beat that slows down under load."""

import asyncio
from collections.abc import Callable
from time import perf_counter

from adapters.web.reply import WebReply

INTERVAL = 0.03  # seconds between two updates of a reply
SHARE = 3.0  # updates rest three times as long as they took, so that they leave room for everything else
SLICE = 0.005  # seconds of updating before others may run


class Pulse:
    """Calls `show` for each reply that has something new, as soon as it is due."""

    def __init__(self, show: Callable[[WebReply], None]) -> None:
        self._show = show
        self._dirty: set[WebReply] = set()
        self._now = asyncio.Event()

    def touch(self, reply: WebReply) -> None:
        """Something of it is new."""
        if not self._dirty or reply.due <= asyncio.get_running_loop().time():
            self._now.set()
        self._dirty.add(reply)

    def drop(self, reply: WebReply) -> None:
        """It is shown by other means."""
        self._dirty.discard(reply)

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            wait = min((reply.due for reply in self._dirty), default=float("inf")) - loop.time()
            if wait > 0:
                await happened(self._now, wait)
            self._now.clear()
            due = [reply for reply in self._dirty if reply.due <= loop.time()]
            self._dirty.difference_update(due)
            spent = await self._show_all(due)
            rest = loop.time() + max(INTERVAL, SHARE * spent)
            for reply in due:
                reply.due = rest

    async def _show_all(self, due: list[WebReply]) -> float:
        """Returns how many seconds it took."""
        spent, begun = 0.0, perf_counter()
        for reply in due:
            self._show(reply)
            if perf_counter() - begun > SLICE:
                spent += perf_counter() - begun
                await asyncio.sleep(0)
                begun = perf_counter()
        return spent + perf_counter() - begun


async def happened(event: asyncio.Event, seconds: float) -> None:
    """Return once it is set, or after some seconds."""
    if seconds == float("inf"):
        await event.wait()
        return
    try:
        async with asyncio.timeout(max(seconds, 0)):
            await event.wait()
    except TimeoutError:
        return
