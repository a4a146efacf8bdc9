"""Tells one person something: privately where Slack can, in the thread of their DM otherwise."""

import logging
from collections.abc import Sequence
from typing import Any

import aiohttp

from adapters.slack.api import SlackRefused
from adapters.slack.markup import to_mrkdwn
from adapters.slack.places import Origin, Place
from adapters.slack.workspace import Workspace
from bot.errors import PlatformGone
from bot.pace import Priority

logger = logging.getLogger(__name__)

Blocks = Sequence[dict[str, Any]]
QUIET = {"unfurl_links": False, "unfurl_media": False}
# So that it is never taken for a part of an answer.
NOTE = {"event_type": "maru_note", "event_payload": {"key": "note"}}
OK = 200


async def whisper(
    workspace: Workspace, place: Place, origin: Origin, text: str, buttons: Blocks = ()
) -> None:
    """Raises PlatformUnreachable when another try may help."""
    said = to_mrkdwn(text)
    content: dict[str, Any] = {"text": said}
    if buttons:
        content["blocks"] = [{"type": "section", "text": {"type": "mrkdwn", "text": said}}, *buttons]
    if origin.response_url and await _respond(workspace, origin.response_url, content):
        return
    if not origin.user:
        logger.info("nobody is named to whisper to in %s", place.conversation)
        return
    thread = {"thread_ts": place.thread_ts} if "." in place.thread_ts else {}
    if place.direct:
        await _post(workspace, place.channel, content | thread)
        return
    try:
        await workspace.api.call(
            "chat.postEphemeral", Priority.FINAL, channel=place.channel, user=origin.user, **content, **thread
        )
    except (PlatformGone, SlackRefused) as error:
        # Maru was mentioned where it is no member: a DM reaches the person all the same.
        logger.info("whispering by DM: %s", error)
        await _post(workspace, origin.user, content)


async def _post(workspace: Workspace, channel: str, content: dict[str, Any]) -> None:
    await workspace.api.call(
        "chat.postMessage", Priority.FINAL, channel=channel, metadata=NOTE, **content, **QUIET
    )


async def _respond(workspace: Workspace, url: str, content: dict[str, Any]) -> bool:
    """Answer a press or a slash command; False when its address is used up."""
    body = {"response_type": "ephemeral", "replace_original": False, **content}
    try:
        async with workspace.session.post(url, json=body) as response:
            return response.status == OK
    except (aiohttp.ClientError, TimeoutError) as error:
        logger.info("a response_url did not answer: %s", error)
        return False
