"""What was said in a place before Maru came, as turns that are done."""

import json
import sqlite3
from dataclasses import replace
from typing import Literal

from bot.clock import Clock
from bot.messages import Message
from bot.places import within
from bot.ports import Exchange, Past
from bot.text import storable
from bot.turns import Draft, Turn
from storage.sqlite.codec import draft_json
from storage.sqlite.database import Database, inserted
from storage.sqlite.messages import add_message
from storage.sqlite.threads import open_thread

HELD = "moved:"  # before a channel's name: its past, until a conversation in it goes on with that


def m009_moving(connection: sqlite3.Connection) -> None:
    """Which places were filled with what was said before, and from which old thread."""
    connection.execute(
        "CREATE TABLE pasts (place TEXT PRIMARY KEY, old TEXT NOT NULL, channel INTEGER NOT NULL,"
        " private INTEGER NOT NULL, taken_by TEXT NOT NULL, moved_at REAL NOT NULL) WITHOUT ROWID"
    )


class SqlitePasts:
    """The `Pasts` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def moved(self, place: str) -> str:
        def look(connection: sqlite3.Connection) -> str:
            row = connection.execute("SELECT old FROM pasts WHERE place = ?", (place,)).fetchone()
            return str(row["old"]) if row else ""

        return await self._database.read(look)

    async def fill(self, past: Past) -> Literal["filled", "moved", "begun"]:
        now = self._clock.now()
        return await self._database.write(lambda connection: _fill(connection, past, now))

    async def take_over(self, turn: Turn) -> bool:
        return await self._database.write(lambda connection: _take_over(connection, turn))


def _fill(connection: sqlite3.Connection, past: Past, now: float) -> Literal["filled", "moved", "begun"]:
    if connection.execute("SELECT 1 FROM pasts WHERE place = ?", (past.place,)).fetchone():
        return "moved"
    conversation = f"{HELD}{past.place}" if past.channel else past.place
    if connection.execute("SELECT 1 FROM conversations WHERE id = ?", (conversation,)).fetchone():
        return "begun"
    connection.execute(
        "INSERT INTO pasts VALUES (?, ?, ?, ?, '', ?)",
        (past.place, past.old, past.channel, past.private, now),
    )
    connection.execute(
        "INSERT INTO conversations (id, created_at, updated_at) VALUES (?, ?, ?)", (conversation, now, now)
    )
    thread = open_thread(connection, conversation, now)
    for exchange in past.exchanges:
        _exchange(connection, conversation, thread, exchange, now)
    return "filled"


def _exchange(
    connection: sqlite3.Connection, conversation: str, thread: int, exchange: Exchange, now: float
) -> None:
    """One turn, if any of its messages is not known from elsewhere."""
    numbers = [number for m in exchange.messages if (number := _message(connection, conversation, m, now))]
    if not numbers:
        return
    said_at = exchange.messages[-1].sent_at
    turn = inserted(
        connection,
        "INSERT INTO turns (conversation, thread, state, ending, draft, created_at, claimed_at, answered_at,"
        " done_at) VALUES (?1, ?2, 'done', 'done', ?3, ?4, ?4, ?4, ?4)",
        (conversation, thread, draft_json(Draft(text=storable(exchange.answer), end="done")), said_at),
    )
    connection.executemany("INSERT INTO turn_messages VALUES (?, ?)", [(turn, number) for number in numbers])


def _message(connection: sqlite3.Connection, conversation: str, message: Message, now: float) -> int:
    """The message's number; 0 when it is known."""
    known = connection.execute(
        "SELECT 1 FROM message_keys WHERE key IN (SELECT value FROM json_each(?))",
        (json.dumps(message.keys),),
    ).fetchone()
    if known:
        return 0
    number = add_message(connection, replace(message, conversation=conversation), now)
    connection.executemany(
        "INSERT INTO message_keys VALUES (?, ?, ?)", [(key, number, now) for key in message.keys]
    )
    return number


def _take_over(connection: sqlite3.Connection, turn: Turn) -> bool:
    around = within(turn.conversation, turn.messages[-1].channel)
    row = connection.execute(
        "SELECT place FROM pasts JOIN json_each(?) AS around ON place = around.value"
        " WHERE channel AND taken_by = '' AND private = ? ORDER BY around.key LIMIT 1",
        (json.dumps(around), all(message.private for message in turn.messages)),
    ).fetchone()
    if row is None:
        return False
    held = f"{HELD}{row['place']}"
    connection.execute("UPDATE pasts SET taken_by = ? WHERE place = ?", (turn.conversation, row["place"]))
    connection.execute(
        "UPDATE turns SET conversation = ?, thread = (SELECT thread FROM turns WHERE id = ?)"
        " WHERE conversation = ?",
        (turn.conversation, turn.id, held),
    )
    connection.execute(
        "UPDATE messages SET conversation = ? WHERE conversation = ?", (turn.conversation, held)
    )
    connection.execute("DELETE FROM threads WHERE conversation = ?", (held,))
    connection.execute("DELETE FROM conversations WHERE id = ?", (held,))
    return True
