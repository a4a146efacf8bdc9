"""Shows beside the thread that Maru is at work, what it does, and Slack's own stop button."""

import asyncio
from contextlib import suppress

from adapters.slack.api import Api
from adapters.slack.places import Origin, Place
from bot.events import Activity
from bot.texts import Language
from bot.wording import activity

REFRESH = 90.0  # seconds; Slack clears a status after two minutes
LEAVE = 3.0  # seconds for the last word
STATUS_CHARS = 100


class Status:
    """A courtesy from first to last: what Slack refuses here goes unseen."""

    def __init__(self, api: Api, place: Place, origin: Origin, language: Language) -> None:
        self._api, self._place, self._origin, self._language = api, place, origin, language
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
        await self._session("processing")
        while True:
            self._changed.clear()
            doing = self._doing
            await self._say(activity(doing, self._language)[:STATUS_CHARS] if doing else "")
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH):
                    await self._changed.wait()

    async def _say(self, text: str) -> None:
        if text or self._shown:
            self._shown = text
            await self._api.courtesy("assistant.threads.setStatus", **self._where, status=text)

    async def _session(self, status: str) -> None:
        begun = (
            {"initiator_user_id": self._origin.user} if status == "processing" and self._origin.user else {}
        )
        await self._api.courtesy("agents.sessions.setStatus", **self._where, status=status, **begun)

    @property
    def _where(self) -> dict[str, str]:
        return {"channel_id": self._place.channel, "thread_ts": self._place.thread_ts}
