"""Finds what was said to Maru while no connection was there; what is known already is a repeat."""

import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

from adapters.slack.places import place_of
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
    since = f"{clock.now() - AGE:.6f}"
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
            place = place_of(summary.conversation)
            said = await workspace.api.call(
                "conversations.replies",
                Priority.COURTESY,
                channel=place.channel,
                ts=place.thread_ts,
                oldest=since,
                limit=PAGE,
            )
            for message in said["messages"]:
                if float(message["ts"]) >= float(since):
                    yield _event(message, place.channel, "im" if place.direct else "channel")
    except PlatformError as error:
        logger.info("not everything that was missed could be looked at: %s", error)


def _event(message: Json, channel: str, kind: str) -> Json:
    return {**message, "type": "message", "channel": channel, "channel_type": kind}
