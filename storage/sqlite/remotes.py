"""Names everything made at OpenAI, so that it can be deleted there again."""

import sqlite3
from collections.abc import Sequence

from bot.clock import Clock
from bot.ports import Remote
from storage.sqlite.database import Database


class SqliteRemotes:
    """The `Remotes` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def made(self, remote: Sequence[Remote]) -> None:
        now = self._clock.now()
        await self._database.write(
            lambda connection: connection.executemany(
                "INSERT OR IGNORE INTO remote (kind, id, conversation, author, digest, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(r.kind, r.id, r.conversation, r.author, r.digest, now) for r in remote],
            )
        )

    async def remote(self, conversation: str) -> Sequence[Remote]:
        return await self._select("conversation = ?", (conversation,))

    async def unwanted(self, remote: Sequence[Remote]) -> None:
        await self._database.write(
            lambda connection: connection.executemany(
                "UPDATE remote SET conversation = '' WHERE kind = ? AND id = ?",
                [(r.kind, r.id) for r in remote],
            )
        )

    async def orphans(self) -> Sequence[Remote]:
        return await self._select(
            "NOT EXISTS (SELECT 1 FROM conversations WHERE conversations.id = remote.conversation)", ()
        )

    async def _select(self, condition: str, values: tuple[str, ...]) -> Sequence[Remote]:
        query = f"SELECT * FROM remote WHERE deleted_at IS NULL AND {condition} ORDER BY created_at, id"  # noqa: S608 - conditions of ours

        def work(connection: sqlite3.Connection) -> list[Remote]:
            return [
                Remote(row["kind"], row["id"], row["conversation"], row["author"], row["digest"])
                for row in connection.execute(query, values)
            ]

        return await self._database.read(work)

    async def gone(self, remote: Sequence[Remote]) -> None:
        now = self._clock.now()
        await self._database.write(
            lambda connection: connection.executemany(
                "UPDATE remote SET deleted_at = ? WHERE kind = ? AND id = ?",
                [(now, r.kind, r.id) for r in remote],
            )
        )
