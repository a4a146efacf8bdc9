"""Keeps what collections of documents there are."""

import fcntl
import json
import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

from bot.clock import Clock
from bot.errors import StoreReadOnly
from bot.events import File
from bot.ports import Addition, Collection, Problem
from storage.sqlite.database import Database, run_script

OWNER = "collection:"  # before a collection's name, where conversations own files


def m006_collections(connection: sqlite3.Connection) -> None:
    """Collections, what a sync could not use of them, what was added in chat, and which turn used them."""
    run_script(connection, TABLES)


# Columns named after a dataclass field mean what that field says.
TABLES = """
CREATE TABLE collections (
    name TEXT PRIMARY KEY,
    backend TEXT NOT NULL DEFAULT 'local',
    sources TEXT NOT NULL DEFAULT '[]',   -- JSON lists
    readers TEXT NOT NULL DEFAULT '[]',
    channels TEXT NOT NULL DEFAULT '[]',
    base_url TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',
    every REAL NOT NULL DEFAULT 0,
    synced_at REAL NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE collection_problems (
    collection TEXT NOT NULL REFERENCES collections (name) ON DELETE CASCADE,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (collection, path)
) WITHOUT ROWID;
CREATE TABLE additions (
    collection TEXT NOT NULL REFERENCES collections (name) ON DELETE CASCADE,
    path TEXT NOT NULL,
    file TEXT NOT NULL,                   -- JSON
    digest TEXT NOT NULL,
    author TEXT NOT NULL,
    added_at REAL NOT NULL,
    PRIMARY KEY (collection, path)
) WITHOUT ROWID;
CREATE TABLE searches (
    turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    collection TEXT NOT NULL,             -- empty: none could be looked at
    found INTEGER NOT NULL,
    PRIMARY KEY (turn, collection)
) WITHOUT ROWID;
ALTER TABLE messages ADD COLUMN channel TEXT NOT NULL DEFAULT ''
"""


class SqliteCollections:
    """The `Collections` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def every(self) -> Sequence[Collection]:
        def work(connection: sqlite3.Connection) -> list[Collection]:
            return [_collection(row) for row in connection.execute("SELECT * FROM collections ORDER BY name")]

        return await self._database.read(work)

    async def put(self, collection: Collection) -> None:
        values = (
            collection.backend,
            json.dumps(collection.sources, ensure_ascii=False),
            json.dumps(collection.readers, ensure_ascii=False),
            json.dumps(collection.channels, ensure_ascii=False),
            collection.base_url,
            collection.owner,
            collection.every,
            collection.name,
        )

        def work(connection: sqlite3.Connection) -> None:
            _row(connection, collection.name)
            connection.execute(
                "UPDATE collections SET backend = ?, sources = ?, readers = ?, channels = ?, base_url = ?,"
                " owner = ?, every = ? WHERE name = ?",
                values,
            )

        await self._database.write(work)

    async def remove(self, name: str) -> Sequence[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            connection.execute("DELETE FROM collections WHERE name = ?", (name,))
            return _let_go(connection, name, "")

        return await self._database.write(work)

    async def synced(self, name: str, problems: Sequence[Problem]) -> None:
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> None:
            _row(connection, name)
            connection.execute("UPDATE collections SET synced_at = ? WHERE name = ?", (now, name))
            connection.execute("DELETE FROM collection_problems WHERE collection = ?", (name,))
            connection.executemany(
                "INSERT OR REPLACE INTO collection_problems VALUES (?, ?, ?)",
                [(name, problem.path, problem.reason) for problem in problems],
            )

        await self._database.write(work)

    async def problems(self, name: str) -> Sequence[Problem]:
        def work(connection: sqlite3.Connection) -> list[Problem]:
            rows = connection.execute(
                "SELECT path, reason FROM collection_problems WHERE collection = ? ORDER BY path", (name,)
            )
            return [Problem(row["path"], row["reason"]) for row in rows]

        return await self._database.read(work)

    async def add(self, name: str, addition: Addition) -> Sequence[str]:
        file, now = addition.file, self._clock.now()
        kept = {slot: getattr(file, slot) for slot in File.__slots__}

        def work(connection: sqlite3.Connection) -> list[str]:
            _row(connection, name)
            gone = _let_go(connection, name, addition.path)
            connection.execute(
                "INSERT OR REPLACE INTO additions VALUES (?, ?, ?, ?, ?, ?)",
                (name, addition.path, json.dumps(kept), file.digest, addition.author, now),
            )
            connection.execute(
                "INSERT OR IGNORE INTO files VALUES (?, ?, 0, ?, ?, ?, ?)",
                (file.digest, OWNER + name, addition.path, file.media_type, file.size, now),
            )
            return [digest for digest in gone if digest != file.digest]

        return await self._database.write(work)

    async def additions(self, name: str) -> Sequence[Addition]:
        def work(connection: sqlite3.Connection) -> list[Addition]:
            rows = connection.execute(
                "SELECT * FROM additions WHERE collection = ? ORDER BY path", (name,)
            ).fetchall()
            return [
                Addition(row["path"], File(**json.loads(row["file"])), row["author"], row["added_at"])
                for row in rows
            ]

        return await self._database.read(work)

    async def drop(self, name: str, path: str) -> Sequence[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            connection.execute("DELETE FROM additions WHERE collection = ? AND path = ?", (name, path))
            return _let_go(connection, name, path)

        return await self._database.write(work)

    @asynccontextmanager
    async def alone(self, name: str) -> AsyncIterator[bool]:
        path = self._database.path
        # A hash, because a file's name may be shorter than a collection's in UTF-8.
        path = path.with_name(f"{path.name}.{sha256(name.encode()).hexdigest()[:16]}.sync")
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreReadOnly(
                f"{path} cannot be written ({error.strerror}). Give Maru write access to its folder."
            ) from error
        mine = _locked(fd, path)
        try:
            yield mine
        finally:
            if mine:
                path.unlink(missing_ok=True)
            os.close(fd)


def _locked(fd: int, path: Path) -> bool:
    """Take the lock of a file; the system takes it back from whoever dies."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had it deletes the file at the end: then this is the lock of a file that is gone.
        return os.path.samestat(os.fstat(fd), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _row(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("INSERT OR IGNORE INTO collections (name) VALUES (?)", (name,))


def _let_go(connection: sqlite3.Connection, name: str, path: str) -> list[str]:
    """The files of a collection, or one of them; returns digests that nobody owns then."""
    rows = connection.execute(
        "DELETE FROM files WHERE conversation = ? AND (name = ? OR ? = '') RETURNING digest",
        (OWNER + name, path, path),
    ).fetchall()
    owned = connection.execute(
        "SELECT digest FROM files WHERE digest IN (SELECT value FROM json_each(?))",
        (json.dumps([row["digest"] for row in rows]),),
    )
    return sorted({row["digest"] for row in rows} - {row["digest"] for row in owned})


def _collection(row: sqlite3.Row) -> Collection:
    return Collection(
        name=row["name"],
        backend=row["backend"],
        sources=tuple(json.loads(row["sources"])),
        base_url=row["base_url"],
        owner=row["owner"],
        readers=tuple(json.loads(row["readers"])),
        channels=tuple(json.loads(row["channels"])),
        every=row["every"],
        synced_at=row["synced_at"],
    )
