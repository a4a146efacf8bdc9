"""Slash commands and the message shortcut as what the core knows; pure."""

from collections.abc import Mapping
from typing import Any

from adapters.slack.mrkdwn import to_markdown
from adapters.slack.parse import Reader, attachment, author_of, position
from adapters.slack.places import Origin, Place
from bot.commands import WORDS
from bot.messages import Command, Message
from bot.texts import language_of, say

SHORTCUT = "ask_maru"
NOWHERE = "command"  # in place of a thread: slash commands cannot be typed in one
OF_A_CONVERSATION = {"reset", "forget", "stop", "again"}


def command_of(body: Mapping[str, Any], reader: Reader, now: float) -> Command:
    """What `/maru …` asks for; nothing at all asks for help."""
    word, _, argument = str(body.get("text") or "").strip().partition(" ")
    user = str(body["user_id"])
    place = Place(reader.team, str(body["channel_id"]), NOWHERE)
    name = WORDS.get(word.lower(), word.lower()) or "help"
    return Command(
        # An assistant is chosen for the channel.
        conversation=place.conversation.removesuffix(f"/{NOWHERE}" if name == "assistant" else ""),
        key=f"slack:{reader.team}/command/{body['trigger_id']}",
        name=name,
        author=author_of(user, reader),
        sent_at=now,
        argument=argument or ("" if word.isascii() else word),
        origin=Origin(
            user=user, user_team=reader.team, response_url=str(body.get("response_url") or "")
        ).dump(),
    )


def about_this(body: Mapping[str, Any], reader: Reader) -> Message:
    """A question about the message that somebody chose from its menu."""
    message, user, channel = body["message"], str(body["user"]["id"]), str(body["channel"]["id"])
    place = Place(reader.team, channel, str(message.get("thread_ts") or message["ts"]))
    author = author_of(user, reader)
    quoted = to_markdown(str(message.get("text") or ""), reader.names, "")
    text = say("slack_about_this", language_of("", author.locale)) + "\n\n> " + quoted.replace("\n", "\n> ")
    return Message(
        conversation=place.conversation,
        keys=(f"slack:{reader.team}/shortcut/{body['trigger_id']}",),
        position=position(str(body["action_ts"])),
        author=author,
        text=text,
        sent_at=float(body["action_ts"]),
        attachments=tuple(attachment(file, reader.team) for file in message.get("files") or ()),
        origin=Origin(str(body["action_ts"]), user, reader.team, str(body.get("response_url") or "")).dump(),
        private=place.direct,
    )
