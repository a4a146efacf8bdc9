"""Who owns which kept bytes."""

import json
import sqlite3
from collections.abc import Sequence

from bot.clock import Clock
from bot.events import File
from storage.sqlite.database import Database


class SqliteFileRows:
    """The `FileRows` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def own(self, conversation: str, turn: int, file: File) -> None:
        now = self._clock.now()
        await self._database.write(
            lambda connection: connection.execute(
                "INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
                (file.digest, conversation, turn, file.name, file.media_type, file.size, now),
            )
        )

    async def owner(self, digest: str) -> Sequence[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute("SELECT DISTINCT conversation FROM files WHERE digest = ?", (digest,))
            return [row["conversation"] for row in rows]

        return await self._database.read(work)

    async def unowned(self, digests: Sequence[str]) -> Sequence[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute(
                "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT digest FROM files)",
                (json.dumps(list(digests)),),
            )
            return [row["value"] for row in rows]

        return await self._database.read(work)

    async def forget(self, conversation: str) -> Sequence[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute(
                "DELETE FROM files WHERE conversation = ? AND (turn = 0 OR turn NOT IN"
                " (SELECT id FROM turns WHERE turns.conversation = files.conversation))"
                " AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.conversation = files.conversation"
                "                 AND instr(messages.attachments, files.digest)) RETURNING digest",
                (conversation,),
            ).fetchall()
            owned = connection.execute(
                "SELECT digest FROM files WHERE digest IN (SELECT value FROM json_each(?))",
                (json.dumps([row["digest"] for row in rows]),),
            )
            return sorted({row["digest"] for row in rows} - {row["digest"] for row in owned})

        return await self._database.write(work)
