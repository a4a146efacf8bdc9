"""Finds what was said to Maru while no connection was there; what is known already is a repeat."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from adapters.slack.places import Place, place_of
from adapters.slack.workspace import Workspace
from bot.catchup import CatchUp, insist
from bot.clock import Clock
from bot.errors import PlatformError, PlatformUnreachable
from bot.pace import Priority
from bot.ports import Archive

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]
Hear = Callable[[Json], Awaitable[None]]
"""Takes a message as an event."""

PATIENCE = 10.0  # seconds that a reply waits for what was missed in its thread
AGE = 3_600.0  # seconds; what is older is not answered any more
LISTED = 999  # channels; Slack gives no more at once
CHANNELS = 50  # looked at
THREADS = 30  # looked at: Slack allows 50 a minute, and some have to be read at once
PAGE = 100  # messages of each


class Missed:
    """Reads once for each connection; a conversation that somebody writes in meanwhile goes first."""

    def __init__(self, workspace: Workspace, archive: Archive, clock: Clock, hear: Hear) -> None:
        self._workspace, self._archive, self._clock, self._hear = workspace, archive, clock, hear
        self._since = 0.0
        self._catch_up = CatchUp(clock, PATIENCE)

    def begin(self) -> None:
        """A connection is there: read Maru's channels, DMs and threads, as far as the last hour goes."""
        self._since = self._clock.now() - AGE
        self._catch_up.open()
        self._catch_up.begin(self._read)

    async def close(self) -> None:
        """End what is still being read."""
        await self._catch_up.end()

    async def before(self, place: Place) -> None:
        """Return once it is known what was missed in a thread, or when that takes too long."""
        await self._catch_up.before(place.conversation, lambda: self._thread(place, Priority.FINAL))

    def maybe(self, place: Place, ts: str) -> bool:
        """Whether something can have been missed before a message; before the first of a thread, nothing."""
        return self._catch_up.is_open and place.thread_ts != ts

    async def _read(self) -> None:
        for place in await self._channels():
            await self._catch_up.at(place.conversation, partial(self._thread, place))

    async def _channels(self) -> Sequence[Place]:
        """Hear what was said outside of threads; returns the threads to read, Maru's own first.

        Those in which somebody wrote come before those of which that is not known.
        """
        latest = await self._archive.conversations(f"slack:{self._workspace.team}/", CHANNELS + THREADS)
        own = {one.conversation: place_of(one.conversation) for one in latest}
        news: dict[str, Place] = {}
        quiet: set[str] = set()
        for channel in await self._listed({place.channel: None for place in own.values()}):
            for message in await self._history(str(channel["id"])):
                spoken_at = float(message["ts"])
                place = Place(self._workspace.team, channel["id"], message.get("thread_ts") or message["ts"])
                begins = place.thread_ts == message["ts"]
                if max(float(message.get("latest_reply") or 0), 0 if begins else spoken_at) >= self._since:
                    news[place.conversation] = place
                elif begins:
                    quiet.add(place.conversation)
                # A reply that is shown in the channel, too, comes in its turn in its thread.
                if begins and spoken_at >= self._since:
                    await self._hear(_event(message, channel["id"], _kind(channel)))
        mine = [place for name, place in own.items() if name in news]
        others = [place for name, place in news.items() if name not in own]
        unseen = [place for name, place in own.items() if name not in news and name not in quiet]
        # Where Slack allows few looks, they are left to those who ask something now.
        return [*mine, *others, *([] if self._catch_up.slow else unseen)][:THREADS]

    async def _listed(self, first: Iterable[str]) -> Sequence[Json]:
        """Maru's channels: those that it talked in lately, then direct messages, then the rest."""
        answer = await self._asked(
            "users.conversations",
            types="public_channel,private_channel,mpim,im",
            exclude_archived=True,
            limit=LISTED,
        )
        ranks = {channel: rank for rank, channel in enumerate(first)}
        found: list[Json] = answer["channels"]
        found.sort(key=lambda one: (ranks.get(str(one["id"]), len(ranks)), not one.get("is_im")))
        return found[:CHANNELS]

    async def _history(self, channel: str) -> Sequence[Json]:
        """The latest messages of a channel, oldest first; nothing where Slack does not show it.

        Older ones, too: what began them may have gone on in their threads.
        """
        try:
            said = await self._asked("conversations.history", channel=channel, limit=PAGE)
        except PlatformError as error:
            logger.info("what was missed in a channel cannot be looked at: %s", error)
            return ()
        return list(reversed(said["messages"]))

    async def _asked(self, method: str, **arguments: Any) -> Any:
        async def call() -> Any:
            try:
                return await self._workspace.api.call(method, Priority.COURTESY, **arguments)
            except PlatformUnreachable as error:
                self._catch_up.unreachable(error)
                raise

        return await insist(call, self._clock)

    async def _thread(self, place: Place, priority: Priority = Priority.COURTESY) -> None:
        said = await self._workspace.api.call(
            "conversations.replies",
            priority,
            channel=place.channel,
            ts=place.thread_ts,
            oldest=f"{self._since:.6f}",
            limit=PAGE,
        )
        kind = "im" if place.direct else "channel"
        for message in said["messages"]:
            if float(message["ts"]) >= self._since:
                await self._hear(_event(message, place.channel, kind))


def _event(message: Json, channel: str, kind: str) -> Json:
    return {**message, "type": "message", "channel": channel, "channel_type": kind}


def _kind(channel: Json) -> str:
    return "im" if channel.get("is_im") else "mpim" if channel.get("is_mpim") else "channel"
