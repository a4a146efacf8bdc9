"""Keeps a platform that posts and edits messages equal to a draft, at the pace it allows."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from bot.clock import Clock
from bot.errors import PlatformError, PlatformGone, PlatformUnreachable
from bot.ports import Parts
from bot.posted import Posted
from bot.surface import Limits, Surface
from bot.text import split
from bot.texts import language_of
from bot.turns import Draft, Turn

__all__ = ["Limits", "PostedReply", "Surface"]

logger = logging.getLogger(__name__)

GRACE = 3.0  # seconds that a call in flight gets to end when the turn is cut short
LOSSES = 3  # so many messages deleted by others, and nothing more is posted before the end


class PostedReply:
    """The `Reply` of one turn as messages on a surface; `render` writes a draft in the platform's dialect."""

    def __init__(
        self,
        *,
        turn: Turn,
        surface: Surface,
        parts: Parts,
        limits: Limits,
        render: Callable[[Draft], str],
        clock: Clock,
    ) -> None:
        self._turn, self._surface, self._limits, self._render, self._clock = (
            turn,
            surface,
            limits,
            render,
            clock,
        )
        language = language_of(turn.messages[-1].text, turn.author.locale)
        self._posted = Posted(turn.id, surface, parts, limits, language)
        self._newest = Draft()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._call: asyncio.Task[bool] | None = None  # in flight, or the last one

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._type())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()
        if self._call and not self._call.done():
            await asyncio.wait([self._call], timeout=GRACE)
            self._call.cancel()

    def show(self, draft: Draft) -> None:
        """Bring the platform closer to `draft` soon; the newest draft is what counts."""
        self._newest = draft
        self._wake.set()

    async def finish(self, draft: Draft) -> None:
        """Make the platform equal to `draft`, whatever was posted before and by whichever process."""
        await self._stop()
        while await self._approach(draft, exact=True):
            pass
        while await self._undisturbed(lambda: self._posted.deliver(draft.files)):
            pass

    async def _approach(self, draft: Draft, *, exact: bool) -> bool:
        texts = split(self._render(draft), self._limits.message_chars, measure=self._limits.measure)
        return await self._undisturbed(lambda: self._posted.approach(texts, exact=exact))

    async def _follow(self) -> None:
        """Follow the newest draft, one call at a time."""
        while self._posted.lost < LOSSES:
            await self._wake.wait()
            self._wake.clear()
            try:
                if not await self._approach(self._newest, exact=False):
                    continue
                pause = self._limits.edit_interval
            except PlatformUnreachable as error:
                logger.info("%s: not shown yet: %s", self._turn.reference, error)
                pause = max(self._limits.edit_interval, error.after)
            except PlatformGone as error:
                logger.info("%s: nowhere to show it: %s", self._turn.reference, error)
                return
            await self._clock.sleep(pause)
            self._wake.set()  # for what one call could not do

    async def _type(self) -> None:
        """Show that Maru is at work until there is something to read."""
        while not self._posted.visible:
            try:
                await self._surface.typing()
            except PlatformError as error:
                logger.debug("%s: typing is not shown: %s", self._turn.reference, error)
            await self._clock.sleep(self._limits.typing_interval)

    async def _undisturbed(self, call: Callable[[], Coroutine[Any, Any, bool]]) -> bool:
        """Carry out a call after the one in flight, and to its end: cut short, it is posted and not noted."""
        if self._call and not self._call.done():
            await asyncio.wait([self._call])
        self._call = asyncio.create_task(call())
        self._call.add_done_callback(_seen)
        return await asyncio.shield(self._call)

    async def _stop(self) -> None:
        """End what runs beside the turn; only a call in flight goes on."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                logger.error("%s: showing the answer failed", self._turn.reference, exc_info=outcome)


def _seen(task: asyncio.Task[bool]) -> None:
    """Whoever waited for the call may be gone; its error is met again by the next one."""
    if not task.cancelled():
        task.exception()
