"""What comes in, stored in one transaction before the platform is told "received"."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from bot.clock import Clock
from bot.files import TURN_BYTES
from bot.messages import (
    Attachment,
    Command,
    Delete,
    Edit,
    Incoming,
    Message,
    Press,
    Receipt,
    Stop,
)
from bot.text import storable
from storage.sqlite.codec import COMMAND, attachments_json
from storage.sqlite.database import Database
from storage.sqlite.messages import add_message
from storage.sqlite.presses import new_turn, press, stop, stop_turn

MESSAGES_PER_TURN = 20

REPEAT = Receipt(new=False)


class SqliteInbox:
    """The `Inbox` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def receive(self, incoming: Incoming) -> Receipt:
        now = self._clock.now()
        return await self._database.write(lambda connection: _receive(connection, incoming, now))

    async def commands(self) -> Sequence[Command]:
        def work(connection: sqlite3.Connection) -> list[Command]:
            rows = connection.execute(
                "SELECT id, command, until FROM commands WHERE done_at IS NULL ORDER BY id"
            )
            return [
                replace(COMMAND.validate_json(row["command"]), id=row["id"], until=row["until"])
                for row in rows
            ]

        return await self._database.read(work)

    async def command_done(self, command: Command) -> None:
        now = self._clock.now()
        await self._database.write(
            lambda connection: connection.execute(
                "UPDATE commands SET done_at = ? WHERE id = ?", (now, command.id)
            )
        )

    async def fetched(self, message: Message, attachments: Sequence[Attachment]) -> None:
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE messages SET attachments = ? WHERE id = ?",
                (attachments_json(attachments), message.id),
            )
            _own(connection, message.conversation, attachments, now)

        await self._database.write(work)


def _receive(connection: sqlite3.Connection, incoming: Incoming, now: float) -> Receipt:
    match incoming:
        case Message():
            return _message(connection, incoming, now)
        case Edit():
            return _edit(connection, incoming)
        case Delete():
            return _delete(connection, incoming, now)
        case Press():
            return press(connection, incoming, now)
        case Command():
            return _command(connection, incoming, now)
        case Stop():
            return stop(connection, incoming.conversation, incoming.until)


def _known(connection: sqlite3.Connection, keys: tuple[str, ...]) -> sqlite3.Row | None:
    places = ",".join("?" * len(keys))
    row: sqlite3.Row | None = connection.execute(
        f"SELECT key, message FROM message_keys WHERE key IN ({places}) ORDER BY message DESC LIMIT 1",  # noqa: S608 - only question marks
        keys,
    ).fetchone()
    return row


def _name(connection: sqlite3.Connection, keys: tuple[str, ...], message: int | None, now: float) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO message_keys VALUES (?, ?, ?)", [(key, message, now) for key in keys]
    )


def _message(connection: sqlite3.Connection, message: Message, now: float) -> Receipt:
    if known := _known(connection, message.keys):
        # Another identity of the same message is worth knowing: an edit may come under it.
        _name(connection, message.keys, known["message"], now)
        if message.attachments and known["message"]:
            _bring(connection, known["message"], message, now)
        return Receipt(new=False, message=known["message"] or 0)
    connection.execute(
        "INSERT INTO conversations (id, created_at, updated_at) VALUES (?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at",
        (message.conversation, now, now),
    )
    number = add_message(connection, message, now)
    _name(connection, message.keys, number, now)
    _own(connection, message.conversation, message.attachments, now)
    turn = _joinable(connection, message) or new_turn(connection, message.conversation, now)
    connection.execute("INSERT INTO turn_messages VALUES (?, ?)", (turn, number))
    return Receipt(new=True, turn=turn, message=number)


def _bring(connection: sqlite3.Connection, known: int, message: Message, now: float) -> None:
    """A message can first come without its files."""
    brought = connection.execute(
        "UPDATE messages SET attachments = ? WHERE id = ? AND attachments = '[]' AND deleted_at IS NULL",
        (attachments_json(message.attachments), known),
    ).rowcount
    if brought:
        _own(connection, message.conversation, message.attachments, now)
        _outdate(connection, known)


