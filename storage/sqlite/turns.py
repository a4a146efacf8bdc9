"""Turns and their checkpoints, each call one transaction."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence

from bot.clock import Clock
from bot.events import File, Item, Usage
from bot.turns import Draft, End, Turn
from storage.sqlite.codec import checkpoint_json, draft_json, turn_of
from storage.sqlite.database import Database
from storage.sqlite.presses import decided
from storage.sqlite.threads import open_thread

# A turn may be claimed when its conversation has no other one between claimed and posted.
CLAIMABLE = """
SELECT * FROM turns AS t WHERE state = 'waiting'
AND NOT EXISTS (SELECT 1 FROM turns AS a WHERE a.conversation = t.conversation
                AND a.state IN ('running', 'paused', 'answered'))
AND NOT EXISTS (SELECT 1 FROM turns AS w WHERE w.conversation = t.conversation
                AND w.state = 'waiting' AND w.id < t.id)
AND substr(conversation, 1, instr(conversation, ':') - 1) IN (SELECT value FROM json_each(?))
AND id NOT IN (SELECT value FROM json_each(?))
AND (claimed_at IS NOT NULL OR conversation NOT IN (SELECT value FROM json_each(?)))
ORDER BY id LIMIT ?
"""


class SqliteTurns:
    """The `Turns` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def recover(self) -> Sequence[Turn]:
        def work(connection: sqlite3.Connection) -> list[Turn]:
            # Died while it ran: that counts as an attempt, or a turn that kills us would do so for ever.
            connection.execute(
                "UPDATE threads SET stale = 1 WHERE id IN (SELECT thread FROM turns WHERE state = 'running')"
            )
            connection.execute(
                "UPDATE turns SET state = 'waiting', attempt = attempt + 1 WHERE state = 'running'"
            )
            # We may have died before the question was seen: it is asked again, where it stands already.
            connection.execute("UPDATE turns SET state = 'waiting', deadline = NULL WHERE state = 'paused'")
            rows = connection.execute("SELECT * FROM turns WHERE state = 'answered' ORDER BY id").fetchall()
            return [turn_of(connection, row) for row in rows]

        return await self._database.write(work)

    async def claim(
        self,
        limit: int,
        platforms: Collection[str],
        led: Collection[int] = (),
        held: Collection[str] = (),
    ) -> Sequence[Turn]:
        now = self._clock.now()
        names, busy, left = json.dumps(sorted(platforms)), json.dumps(sorted(led)), json.dumps(sorted(held))

        def work(connection: sqlite3.Connection) -> list[Turn]:
            rows = connection.execute(CLAIMABLE, (names, busy, left, limit)).fetchall()
            for row in rows:
                thread = row["thread"] or open_thread(connection, row["conversation"], now)
                connection.execute(
                    "UPDATE turns SET state = 'running', thread = ?, claimed_at = coalesce(claimed_at, ?)"
                    " WHERE id = ?",
                    (thread, now, row["id"]),
                )
            return [_running(connection, row["id"]) for row in rows]

        return await self._database.write(work)

    async def checkpoint(self, turn: Turn) -> None:
        await self._database.write(lambda connection: _checkpoint(connection, turn))

    async def step_done(self, turn: Turn, items: Sequence[Item], usage: Usage | None) -> None:
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> None:
            _checkpoint(connection, turn)
            _spend(connection, turn, items, usage, now)

        await self._database.write(work)

    async def pause(self, turn: Turn) -> None:
        deadline = min(question.deadline for question in turn.draft.questions)
        calls = [question.call.id for question in turn.draft.questions]

        def work(connection: sqlite3.Connection) -> None:
            _checkpoint(connection, turn)
            # Stop may have been asked for, or all been decided, in the same moment.
            connection.execute(
                "UPDATE turns SET deadline = ?, state = CASE WHEN stop OR ? THEN 'waiting' ELSE 'paused' END"
                " WHERE id = ? AND state = 'running'",
                (deadline, decided(connection, turn.id, calls), turn.id),
            )

        await self._database.write(work)

    async def answer(
        self, turn: Turn, draft: Draft, end: End, items: Sequence[Item] = (), usage: Usage | None = None
    ) -> None:
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> None:
            answered = connection.execute(
                "UPDATE turns SET state = 'answered', ending = ?, attempt = ?, checkpoint = ?, draft = ?,"
                " answered_at = ? WHERE id = ? AND state = 'running'",
                (end, turn.attempt, checkpoint_json(turn.checkpoint), draft_json(draft), now, turn.id),
            ).rowcount
            if not answered:
                return
            _spend(connection, turn, items, usage, now)
            own(connection, turn, draft.files, now)
            if end != "done":
                connection.execute(
                    "UPDATE threads SET stale = 1 WHERE id = (SELECT thread FROM turns WHERE id = ?)",
                    (turn.id,),
                )
            connection.execute(
                "UPDATE conversations SET updated_at = ? WHERE id = ?", (now, turn.conversation)
            )

        await self._database.write(work)

    async def done(self, turn: Turn) -> None:
        now = self._clock.now()
        await self._database.write(
            lambda connection: connection.execute(
                "UPDATE turns SET state = ending, done_at = ? WHERE id = ? AND state = 'answered'",
                (now, turn.id),
            )
        )

    async def release(self, turn: Turn) -> None:
        await self._database.write(
            lambda connection: connection.execute(
                "UPDATE turns SET state = 'waiting' WHERE id = ? AND state = 'running'", (turn.id,)
            )
        )

    async def due(self) -> float | None:
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> float | None:
            connection.execute(
                "UPDATE turns SET state = 'waiting', deadline = NULL"
                " WHERE state = 'paused' AND deadline <= ?",
                (now,),
            )
            row = connection.execute(
                "SELECT min(deadline) AS next FROM turns WHERE state = 'paused'"
            ).fetchone()
            return None if row["next"] is None else float(row["next"])

        return await self._database.write(work)


