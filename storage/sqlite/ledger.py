"""What was spent, thought of, decided and done."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Literal

from bot.clock import Clock
from bot.events import Usage
from bot.ports import Spent, Stored
from storage.sqlite.database import Database
from storage.sqlite.stored import measure, stored

COUNTS = (
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "containers",
    "web_searches",
    "file_searches",
    "pictures",
    "picture_text_tokens",
    "picture_image_tokens",
    "picture_output_tokens",
)
SPENT = (
    "SELECT conversation, author, assistant, model, input_tokens > ?1 AS long, iif(?3, turn, 0) AS turn, "  # noqa: S608 - columns of ours
    + ", ".join(f"sum({column}) AS {column}" for column in COUNTS)
    + " FROM usage WHERE created_at >= ?2 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6"
)


class SqliteLedger:
    """The `Ledger` and `Decisions` ports."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def feedback(self, turn: int) -> Mapping[str, str]:
        def work(connection: sqlite3.Connection) -> dict[str, str]:
            rows = connection.execute("SELECT author, value FROM feedback WHERE turn = ?", (turn,))
            return {row["author"]: row["value"] for row in rows}

        return await self._database.read(work)

    async def spent(self, since: float, long: int, *, turns: bool = False) -> Sequence[Spent]:
        def work(connection: sqlite3.Connection) -> list[Spent]:
            rows = connection.execute(SPENT, (long, since, turns))
            return [
                Spent(
                    row["conversation"],
                    row["author"],
                    row["assistant"],
                    Usage(row["model"], *(row[column] for column in COUNTS)),
                    bool(row["long"]),
                    row["turn"],
                )
                for row in rows
            ]

        return await self._database.read(work)

    async def stored(self, since: float) -> Sequence[Stored]:
        now = self._clock.now()
        return await self._database.read(lambda connection: stored(connection, since, now))

    async def measure(self) -> None:
        now = self._clock.now()
        await self._database.write(lambda connection: measure(connection, now))

    async def note(self, what: str, conversation: str, author: str, detail: str) -> None:
        now = self._clock.now()
        await self._database.write(
            lambda connection: connection.execute(
                "INSERT INTO audit (what, conversation, author, detail, created_at) VALUES (?, ?, ?, ?, ?)",
                (what, conversation, author, detail, now),
            )
        )

    async def decisions(self, turn: int) -> Mapping[str, Literal["approve", "decline"]]:
        def work(connection: sqlite3.Connection) -> dict[str, Literal["approve", "decline"]]:
            rows = connection.execute("SELECT call, value FROM decisions WHERE turn = ?", (turn,))
            return {row["call"]: row["value"] for row in rows}

        return await self._database.read(work)
