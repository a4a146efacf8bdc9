"""Remembers which collections each turn used, and what they left open."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence

from bot.clock import Clock
from bot.ports import Gap
from bot.turns import Turn
from storage.sqlite.codec import DRAFT, messages_of
from storage.sqlite.database import Database, inserted

FIRST = """
SELECT turns.thread, min(searches.turn) AS turn FROM turns AS asked
JOIN turns ON turns.thread = asked.thread AND turns.id < asked.id
JOIN searches ON searches.turn = turns.id
WHERE asked.id = ? AND found AND collection NOT IN (SELECT value FROM json_each(?))
GROUP BY turns.thread
"""

# What was thumbed down counts whatever it was about; else only that for which documents were searched.
GAPS = """
SELECT turns.id, turns.conversation, turns.draft, turns.created_at,
    EXISTS (SELECT 1 FROM searches WHERE turn = turns.id) AS searched,
    EXISTS (SELECT 1 FROM searches WHERE turn = turns.id AND found) AS found,
    EXISTS (SELECT 1 FROM feedback WHERE turn = turns.id AND value = 'unhelpful') AS unhelpful,
    (SELECT json_group_array(collection) FROM searches WHERE turn = turns.id AND collection != '') AS looked
FROM turns
WHERE turns.created_at >= ? AND (searched AND replaced = 0 OR unhelpful)
    AND (state = 'done' OR state = 'answered' AND ending = 'done')
    AND EXISTS (SELECT 1 FROM turn_messages JOIN messages ON messages.id = message
                WHERE turn = turns.id AND deleted_at IS NULL)
ORDER BY turns.id DESC
"""


class SqliteSearches:
    """The `Searches` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def note(self, turn: int, found: Mapping[str, bool]) -> None:
        rows = [(name, int(any_), turn) for name, any_ in (found or {"": False}).items()]
        await self._database.write(
            lambda connection: connection.executemany(
                # A turn may be forgotten while it runs.
                "INSERT INTO searches SELECT id, ?, ? FROM turns WHERE id = ?"
                " ON CONFLICT (turn, collection) DO UPDATE SET found = max(found, excluded.found)",
                rows,
            )
        )

    async def withdraw(self, turn: Turn, allowed: Collection[str]) -> bool:
        names = json.dumps(sorted(allowed))
        now = self._clock.now()

        def look(connection: sqlite3.Connection) -> bool:
            return connection.execute(FIRST, (turn.id, names)).fetchone() is not None

        def work(connection: sqlite3.Connection) -> None:
            row = connection.execute(FIRST, (turn.id, names)).fetchone()
            if row is None:
                return
            was_open = connection.execute(
                "UPDATE threads SET closed_at = ? WHERE id = ? AND closed_at IS NULL", (now, row["thread"])
            ).rowcount
            # What was reset meanwhile stays so: then the new thread is for this turn alone.
            fresh = inserted(
                connection,
                "INSERT INTO threads (conversation, assistant, created_at, closed_at)"
                " SELECT conversation, assistant, ?, ? FROM threads WHERE id = ?",
                (now, None if was_open else now, row["thread"]),
            )
            connection.execute(
                "UPDATE turns SET thread = ? WHERE thread = ? AND (id < ? OR id = ?)",
                (fresh, row["thread"], row["turn"], turn.id),
            )

        if not await self._database.read(look):
            return False
        await self._database.write(work)
        return True

    async def gaps(self, since: float) -> Sequence[Gap]:
        def work(connection: sqlite3.Connection) -> list[Gap]:
            return [
                gap
                for row in connection.execute(GAPS, (since,))
                if (gap := _gap(connection, row)) is not None
            ]

        return await self._database.read(work)


def _gap(connection: sqlite3.Connection, row: sqlite3.Row) -> Gap | None:
    """The question of a turn; None when it was answered from a source, or nothing of it is left."""
    answered = bool(row["draft"]) and bool(DRAFT.validate_json(row["draft"]).sources)
    messages = messages_of(connection, row["id"])
    question = "\n".join(message.text for message in messages).strip()
    if not question or (answered and not row["unhelpful"]):
        return None
    return Gap(
        turn=row["id"],
        conversation=row["conversation"],
        author=messages[-1].author.id,
        question=question,
        private=any(message.private for message in messages),
        why="unhelpful" if row["unhelpful"] else "unanswered" if row["found"] else "nothing",
        collections=tuple(sorted(json.loads(row["looked"]))),
        asked_at=row["created_at"],
    )
