"""How a message is written down."""

import json
import sqlite3

from bot.messages import Message
from bot.text import storable
from storage.sqlite.codec import attachments_json
from storage.sqlite.database import inserted


def add_message(connection: sqlite3.Connection, message: Message, now: float) -> int:
    """Returns its number. Its identities are named apart."""
    return inserted(
        connection,
        "INSERT INTO messages (conversation, keys, position, author_id, author_name, locale, text,"
        " attachments, origin, sent_at, private, channel, received_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            message.conversation,
            json.dumps(message.keys),
            message.position,
            message.author.id,
            message.author.name,
            message.author.locale,
            storable(message.text),
            attachments_json(message.attachments),
            message.origin,
            message.sent_at,
            message.private,
            message.channel,
            now,
        ),
    )
