"""How the core's dataclasses are written into columns: as JSON, or field by field."""

import json
import sqlite3
from collections.abc import Sequence

from pydantic import TypeAdapter

from bot.messages import Attachment, Author, Command, Message
from bot.turns import Checkpoint, Draft, Turn

ATTACHMENTS = TypeAdapter(tuple[Attachment, ...])
CHECKPOINT = TypeAdapter(Checkpoint)
COMMAND = TypeAdapter(Command)
DRAFT = TypeAdapter(Draft)

NEW_CHECKPOINT = Checkpoint()
NEW_DRAFT = Draft()


def checkpoint_json(checkpoint: Checkpoint) -> str:
    return "" if checkpoint == NEW_CHECKPOINT else CHECKPOINT.dump_json(checkpoint).decode()


def draft_json(draft: Draft) -> str:
    return "" if draft == NEW_DRAFT else DRAFT.dump_json(draft).decode()


def attachments_json(attachments: Sequence[Attachment]) -> str:
    return ATTACHMENTS.dump_json(tuple(attachments)).decode() if attachments else "[]"


def message_of(row: sqlite3.Row) -> Message:
    return Message(
        conversation=row["conversation"],
        keys=tuple(json.loads(row["keys"])),
        position=row["position"],
        author=Author(row["author_id"], row["author_name"], row["locale"]),
        text=row["text"],
        sent_at=row["sent_at"],
        attachments=() if row["attachments"] == "[]" else ATTACHMENTS.validate_json(row["attachments"]),
        origin=row["origin"],
        private=bool(row["private"]),
        channel=row["channel"],
        id=row["id"],
    )


def messages_of(connection: sqlite3.Connection, turn: int) -> tuple[Message, ...]:
    """A turn's messages that are not deleted, in the platform's order.

    When all are deleted the turn is being stopped, and its reply still needs to know whom it answered.
    """
    rows = connection.execute(
        "SELECT m.* FROM turn_messages t JOIN messages m ON m.id = t.message "
        "WHERE t.turn = ? ORDER BY m.position, m.id",
        (turn,),
    ).fetchall()
    live = [row for row in rows if row["deleted_at"] is None]
    return tuple(message_of(row) for row in live or rows)


def turn_of(connection: sqlite3.Connection, row: sqlite3.Row) -> Turn:
    return Turn(
        id=row["id"],
        conversation=row["conversation"],
        messages=messages_of(connection, row["id"]),
        state=row["state"],
        attempt=row["attempt"],
        checkpoint=CHECKPOINT.validate_json(row["checkpoint"]) if row["checkpoint"] else NEW_CHECKPOINT,
        draft=DRAFT.validate_json(row["draft"]) if row["draft"] else NEW_DRAFT,
        again_of=row["again_of"],
        stop=bool(row["stop"]),
        first=not connection.execute(
            "SELECT 1 FROM turns WHERE conversation = ? AND id < ? AND thread IS NOT NULL AND replaced = 0"
            " LIMIT 1",
            (row["conversation"], row["id"]),
        ).fetchone(),
        created_at=row["created_at"],
    )
