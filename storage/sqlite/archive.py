"""Reads conversations back, and erases them."""

import sqlite3
from collections.abc import Collection, Sequence

from bot.clock import Clock
from bot.events import File
from bot.ports import Record, Summary
from bot.turns import Turn
from storage.sqlite.codec import draft_json, turn_of
from storage.sqlite.database import Database
from storage.sqlite.turns import own

TITLE_CHARS = 80
MOST = 2**63 - 1  # behind every turn
LAST = "\U0010ffff"  # sorts behind everything that may follow a prefix


class SqliteArchive:
    """The `Archive` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def known(self, conversation: str) -> bool:
        return await self._database.read(
            lambda connection: bool(
                connection.execute("SELECT 1 FROM conversations WHERE id = ?", (conversation,)).fetchone()
            )
        )

    async def begun(self, conversation: str) -> str:
        def work(connection: sqlite3.Connection) -> str:
            row = connection.execute(
                "SELECT coalesce(min(position), '') AS first FROM messages WHERE conversation = ?",
                (conversation,),
            ).fetchone()
            return str(row["first"])

        return await self._database.read(work)

    async def conversations(self, prefix: str, limit: int, author: str = "") -> Sequence[Summary]:
        def work(connection: sqlite3.Connection) -> list[Summary]:
            rows = connection.execute(
                "SELECT c.*, (SELECT text FROM messages WHERE conversation = c.id AND deleted_at IS NULL"
                " ORDER BY id LIMIT 1) AS first,"
                " EXISTS (SELECT 1 FROM turns WHERE conversation = c.id"
                " AND state IN ('waiting', 'running', 'paused', 'answered')) AS busy"
                " FROM conversations AS c WHERE id >= ?1 AND id < ?2"
                " AND (?3 = '' OR EXISTS (SELECT 1 FROM messages WHERE conversation = c.id"
                " AND author_id = ?3 AND deleted_at IS NULL)) ORDER BY updated_at DESC LIMIT ?4",
                (prefix, prefix + LAST, author, limit),
            )
            return [
                Summary(
                    conversation=row["id"],
                    title=row["title"] or " ".join((row["first"] or "").split())[:TITLE_CHARS],
                    updated_at=row["updated_at"],
                    busy=bool(row["busy"]),
                )
                for row in rows
            ]

        return await self._database.read(work)

    async def records(
        self, conversation: str, *, limit: int | None = None, before: int | None = None
    ) -> Sequence[Record]:
        return await self._database.read(lambda connection: _records(connection, conversation, limit, before))

    async def answered_in(self, platform: str, refs: Collection[str]) -> str:
        places = ",".join("?" * len(refs))

        def work(connection: sqlite3.Connection) -> str:
            row = connection.execute(
                f"SELECT conversation FROM parts JOIN turns ON turns.id = turn WHERE ref IN ({places})"  # noqa: S608 - only question marks
                " AND conversation >= ? AND conversation < ? LIMIT 1",
                (*refs, f"{platform}:", f"{platform}:{LAST}"),
            ).fetchone()
            return row["conversation"] if row else ""

        return await self._database.read(work)

    async def rename(self, conversation: str, title: str) -> None:
        await self._database.write(
            lambda connection: connection.execute(
                "UPDATE conversations SET title = ? WHERE id = ?", (title.strip()[:TITLE_CHARS], conversation)
            )
        )

    async def attach(self, turn: Turn, file: File) -> None:
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> None:
            changed = connection.execute(
                "UPDATE turns SET draft = ? WHERE id = ? AND state IN ('done', 'stopped', 'failed')",
                (draft_json(turn.draft), turn.id),
            ).rowcount
            if changed:
                own(connection, turn, [file], now)

        await self._database.write(work)

    async def forget(self, conversation: str, until: int) -> int:
        return await self._database.write(lambda connection: _forget(connection, conversation, until))


def _records(
    connection: sqlite3.Connection, conversation: str, limit: int | None, before: int | None
) -> list[Record]:
    rows = connection.execute(
        "SELECT t.*, (SELECT value FROM feedback WHERE turn = t.id ORDER BY created_at DESC LIMIT 1)"
        " AS feedback, closed_at FROM turns AS t LEFT JOIN threads ON threads.id = t.thread"
        " WHERE t.conversation = ? AND replaced = 0"
        " AND EXISTS (SELECT 1 FROM turn_messages AS tm JOIN messages AS m ON m.id = tm.message"
        "             WHERE tm.turn = t.id AND m.deleted_at IS NULL)"
        " AND t.id < ? ORDER BY t.id DESC LIMIT ?",
        (conversation, MOST if before is None else before, -1 if limit is None else limit),
    ).fetchall()
    newest = rows[0]["id"] if rows and before is None else 0
    return [
        Record(
            turn=turn_of(connection, row),
            state=row["state"],
            outdated=bool(row["outdated"]),
            feedback=row["feedback"] or "",
            last=row["id"] == newest and row["closed_at"] is None,
            thread=row["thread"] or 0,
        )
        for row in reversed(rows)
    ]


# Messages of turns up to one, and of no later turn.
OLD = """
SELECT message FROM turn_messages JOIN turns ON turns.id = turn WHERE conversation = ?
GROUP BY message HAVING max(turn) <= ?
"""


def _forget(connection: sqlite3.Connection, conversation: str, until: int) -> int:
    old = (conversation, until)
    count = connection.execute(
        f"SELECT count(*) AS n FROM messages WHERE deleted_at IS NULL AND id IN ({OLD})",  # noqa: S608 - ours
        old,
    ).fetchone()["n"]
    # The identities stay, without what was said: a late repeat must not bring a message back.
    connection.execute(
        f"UPDATE message_keys SET message = NULL WHERE message IN ({OLD})",  # noqa: S608 - ours
        old,
    )
    connection.execute(f"DELETE FROM messages WHERE id IN ({OLD})", old)  # noqa: S608 - ours
    connection.execute("DELETE FROM turns WHERE conversation = ? AND id <= ?", old)
    connection.execute(
        "DELETE FROM threads WHERE conversation = ? AND NOT EXISTS"
        " (SELECT 1 FROM turns WHERE turns.thread = threads.id)",
        (conversation,),
    )
    connection.execute("DELETE FROM commands WHERE conversation = ? AND done_at IS NOT NULL", (conversation,))
    connection.execute(
        "DELETE FROM conversations WHERE id = ? AND NOT EXISTS"
        " (SELECT 1 FROM turns WHERE turns.conversation = conversations.id)",
        (conversation,),
    )
    return int(count)
