"""The team's rota: who is on duty on which day, in a SQLite file of its own (ROTA_FILE, else rota.db)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from typing import Annotated

from bot.authoring import Context, function

Duty = Annotated[str, "What somebody is on duty for, such as support or kitchen"]
SCHEMA = """
CREATE TABLE IF NOT EXISTS rota (
    duty TEXT NOT NULL COLLATE NOCASE,
    day TEXT NOT NULL,
    person TEXT NOT NULL,
    set_by TEXT NOT NULL,
    PRIMARY KEY (duty, day)
) WITHOUT ROWID
"""
MOST_DAYS = 366


def who_is_on_duty(
    first: date, last: date, context: Context, duty: Duty | None = None
) -> list[dict[str, str]]:
    """Who is on duty from the first to the last day, both included; for one duty or for all of them."""
    with _rota(context) as rota:
        rows = rota.execute(
            "SELECT day, duty, person FROM rota WHERE day BETWEEN ? AND ? AND (? IS NULL OR duty = ?)"
            " ORDER BY day, duty",
            (first.isoformat(), last.isoformat(), duty, duty),
        )
        return [{"day": day, "duty": what, "person": person} for day, what, person in rows]


@function(approval=True)
def put_on_duty(person: str, duty: Duty, first: date, last: date, context: Context) -> str:
    """Put a person on duty from the first to the last day, both included, in place of whoever was."""
    days = (last - first).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"Give 1 to {MOST_DAYS} days, the first one first.")
    with _rota(context) as rota:
        rota.executemany(
            "INSERT OR REPLACE INTO rota (duty, day, person, set_by) VALUES (?, ?, ?, ?)",
            [(duty, (first + timedelta(days=n)).isoformat(), person, context.author.id) for n in range(days)],
        )
    return f"{person} is on duty for {duty} from {first} to {last}."


@contextmanager
def _rota(context: Context) -> Iterator[sqlite3.Connection]:
    """The rota, changed as a whole or not at all."""
    with closing(sqlite3.connect(context.settings.get("ROTA_FILE") or "rota.db")) as connection, connection:
        connection.execute(SCHEMA)
        yield connection
