"""How much lies at OpenAI, from when to when: what costs by the day."""

import sqlite3
from collections.abc import Sequence

from bot.ports import Stored

# What there is and was, with its size: a source for each kind of thing.
FILES = """
SELECT 'file' AS kind, r.id, r.conversation AS owner, r.created_at, r.deleted_at,
    (SELECT max(size) FROM files WHERE files.digest = r.digest) AS size  -- NULL: forgotten here
FROM remote AS r WHERE r.kind = 'file' AND r.digest != ''
"""
# A vector store costs by what its files take there, so each of them is measured for itself.
VECTOR_STORES = """
SELECT 'vector_store' AS kind, file AS id, 'knowledge:' || collection AS owner, created_at,
    NULL AS deleted_at, size
FROM uploads WHERE ready
"""
SOURCES = (FILES, VECTOR_STORES)


def m009_storage(connection: sqlite3.Connection) -> None:
    """What lies at OpenAI, and the tokens that pictures were drawn from and with."""
    connection.execute(
        "CREATE TABLE stored (kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL,"
        " size INTEGER NOT NULL, since REAL NOT NULL, until REAL, PRIMARY KEY (kind, id, since))"
        " WITHOUT ROWID"
    )
    connection.execute("CREATE INDEX stored_open ON stored (kind, id) WHERE until IS NULL")
    for count in ("picture_text_tokens", "picture_image_tokens", "picture_output_tokens"):
        connection.execute(f"ALTER TABLE usage ADD COLUMN {count} INTEGER NOT NULL DEFAULT 0")


def measure(connection: sqlite3.Connection, now: float) -> None:
    """Note what has come, gone, grown or shrunk since this was last asked."""
    there: dict[tuple[str, str], sqlite3.Row] = {}
    gone: dict[tuple[str, str], float] = {}
    for row in (row for source in SOURCES for row in connection.execute(source)):
        thing = row["kind"], row["id"]
        if row["deleted_at"] is None:
            there[thing] = row
        else:
            gone[thing] = row["deleted_at"]
    known = {
        (row["kind"], row["id"]): row
        for row in connection.execute("SELECT * FROM stored WHERE until IS NULL").fetchall()
    }
    for thing, before in known.items():
        found = there.get(thing)
        if found is not None and found["size"] in (None, before["size"]):
            continue
        connection.execute(
            "UPDATE stored SET until = ? WHERE kind = ? AND id = ? AND since = ?",
            (gone.get(thing, now), *thing, before["since"]),
        )
        if found is not None:
            _begin(connection, found, now)
    for thing in there.keys() - known.keys():
        _begin(connection, there[thing], there[thing]["created_at"])


def _begin(connection: sqlite3.Connection, found: sqlite3.Row, since: float) -> None:
    if found["size"]:
        connection.execute(
            "INSERT OR REPLACE INTO stored VALUES (?, ?, ?, ?, ?, NULL)",
            (found["kind"], found["id"], found["owner"], found["size"], since),
        )


def stored(connection: sqlite3.Connection, since: float, now: float) -> Sequence[Stored]:
    """What lay there since a time."""
    rows = connection.execute(
        "SELECT kind, owner, size, since, coalesce(until, ?1) AS until FROM stored"
        " WHERE coalesce(until, ?1) > ?2 ORDER BY owner, since",
        (now, since),
    )
    return [Stored(row["kind"], row["owner"], row["size"], row["since"], row["until"]) for row in rows]
