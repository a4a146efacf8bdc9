"""Turns Slack's events into the common events that the core knows; pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack.mrkdwn import called, mentioned, to_markdown
from adapters.slack.places import Origin, Place, author_id
from bot.messages import Attachment, Author, Delete, Edit, Message, Stop

Json = Mapping[str, Any]

# Dropping file_share would lose uploads; a broadcast is a reply that the channel sees too.
SPOKEN = {"", "file_share", "thread_broadcast", "me_message"}
SYSTEM = "USLACK"
GROUP = "mpim"


@dataclass(frozen=True, slots=True)
class Reader:
    """What parsing needs to know."""

    team: str  # the workspace that the event came to
    bot: str  # Maru's user there
    names: Mapping[str, str]  # of users, as far as they are known
    locales: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message, and whether it is for Maru."""

    message: Message
    addressed: bool  # it mentions Maru, or nobody else is there
    follow_up: bool  # it is for Maru if Maru takes part in its thread


def parse(event: Json, reader: Reader) -> Spoken | Edit | Delete | Stop | None:
    """What an event says; None when it says nothing to Maru."""
    match event.get("type"), event.get("subtype") or "":
        case (("message" | "app_mention"), subtype) if subtype in SPOKEN:
            return _spoken(event, reader)
        case "message", "message_changed":
            return _changed(event, reader)
        case "message", "message_deleted":
            return Delete(*_identity(event, event.get("previous_message") or {}, event["deleted_ts"], reader))
        case "agent_session_stopped", _:
            place = Place(reader.team, event["channel"], event.get("thread_ts") or "")
            return Stop(place.conversation, author_of(event.get("user") or "", reader))
    return None


def author_of(user: str, reader: Reader) -> Author:
    return Author(
        author_id(reader.team, user), reader.names.get(user) or user, reader.locales.get(user) or ""
    )


def position(ts: str) -> str:
    """Slack's own order within a channel, as text that sorts."""
    seconds, _, rest = ts.partition(".")
    return f"{seconds:0>12}.{rest:0<6}"


def from_bot(event: Json, bot: str) -> bool:
    """Whether a program wrote it: another bot, a webhook, Slack itself, or Maru."""
    user = event.get("user")
    return bool(
        event.get("bot_id")
        or event.get("bot_profile")
        or event.get("subtype") == "bot_message"
        or not user
        or user in (bot, SYSTEM)
    )


def _spoken(event: Json, reader: Reader) -> Spoken | None:
    if from_bot(event, reader.bot) or event.get("hidden"):
        return None
    text, ts, user = event.get("text") or "", event["ts"], event["user"]
    place = Place(reader.team, event["channel"], event.get("thread_ts") or ts)
    others = (mentioned(text) - {reader.bot}) | called(text)
    asked = event["type"] == "app_mention" or reader.bot in mentioned(text)
    group = event.get("channel_type") == GROUP
    message = Message(
        conversation=place.conversation,
        keys=_keys(place, ts, event),
        position=position(ts),
        author=author_of(user, reader),
        text=to_markdown(text, reader.names, reader.bot),
        sent_at=float(ts),
        attachments=tuple(attachment(file, reader.team) for file in event.get("files") or ()),
        origin=Origin(ts, user, event.get("user_team") or event.get("team") or reader.team).dump(),
        private=place.direct,
    )
    if not message.text and not message.attachments and not asked:
        return None
    return Spoken(
        message,
        addressed=asked or place.direct or (group and not others and place.thread_ts == ts),
        follow_up=place.thread_ts != ts and not others,
    )


def _changed(event: Json, reader: Reader) -> Edit | Delete | None:
    message, before = event.get("message") or {}, event.get("previous_message") or {}
    if message.get("subtype") == "tombstone":  # the deleted first message of a thread
        return Delete(*_identity(event, before, message.get("ts") or before["ts"], reader))
    # Slack reports its own unfurling as a change, too.
    if from_bot(message, reader.bot) or message.get("text") == before.get("text"):
        return None
    conversation, keys = _identity(event, message, message["ts"], reader)
    edited_at = float((message.get("edited") or {}).get("ts") or event.get("event_ts") or event["ts"])
    return Edit(
        conversation, keys, to_markdown(message.get("text") or "", reader.names, reader.bot), edited_at
    )


def _identity(event: Json, message: Json, ts: str, reader: Reader) -> tuple[str, tuple[str, ...]]:
    place = Place(reader.team, event["channel"], message.get("thread_ts") or ts)
    return place.conversation, _keys(place, ts, message)


def _keys(place: Place, ts: str, message: Json) -> tuple[str, ...]:
    keys = [f"slack:{place.team}/{place.channel}/{ts}"]
    if client := message.get("client_msg_id"):
        # One gesture can arrive as two messages with different ts.
        keys.append(f"slack:{place.team}/{place.channel}/client/{client}")
    return tuple(keys)


def attachment(file: Json, team: str) -> Attachment:
    """A file of a message; what Slack keeps back is said at once."""
    problem = {
        "tombstone": "slack_file_gone",
        "hidden_by_limit": "slack_file_hidden",
        "external": "slack_file_external",
    }.get(file.get("mode") or "", "")
    source = {
        "team": team,
        "id": file.get("id") or "",
        "url": file.get("url_private_download") or file.get("url_private") or "",
    }
    return Attachment(
        name=file.get("name") or file.get("title") or file.get("id") or "file",
        size=int(file.get("size") or 0),
        media_type=file.get("mimetype") or "",
        source=json.dumps(source),
        problem=problem,
    )
