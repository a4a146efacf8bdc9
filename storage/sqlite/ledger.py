"""What was spent, thought of, decided and done."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Literal

from bot.clock import Clock
from bot.events import Usage
from storage.sqlite.database import Database


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

    async def usage(self, since: float) -> Sequence[tuple[str, Usage]]:
        def work(connection: sqlite3.Connection) -> list[tuple[str, Usage]]:
            rows = connection.execute(
                "SELECT conversation, model, sum(input_tokens) AS i, sum(cached_tokens) AS c,"
                " sum(output_tokens) AS o FROM usage WHERE created_at >= ?"
                " GROUP BY conversation, model ORDER BY conversation, model",
                (since,),
            )
            return [(row["conversation"], Usage(row["model"], row["i"], row["c"], row["o"])) for row in rows]

        return await self._database.read(work)

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
