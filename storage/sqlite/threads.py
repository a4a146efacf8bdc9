"""Maps each conversation to its thread, and knows what the thread should remember."""

import sqlite3
from collections.abc import Sequence

from bot.clock import Clock
from bot.events import Item
from bot.messages import Attachment
from bot.ports import Entry, Thread
from bot.turns import Turn
from storage.sqlite.codec import ATTACHMENTS, DRAFT, message_of
from storage.sqlite.database import Database, inserted


class SqliteThreads:
    """The `Threads` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def open(self, turn: Turn, assistant: str) -> Thread:
        def look(connection: sqlite3.Connection) -> Thread:
            return _thread(
                connection.execute(
                    "SELECT threads.* FROM threads JOIN turns ON turns.thread = threads.id"
                    " WHERE turns.id = ?",
                    (turn.id,),
                ).fetchone()
            )

        def change(connection: sqlite3.Connection) -> None:
            begun = turn.checkpoint.step or turn.checkpoint.response
            if thread.assistant and not begun:
                self._renew(connection, thread, turn)
            connection.execute(
                "UPDATE threads SET assistant = ? WHERE id = (SELECT thread FROM turns WHERE id = ?)",
                (assistant, turn.id),
            )

        thread = await self._database.read(look)
        if thread.assistant == assistant:
            return thread
        await self._database.write(change)
        return await self._database.read(look)

    def _renew(self, connection: sqlite3.Connection, thread: Thread, turn: Turn) -> None:
        """Another assistant must not take what this one said for its own words."""
        now = self._clock.now()
        connection.execute(
            "UPDATE threads SET closed_at = ? WHERE id = ? AND closed_at IS NULL", (now, thread.id)
        )
        connection.execute(
            "UPDATE turns SET thread = ? WHERE id = ?",
            (open_thread(connection, thread.conversation, now), turn.id),
        )

    async def bind(self, thread: Thread, thread_id: str) -> Thread:
        def work(connection: sqlite3.Connection) -> Thread:
            connection.execute("UPDATE threads SET thread_id = ? WHERE id = ?", (thread_id, thread.id))
            # The ids of the old copy mean nothing in the new one; what was said there is still ours.
            connection.execute(
                "UPDATE items SET remote_id = '' WHERE turn IN (SELECT id FROM turns WHERE thread = ?)",
                (thread.id,),
            )
            return _thread(connection.execute("SELECT * FROM threads WHERE id = ?", (thread.id,)).fetchone())

        return await self._database.write(work)

    async def entries(self, thread: Thread, before: int, limit: int | None = None) -> Sequence[Entry]:
        return await self._database.read(lambda connection: _entries(connection, thread, before, limit))

    async def attachments(self, conversation: str) -> Sequence[Attachment]:
        def work(connection: sqlite3.Connection) -> list[Attachment]:
            rows = connection.execute(
                "SELECT m.attachments FROM turns JOIN turn_messages t ON t.turn = turns.id"
                " JOIN messages m ON m.id = t.message JOIN threads ON threads.id = turns.thread"
                " WHERE threads.conversation = ? AND threads.closed_at IS NULL AND turns.replaced = 0"
                " AND m.deleted_at IS NULL AND m.attachments != '[]' ORDER BY turns.id, m.position, m.id",
                (conversation,),
            )
            return [file for row in rows for file in ATTACHMENTS.validate_json(row["attachments"])]

        return await self._database.read(work)

    async def copied(self, thread: Thread, turn: int, items: Sequence[Item]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM items WHERE turn = ?", (turn,))
            connection.executemany(
                "INSERT INTO items (turn, step, kind, remote_id, body) VALUES (?, 0, ?, ?, ?)",
                [(turn, item.kind, item.remote_id, item.body) for item in items],
            )
            connection.execute("UPDATE turns SET uncopied = 0 WHERE id = ? AND thread = ?", (turn, thread.id))

        await self._database.write(work)

    async def mark(self, thread: Thread, *, stale: bool) -> None:
        await self._database.write(
            lambda connection: connection.execute(
                "UPDATE threads SET stale = ? WHERE id = ?", (int(stale), thread.id)
            )
        )

    async def close(self, conversation: str) -> bool:
        now = self._clock.now()
        return await self._database.write(
            lambda connection: bool(
                connection.execute(
                    "UPDATE threads SET closed_at = ? WHERE conversation = ? AND closed_at IS NULL",
                    (now, conversation),
                ).rowcount
            )
        )


def open_thread(connection: sqlite3.Connection, conversation: str, now: float) -> int:
    """The number of the conversation's open thread, made when there is none."""
    row = connection.execute(
        "SELECT id FROM threads WHERE conversation = ? AND closed_at IS NULL", (conversation,)
    ).fetchone()
    if row:
        return int(row["id"])
    return inserted(
        connection,
        "INSERT INTO threads (conversation, assistant, created_at) VALUES (?, '', ?)",
        (conversation, now),
    )


def _thread(row: sqlite3.Row) -> Thread:
    return Thread(row["id"], row["conversation"], row["thread_id"], bool(row["stale"]), row["assistant"])


def _entries(connection: sqlite3.Connection, thread: Thread, before: int, limit: int | None) -> list[Entry]:
    entries = []
    rows = connection.execute(
        "SELECT id, draft, uncopied FROM turns WHERE thread = ? AND id < ? AND replaced = 0"
        " AND state IN ('running', 'answered', 'done', 'stopped', 'failed') ORDER BY id DESC LIMIT ?",
        (thread.id, before, -1 if limit is None else limit),
    ).fetchall()
    for row in reversed(rows):
        messages = connection.execute(
            "SELECT m.* FROM turn_messages t JOIN messages m ON m.id = t.message"
            " WHERE t.turn = ? AND m.deleted_at IS NULL ORDER BY m.position, m.id",
            (row["id"],),
        ).fetchall()
        if not messages:
            continue  # what answered a deleted question is forgotten with it
        items = connection.execute(
            "SELECT kind, remote_id, body FROM items WHERE turn = ? ORDER BY id", (row["id"],)
        ).fetchall()
        entries.append(
            Entry(
                turn=row["id"],
                messages=tuple(message_of(message) for message in messages),
                answer=DRAFT.validate_json(row["draft"]).text if row["draft"] else "",
                items=tuple(Item(item["kind"], item["remote_id"], item["body"]) for item in items),
                outdated=bool(row["uncopied"]),
            )
        )
    return entries
