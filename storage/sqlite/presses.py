"""Stops, buttons and what they change, inside the inbox's transaction."""

import sqlite3
from collections.abc import Iterable

from bot.messages import Press, Receipt
from storage.sqlite.codec import DRAFT
from storage.sqlite.database import inserted


def stop(connection: sqlite3.Connection, conversation: str, until: int) -> Receipt:
    row = connection.execute(
        "SELECT id FROM turns WHERE conversation = ? AND state IN ('running', 'paused', 'waiting')"
        " AND (? = 0 OR id <= ?)"
        " ORDER BY state = 'waiting', id LIMIT 1",
        (conversation, until, until),
    ).fetchone()
    if row is None:
        return Receipt(new=False, refusal="stop_nothing")
    return Receipt(new=True, turn=row["id"], stopped=stop_turn(connection, row["id"]))


def stop_turn(connection: sqlite3.Connection, turn: int) -> bool:
    """Ask a turn to stop; a paused one becomes claimable, so that its reply can say so."""
    asked = connection.execute(
        "UPDATE turns SET stop = 1, state = CASE state WHEN 'paused' THEN 'waiting' ELSE state END"
        " WHERE id = ? AND stop = 0 AND state IN ('waiting', 'running', 'paused')",
        (turn,),
    ).rowcount
    return bool(asked)


def press(connection: sqlite3.Connection, pressed: Press, now: float) -> Receipt:
    row = connection.execute(
        "SELECT * FROM turns WHERE id = ? AND conversation = ?", (pressed.turn, pressed.conversation)
    ).fetchone()
    if row is None:
        return Receipt(new=False)
    match pressed.action:
        case "stop":
            stopped = stop_turn(connection, pressed.turn)
            return Receipt(
                new=stopped, turn=pressed.turn, stopped=stopped, refusal="" if stopped else "stop_nothing"
            )
        case "again":
            return _again(connection, row, now)
        case "helpful" | "unhelpful":
            connection.execute(
                "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?)",
                (pressed.turn, pressed.author.id, pressed.action, now),
            )
            return Receipt(new=True, turn=pressed.turn)
        case "approve" | "decline":
            return _decide(connection, row, pressed, now)


def _again(connection: sqlite3.Connection, row: sqlite3.Row, now: float) -> Receipt:
    later = connection.execute(
        "SELECT 1 FROM turns WHERE conversation = ? AND id > ?"
        " UNION ALL SELECT 1 FROM threads WHERE id = ? AND closed_at IS NOT NULL",
        (row["conversation"], row["id"], row["thread"]),
    ).fetchone()
    # People see the buttons a moment before it is noted that all is posted; the new turn waits for that.
    end = row["ending"] if row["state"] == "answered" else row["state"]
    if later or row["replaced"] or end not in ("done", "stopped", "failed"):
        return Receipt(new=False, turn=row["id"], refusal="again_nothing")
    turn = new_turn(connection, row["conversation"], now, again_of=row["id"])
    connection.execute(
        "INSERT INTO turn_messages SELECT ?, message FROM turn_messages WHERE turn = ?", (turn, row["id"])
    )
    connection.execute("UPDATE turns SET replaced = 1 WHERE id = ?", (row["id"],))
    connection.execute("UPDATE threads SET stale = 1 WHERE id = ?", (row["thread"],))
    return Receipt(new=True, turn=turn)


def _decide(connection: sqlite3.Connection, row: sqlite3.Row, pressed: Press, now: float) -> Receipt:
    draft = DRAFT.validate_json(row["draft"]) if row["draft"] else None
    questions = {question.call.id: question for question in (draft.questions if draft else ())}
    question = questions.get(pressed.subject)
    # After a restart a question stands on the platform before its turn is paused again.
    if row["state"] not in ("paused", "waiting", "running") or question is None:
        return Receipt(new=False, turn=row["id"])
    if question.deciders and pressed.author.id not in question.deciders:
        return Receipt(new=False, turn=row["id"], refusal="not_yours")
    first = connection.execute(
        "INSERT OR IGNORE INTO decisions VALUES (?, ?, ?, ?, ?)",
        (row["id"], pressed.subject, pressed.author.id, pressed.action, now),
    ).rowcount
    if not first:
        return Receipt(new=False, turn=row["id"])
    whose = question.call.server or "function"
    connection.execute(
        "INSERT INTO audit (what, conversation, author, detail, created_at) VALUES (?, ?, ?, ?, ?)",
        (
            pressed.action,
            row["conversation"],
            pressed.author.id,
            f"turn {row['id']} call {pressed.subject} {whose} {question.call.name}",
            now,
        ),
    )
    if decided(connection, row["id"], questions):
        connection.execute(
            "UPDATE turns SET state = 'waiting', deadline = NULL WHERE id = ? AND state = 'paused'",
            (row["id"],),
        )
    return Receipt(new=True, turn=row["id"])


def decided(connection: sqlite3.Connection, turn: int, calls: Iterable[str]) -> bool:
    """Whether each of these calls has its decision."""
    rows = connection.execute("SELECT call FROM decisions WHERE turn = ?", (turn,))
    return set(calls) <= {row["call"] for row in rows}


def new_turn(connection: sqlite3.Connection, conversation: str, now: float, again_of: int = 0) -> int:
    return inserted(
        connection,
        "INSERT INTO turns (conversation, state, again_of, created_at) VALUES (?, 'waiting', ?, ?)",
        (conversation, again_of, now),
    )