def own(connection: sqlite3.Connection, turn: Turn, files: Iterable[File], now: float) -> None:
    """The bytes of what came out belong to the turn."""
    connection.executemany(
        "INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (file.digest, turn.conversation, turn.id, file.name, file.media_type, file.size, now)
            for file in files
        ],
    )


def _running(connection: sqlite3.Connection, turn: int) -> Turn:
    row = connection.execute("SELECT * FROM turns WHERE id = ?", (turn,)).fetchone()
    return turn_of(connection, row)


def _checkpoint(connection: sqlite3.Connection, turn: Turn) -> None:
    connection.execute(
        "UPDATE turns SET attempt = ?, checkpoint = ?, draft = ? WHERE id = ? AND state = 'running'",
        (turn.attempt, checkpoint_json(turn.checkpoint), draft_json(turn.draft), turn.id),
    )


def _spend(
    connection: sqlite3.Connection, turn: Turn, items: Sequence[Item], usage: Usage | None, now: float
) -> None:
    connection.executemany(
        "INSERT INTO items (turn, step, kind, remote_id, body) VALUES (?, ?, ?, ?, ?)",
        [(turn.id, turn.checkpoint.step, item.kind, item.remote_id, item.body) for item in items],
    )
    if usage is not None:
        connection.execute(
            "INSERT INTO usage (turn, conversation, author, assistant, model, input_tokens, cached_tokens,"
            " output_tokens, containers, web_searches, file_searches, pictures, picture_text_tokens,"
            " picture_image_tokens, picture_output_tokens, created_at)"
            " VALUES (?1, ?2, ?3, coalesce((SELECT threads.assistant FROM turns"
            " JOIN threads ON threads.id = turns.thread WHERE turns.id = ?1), ''),"
            " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            (
                turn.id,
                turn.conversation,
                turn.author.id,
                usage.model,
                usage.input_tokens,
                usage.cached_tokens,
                usage.output_tokens,
                usage.containers,
                usage.web_searches,
                usage.file_searches,
                usage.pictures,
                usage.picture_text_tokens,
                usage.picture_image_tokens,
                usage.picture_output_tokens,
                now,
            ),
        )
