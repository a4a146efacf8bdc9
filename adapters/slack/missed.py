"""Finds what was said to Maru while no connection was there; what is known already is a repeat."""

import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

from adapters.slack.places import Place, place_of
from adapters.slack.workspace import Workspace
from bot.clock import Clock
from bot.errors import PlatformError
from bot.pace import Priority
from bot.ports import Archive

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]
AGE = 3_600.0  # seconds; what is older is not answered any more
CHANNELS = 50  # looked at, and as many threads
PAGE = 100  # messages of each


async def missed(workspace: Workspace, archive: Archive, clock: Clock) -> AsyncIterator[Json]:
    """Messages of the last hour in Maru's channels, DMs and threads, as events."""
    since = _since(clock)
    try:
        answer = await workspace.api.call(
            "users.conversations",
            Priority.COURTESY,
            types="public_channel,private_channel,mpim,im",
            exclude_archived=True,
            limit=CHANNELS,
        )
        for channel in answer["channels"]:
            kind = "im" if channel.get("is_im") else "mpim" if channel.get("is_mpim") else "channel"
            said = await workspace.api.call(
                "conversations.history", Priority.COURTESY, channel=channel["id"], oldest=since, limit=PAGE
            )
            for message in reversed(said["messages"]):
                yield _event(message, channel["id"], kind)
        for summary in await archive.conversations(f"slack:{workspace.team}/", CHANNELS):
            for event in await _in_thread(
                workspace, place_of(summary.conversation), since, Priority.COURTESY
            ):
                yield event
    except PlatformError as error:
        logger.info("not everything that was missed could be looked at: %s", error)


async def missed_in(workspace: Workspace, place: Place, clock: Clock) -> list[Json]:
    """Messages of the last hour in a thread, as events, at once. Raises PlatformError."""
    return await _in_thread(workspace, place, _since(clock), Priority.FINAL)


def _since(clock: Clock) -> str:
    return f"{clock.now() - AGE:.6f}"


async def _in_thread(workspace: Workspace, place: Place, since: str, priority: Priority) -> list[Json]:
    said = await workspace.api.call(
        "conversations.replies",
        priority,
        channel=place.channel,
        ts=place.thread_ts,
        oldest=since,
        limit=PAGE,
    )
    kind = "im" if place.direct else "channel"
    return [
        _event(message, place.channel, kind)
        for message in said["messages"]
        if float(message["ts"]) >= float(since)
    ]


def _event(message: Json, channel: str, kind: str) -> Json:
    return {**message, "type": "message", "channel": channel, "channel_type": kind}
