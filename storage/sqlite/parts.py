"""What of a reply is on the platform."""

import sqlite3
from collections.abc import Sequence

from bot.ports import Part
from storage.sqlite.database import Database


class SqliteParts:
    """The `Parts` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def parts(self, turn: int) -> Sequence[Part]:
        def work(connection: sqlite3.Connection) -> list[Part]:
            rows = connection.execute("SELECT * FROM parts WHERE turn = ? ORDER BY number", (turn,))
            return [Part(row["number"], row["ref"], row["text"]) for row in rows]

        return await self._database.read(work)

    async def put(self, turn: int, part: Part) -> None:
        await self._database.write(
            lambda connection: connection.execute(
                "INSERT INTO parts VALUES (?, ?, ?, ?) ON CONFLICT (turn, number)"
                " DO UPDATE SET ref = excluded.ref, text = excluded.text",
                (turn, part.number, part.ref, part.text),
            )
        )

    async def drop(self, turn: int, number: int) -> None:
        await self._database.write(
            lambda connection: connection.execute(
                "DELETE FROM parts WHERE turn = ? AND number = ?", (turn, number)
            )
        )
