"""Shows beside the thread that Maru is at work, what it does, what it is about, and Slack's stop button."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from adapters.slack.api import Api
from adapters.slack.markup import quiet
from adapters.slack.places import Origin, Place
from bot.clock import Clock
from bot.events import Activity
from bot.texts import Language
from bot.wording import activity

REFRESH = 90.0  # seconds; Slack clears a status after two minutes
LEAVE = 3.0  # seconds for the last word
STATUS_CHARS = 100


class Status:
    """A courtesy from first to last: what Slack refuses here goes unseen."""

    def __init__(
        self,
        api: Api,
        place: Place,
        origin: Origin,
        language: Language,
        *,
        title: str,
        told: Callable[[], Awaitable[None]],
        clock: Clock,
    ) -> None:
        """`title` names a conversation that begins; `told` is called whenever something else is done."""
        self._api, self._place, self._origin, self._language = api, place, origin, language
        self._title, self._told, self._clock = quiet(title), told, clock
        self._doing: Activity | None = None
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._shown = ""

    def begin(self) -> None:
        self._task = asyncio.create_task(self._follow())

    def show(self, doing: Activity | None) -> None:
        """Never waits."""
        if doing != self._doing:
            self._doing = doing
            self._changed.set()

    async def end(self) -> None:
        """Say that Maru is done; takes a few seconds at most."""
        if self._task is None:
            return
        task, self._task = self._task, None
        task.cancel()
        await asyncio.wait([task])
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE):
                if self._shown:
                    await self._say("")
                await self._session("active")

    async def _follow(self) -> None:
        await self._open()
        while True:
            self._changed.clear()
            doing = self._doing
            await self._say(quiet(activity(doing, self._language))[:STATUS_CHARS] if doing else "")
            await self._told()
            await self._due()

    async def _due(self) -> None:
        """Return once something else is done, or what is shown is about to go out."""
        waits = [asyncio.create_task(self._changed.wait()), asyncio.create_task(self._clock.sleep(REFRESH))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _say(self, text: str) -> None:
        if text or self._shown:
            self._shown = text
            await self._api.courtesy("assistant.threads.setStatus", **self._where, status=text)

    async def _open(self) -> None:
        """Begin or go on with the session; its title and who began it count only when it is new."""
        about = {"title": self._title, "initiator_user_id": self._origin.user}
        given = {name: value for name, value in about.items() if value}
        if await self._session("processing", **given) and self._title and self._place.direct:
            # The older way, until February 2027.
            await self._api.courtesy("assistant.threads.setTitle", **self._where, title=self._title)

    async def _session(self, status: str, **about: str) -> str:
        return await self._api.courtesy("agents.sessions.setStatus", **self._where, status=status, **about)

    @property
    def _where(self) -> dict[str, str]:
        return {"channel_id": self._place.channel, "thread_ts": self._place.thread_ts}
