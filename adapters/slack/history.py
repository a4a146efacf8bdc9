"""Reads what others wrote in a thread before Maru was called into it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack.mrkdwn import mentioned, to_markdown
from adapters.slack.parse import from_bot, position
from adapters.slack.people import People
from adapters.slack.places import Place
from adapters.slack.workspace import Workspace
from bot.errors import HistoryCut, PlatformUnreachable
from bot.messages import Quoted
from bot.pace import Priority

Json = Mapping[str, Any]
PAGE = 200
PAGES = 5  # of a thread; Slack gives the oldest first


async def earlier(workspace: Workspace, bot: str, place: Place, before: str, limit: int) -> Sequence[Quoted]:
    """The last `limit` messages of the thread before a position, oldest first.

    Raises HistoryCut when Slack does not show all of them now.
    """
    if position(place.thread_ts) >= before:
        return ()
    found, missing = await _read(workspace, place, before)
    found = [message for message in found if message.get("user") != bot][-limit:]
    said = [await _quoted(message, workspace.people, bot) for message in found]
    if missing:
        raise HistoryCut(missing, said)
    return said


async def _read(workspace: Workspace, place: Place, before: str) -> tuple[list[Json], str]:
    """What Slack shows of a thread, and why that is not all; empty when it is."""
    found: list[Json] = []
    cursor = ""
    for _ in range(PAGES):
        more = {"cursor": cursor} if cursor else {}
        try:
            answer = await workspace.api.call(
                "conversations.replies",
                Priority.FINAL,
                channel=place.channel,
                ts=place.thread_ts,
                latest=_ts(before),
                limit=PAGE,
                **more,
            )
        except PlatformUnreachable as error:
            # Nobody waits a minute for what others said.
            return found, str(error)
        found += [message for message in answer["messages"] if position(message["ts"]) < before]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return found, ""
    return found, f"the thread has more than {PAGES * PAGE} messages"


async def _quoted(message: Json, people: People, bot: str) -> Quoted:
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
