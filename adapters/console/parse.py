"""Turns what a client sent into the common event that the core knows; pure."""

import json
from collections.abc import Sequence

from adapters.console.protocol import Commanded, Deleted, Edited, Interrupted, Pressed, Request, Said
from bot.messages import Attachment, Author, Command, Delete, Edit, Incoming, Message, Press, Stop

PLATFORM = "console"


def parse(
    request: Request, conversation: str, author: Author, now: float, attachments: Sequence[Attachment] = ()
) -> Incoming:
    """The event behind a request; `attachments` are the files of what was said."""
    match request:
        case Said(key, text):
            return Message(
                conversation=conversation,
                keys=(_identity(key),),
                position=position(now),
                author=author,
                text=text,
                sent_at=now,
                attachments=tuple(attachments),
                origin=origin(key),
                private=True,
            )
        case Edited(message=message, text=text):
            return Edit(conversation, (_identity(message),), text, now)
        case Deleted(message=message):
            return Delete(conversation, (_identity(message),))
        case Pressed(key, turn, action, call):
            return Press(conversation, turn, action, author, call, origin(key))
        case Commanded(key, name, argument):
            return Command(conversation, _identity(key), name, author, now, argument, origin(key))
        case Interrupted():
            return Stop(conversation, author)


def conversation_of(name: str) -> str:
    return f"{PLATFORM}:{name}"


def position(now: float) -> str:
    """A place in the conversation that sorts as text: microseconds since the epoch."""
    return f"{now * 1e6:020.0f}"


def _identity(key: str) -> str:
    """A client's key as an identity among those of all platforms."""
    return f"{PLATFORM}:{key}"


def key_of(message: Message) -> str:
    """The client's key of a message that came in here."""
    return message.keys[0].partition(":")[2]


def origin(key: str) -> str:
    """What is kept with a message or command, so that a whisper finds what it is about."""
    return json.dumps({"key": key})


def key_in(kept: str) -> str:
    """The key in an `origin`."""
    return str(json.loads(kept).get("key", ""))
