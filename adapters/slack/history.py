"""Reads what others wrote in a thread before Maru was called into it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack.mrkdwn import mentioned, to_markdown
from adapters.slack.parse import from_bot, position
from adapters.slack.people import People
from adapters.slack.places import Place
from adapters.slack.workspace import Workspace
from bot.messages import Quoted
from bot.pace import Priority

PAGE = 200
PAGES = 5  # of a thread; Slack gives the oldest first


async def earlier(workspace: Workspace, bot: str, place: Place, before: str, limit: int) -> Sequence[Quoted]:
    """The last `limit` messages of the thread before a position, oldest first."""
    if position(place.thread_ts) >= before:
        return ()
    found: list[Mapping[str, Any]] = []
    cursor = ""
    for _ in range(PAGES):
        more = {"cursor": cursor} if cursor else {}
        answer = await workspace.api.call(
            "conversations.replies",
            Priority.FINAL,
            channel=place.channel,
            ts=place.thread_ts,
            latest=_ts(before),
            limit=PAGE,
            **more,
        )
        found += [message for message in answer["messages"] if position(message["ts"]) < before]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break
    found = [message for message in found if message.get("user") != bot][-limit:]
    return [await _quoted(message, workspace.people, bot) for message in found]


async def _quoted(message: Mapping[str, Any], people: People, bot: str) -> Quoted:
    text = str(message.get("text") or "")
    for user in mentioned(text) - {bot}:
        await people.name(user)
    names = [file.get("name") or "file" for file in message.get("files") or ()]
    said = "\n".join([to_markdown(text, people.names, ""), *(f"[file: {name}]" for name in names)]).strip()
    if from_bot(message, bot):
        author = str((message.get("bot_profile") or {}).get("name") or message.get("username") or "bot")
    else:
        author = await people.name(str(message["user"]))
    return Quoted(author, said, float(message["ts"]))


def _ts(place: str) -> str:
    """The ts behind a position."""
    return re.sub(r"^0+(?=\d)", "", place)