def _own(
    connection: sqlite3.Connection, conversation: str, attachments: Sequence[Attachment], now: float
) -> None:
    """The bytes of a message's files belong to its conversation."""
    connection.executemany(
        "INSERT OR IGNORE INTO files VALUES (?, ?, 0, ?, ?, ?, ?)",
        [
            (file.digest, conversation, file.name, file.media_type, file.size, now)
            for file in attachments
            if file.digest
        ],
    )


def _joinable(connection: sqlite3.Connection, message: Message) -> int:
    """The turn that still collects messages, if this one fits in; else 0."""
    row = connection.execute(
        "SELECT id FROM turns WHERE conversation = ? AND state = 'waiting' AND claimed_at IS NULL"
        " AND again_of = 0 ORDER BY id DESC LIMIT 1",
        (message.conversation,),
    ).fetchone()
    if row is None:
        return 0
    held = connection.execute(
        "SELECT m.attachments FROM turn_messages t JOIN messages m ON m.id = t.message WHERE t.turn = ?",
        (row["id"],),
    ).fetchall()
    size = sum(file["size"] for other in held for file in json.loads(other["attachments"]))
    size += sum(file.size for file in message.attachments)
    return 0 if len(held) >= MESSAGES_PER_TURN or size > TURN_BYTES else int(row["id"])


def _edit(connection: sqlite3.Connection, edit: Edit) -> Receipt:
    known = _known(connection, edit.keys)
    if known is None or known["message"] is None:
        return REPEAT
    text = storable(edit.text)
    changed = connection.execute(
        "UPDATE messages SET text = ?, edited_at = ? WHERE id = ? AND text != ? AND deleted_at IS NULL"
        " AND coalesce(edited_at, 0) <= ?",
        (text, edit.edited_at, known["message"], text, edit.edited_at),
    ).rowcount
    if not changed:
        return Receipt(new=False, message=known["message"])
    return Receipt(new=True, turn=_outdate(connection, known["message"]), message=known["message"])


def _delete(connection: sqlite3.Connection, delete: Delete, now: float) -> Receipt:
    known = _known(connection, delete.keys)
    if known is None:
        _name(connection, delete.keys, None, now)
        return Receipt(new=True)
    message = known["message"]
    if (
        message is None
        or not connection.execute(
            "UPDATE messages SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", (now, message)
        ).rowcount
    ):
        return REPEAT
    turn = _outdate(connection, message)
    left = connection.execute(
        "SELECT 1 FROM turn_messages t JOIN messages m ON m.id = t.message"
        " WHERE t.turn = ? AND m.deleted_at IS NULL",
        (turn,),
    ).fetchone()
    if left is not None:
        return Receipt(new=True, turn=turn, message=message)
    # Nothing is left to answer. What was not taken up yet ends without a word.
    connection.execute(
        "UPDATE turns SET state = 'stopped', done_at = ?"
        " WHERE id = ? AND state = 'waiting' AND claimed_at IS NULL",
        (now, turn),
    )
    return Receipt(new=True, turn=turn, message=message, stopped=stop_turn(connection, turn))


def _outdate(connection: sqlite3.Connection, message: int) -> int:
    """A message changed: if its turn went to the engine already, the thread there is no longer right."""
    row = connection.execute(
        "SELECT max(turn) AS turn FROM turn_messages WHERE message = ?", (message,)
    ).fetchone()
    turn = int(row["turn"] or 0)
    connection.execute(
        "UPDATE turns SET outdated = 1, uncopied = 1 WHERE id = ? AND thread IS NOT NULL", (turn,)
    )
    connection.execute(
        "UPDATE threads SET stale = 1 WHERE id = (SELECT thread FROM turns WHERE id = ?)", (turn,)
    )
    return turn


def _command(connection: sqlite3.Connection, command: Command, now: float) -> Receipt:
    stored = connection.execute(
        "INSERT OR IGNORE INTO commands (key, conversation, command, until, received_at)"
        " SELECT ?, ?, ?, coalesce(max(id), 0), ? FROM turns WHERE conversation = ?",
        (
            command.key,
            command.conversation,
            COMMAND.dump_json(command).decode(),
            now,
            command.conversation,
        ),
    ).rowcount
    return Receipt(new=bool(stored))
