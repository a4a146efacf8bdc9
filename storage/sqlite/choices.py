"""Which assistant people chose, and where."""

import json
import sqlite3
from collections.abc import Sequence

from bot.clock import Clock
from storage.sqlite.database import Database


class SqliteChoices:
    """The `Choices` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def choose(self, place: str, assistant: str) -> None:
        now = self._clock.now()
        await self._database.write(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO choices VALUES (?, ?, ?)", (place, assistant, now)
            )
        )

    async def channel(self, conversation: str) -> str:
        def look(connection: sqlite3.Connection) -> str:
            row = connection.execute(
                "SELECT channel FROM messages WHERE conversation = ? ORDER BY id DESC LIMIT 1",
                (conversation,),
            ).fetchone()
            return row["channel"] if row else ""

        return await self._database.read(look)

    async def chosen(self, places: Sequence[str]) -> str:
        def look(connection: sqlite3.Connection) -> str:
            row = connection.execute(
                "SELECT assistant FROM json_each(?) AS asked JOIN choices ON place = asked.value"
                " ORDER BY asked.key LIMIT 1",
                (json.dumps(list(places)),),
            ).fetchone()
            return row["assistant"] if row else ""

        return await self._database.read(look)
