"""Looks for what was posted just before a crash, when nobody noted where."""

from collections.abc import Mapping
from typing import Any

from adapters.slack.api import Api
from adapters.slack.places import Place
from bot.pace import Priority
from bot.posted import FIRST_FILES

PAGE = 200
SKEW = 5.0  # seconds that Slack's clock may be behind ours


async def find(api: Api, place: Place, bot: str, since: float, *, number: int, key: str) -> str | None:
    """The ref of a message of ours in the thread: by its metadata, or what else it can be."""
    ours = [message for message in await _thread(api, place, since - SKEW) if message.get("user") == bot]
    if number >= FIRST_FILES:
        # Slack lets nothing of ours be put on a message of files; they are posted in order, one at a time.
        shared = [message["files"] for message in ours if message.get("files")]
        wanted = number - FIRST_FILES
        return ",".join(file["id"] for file in shared[wanted]) if wanted < len(shared) else None
    for message in ours:
        if _key(message) == key:
            return str(message["ts"])
    # A stream gets its metadata when it is stopped, so one that was cut short has none.
    cut = [message for message in ours if not _key(message) and not message.get("files")]
    return str(cut[-1]["ts"]) if cut else None


async def _thread(api: Api, place: Place, since: float) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    cursor = ""
    while True:
        more = {"cursor": cursor} if cursor else {}
        answer = await api.call(
            "conversations.replies",
            Priority.FINAL,
            channel=place.channel,
            ts=place.thread_ts,
            oldest=f"{since:.6f}",
            include_all_metadata=True,
            limit=PAGE,
            **more,
        )
        found += [message for message in answer["messages"] if float(message["ts"]) >= since]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return found


def _key(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("key") or "")
