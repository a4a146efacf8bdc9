"""What we have in vector stores: which file there is which document, with its sections."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence

from pydantic import TypeAdapter

from bot.clock import Clock
from bot.knowledge.ports import Document, Section, Upload
from storage.sqlite.database import Database, run_script

SECTIONS = TypeAdapter(tuple[Section, ...])


def m007_vector_stores(connection: sqlite3.Connection) -> None:
    """The vector stores of collections, and what is in them."""
    run_script(connection, VECTOR_STORES)


# Columns named after a dataclass field mean what that field says.
VECTOR_STORES = """
CREATE TABLE vector_stores (
    collection TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    created_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE uploads (
    file TEXT NOT NULL UNIQUE,
    collection TEXT NOT NULL,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    url TEXT NOT NULL,
    sections TEXT NOT NULL,             -- JSON list: what was uploaded, piece by piece
    ready INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL
);
CREATE INDEX uploads_path ON uploads (collection, path)
"""

# What is named there without a conversation is deleted at the service, sooner or later.
ORPHAN = """
INSERT OR REPLACE INTO remote (kind, id, conversation, author, digest, created_at)
VALUES (?, ?, '', '', '', ?)
"""


class SqliteUploads:
    """The `Uploads` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def stores(self) -> Mapping[str, str]:
        def work(connection: sqlite3.Connection) -> dict[str, str]:
            rows = connection.execute("SELECT collection, id FROM vector_stores ORDER BY collection")
            return {row["collection"]: row["id"] for row in rows}

        return await self._database.read(work)

    async def open(self, collection: str, store: str) -> None:
        now = self._clock.now()
        await self._database.write(
            lambda connection: connection.execute(
                "INSERT INTO vector_stores VALUES (?, ?, ?)", (collection, store, now)
            )
        )

    async def close(self, collection: str) -> None:
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> None:
            _let_go(connection, "collection = ?", (collection,), now)
            rows = connection.execute(
                "DELETE FROM vector_stores WHERE collection = ? RETURNING id", (collection,)
            ).fetchall()
            connection.executemany(ORPHAN, [("vector_store", row["id"], now) for row in rows])

        await self._database.write(work)

    async def close_empty(self, collection: str) -> str:
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> str:
            row = connection.execute(
                "DELETE FROM vector_stores WHERE collection = ?1"
                " AND NOT EXISTS (SELECT 1 FROM uploads WHERE collection = ?1) RETURNING id",
                (collection,),
            ).fetchone()
            if row is None:
                return ""
            connection.execute(ORPHAN, ("vector_store", row["id"], now))
            return str(row["id"])

        return await self._database.write(work)

    async def waiting(self, collection: str, document: Document) -> str:
        def work(connection: sqlite3.Connection) -> str:
            row = connection.execute(
                "SELECT file FROM uploads WHERE collection = ? AND path = ? AND digest = ? AND ready = 0",
                (collection, document.path, document.digest),
            ).fetchone()
            return row["file"] if row else ""

        return await self._database.read(work)

    async def add(self, upload: Upload) -> None:
        now = self._clock.now()
        document = upload.document
        sections = SECTIONS.dump_json(document.sections).decode()
        await self._database.write(
            lambda connection: connection.execute(
                "INSERT INTO uploads (file, collection, path, digest, title, language, url, owner,"
                " sections, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    upload.file,
                    upload.collection,
                    document.path,
                    document.digest,
                    document.title,
                    document.language,
                    document.url,
                    document.owner,
                    sections,
                    now,
                ),
            )
        )

    async def settle(self, file: str, size: int) -> Sequence[str]:
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> list[str]:
            row = connection.execute(
                "UPDATE uploads SET ready = 1, size = ? WHERE file = ? RETURNING collection, path",
                (size, file),
            ).fetchone()
            if row is None:
                return []  # it was let go of in the meantime
            condition = "collection = ? AND path = ? AND file != ?"
            return _let_go(connection, condition, (row["collection"], row["path"], file), now)

        return await self._database.write(work)

    async def drop(self, collection: str, path: str) -> Sequence[str]:
        now = self._clock.now()
        return await self._database.write(
            lambda connection: _let_go(connection, "collection = ? AND path = ?", (collection, path), now)
        )

    async def discard(self, file: str) -> None:
        now = self._clock.now()
        await self._database.write(lambda connection: _let_go(connection, "file = ?", (file,), now))

    async def unsettled(self, since: float) -> Sequence[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute(
                "SELECT id FROM remote WHERE kind = 'file' AND conversation = '' AND created_at >= ?"
                " UNION SELECT file FROM uploads WHERE ready = 0 ORDER BY id",
                (since,),
            )
            return [row["id"] for row in rows]

        return await self._database.read(work)

    async def listed(self, collection: str) -> Sequence[Upload]:
        def work(connection: sqlite3.Connection) -> list[Upload]:
            rows = connection.execute(
                "SELECT file, collection, path, digest, title, language, url, owner, '[]' AS sections,"
                " ready, size FROM uploads WHERE collection = ? ORDER BY path, created_at, rowid",
                (collection,),
            )
            return [_upload(row) for row in rows]

        return await self._database.read(work)

    async def pending(self, before: float) -> Sequence[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute(
                "SELECT file FROM uploads WHERE ready = 0 AND created_at < ?", (before,)
            )
            return [row["file"] for row in rows]

        return await self._database.read(work)

    async def known(self, files: Collection[str]) -> Mapping[str, Upload]:
        def work(connection: sqlite3.Connection) -> dict[str, Upload]:
            rows = connection.execute(
                "SELECT * FROM uploads WHERE file IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(files)),),
            )
            return {row["file"]: _upload(row) for row in rows}

        return await self._database.read(work)


def _let_go(connection: sqlite3.Connection, condition: str, values: tuple[str, ...], now: float) -> list[str]:
    rows = connection.execute(
        f"DELETE FROM uploads WHERE {condition} RETURNING file",  # noqa: S608 - conditions of ours
        values,
    ).fetchall()
    files = [row["file"] for row in rows]
    connection.executemany(ORPHAN, [("file", file, now) for file in files])
    return files


def _upload(row: sqlite3.Row) -> Upload:
    document = Document(
        path=row["path"],
        digest=row["digest"],
        title=row["title"],
        language=row["language"],
        sections=SECTIONS.validate_json(row["sections"]),
        url=row["url"],
        owner=row["owner"],
    )
    return Upload(row["file"], row["collection"], document, bool(row["ready"]), row["size"])
