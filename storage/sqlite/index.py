"""The local search index: documents, their passages, and the terms by which they are found."""

import asyncio
import sqlite3
from collections.abc import Collection, Sequence

from bot.knowledge.ports import Document, Listing, Passage, Section
from bot.knowledge.terms import question, terms
from bot.texts import language_of
from storage.sqlite.database import Database, run_script
from storage.sqlite.search import search


def m002_knowledge(connection: sqlite3.Connection) -> None:
    """What the local index keeps."""
    run_script(connection, KNOWLEDGE)


# Columns named after a dataclass field mean what that field says.
KNOWLEDGE = """
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    url TEXT NOT NULL,
    UNIQUE (collection, path)
);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    place TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX passages_document ON passages (document, number);
-- The rowid is the passage's id. Terms have no ASCII but letters and digits, and no spaces.
CREATE VIRTUAL TABLE passage_terms USING fts5 (title, place, text, tokenize = 'porter ascii')
"""


class SqliteIndex:
    """The `Index` port, in FTS5."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, collection: str, document: Document) -> None:
        # In another thread: a thick book takes seconds, and conversations go on meanwhile.
        title, found = await asyncio.to_thread(_terms, document)

        def work(connection: sqlite3.Connection) -> None:
            _remove(connection, collection, document.path)
            owner = connection.execute(
                "INSERT INTO documents (collection, path, digest, title, language, url, owner) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    collection,
                    document.path,
                    document.digest,
                    document.title,
                    document.language,
                    document.url,
                    document.owner,
                ),
            ).lastrowid
            for number, (section, place, text) in enumerate(found):
                passage = connection.execute(
                    "INSERT INTO passages (document, number, place, text) VALUES (?, ?, ?, ?)",
                    (owner, number, section.place, section.text),
                ).lastrowid
                connection.execute(
                    "INSERT INTO passage_terms (rowid, title, place, text) VALUES (?, ?, ?, ?)",
                    (passage, title, place, text),
                )

        await self._database.write(work)

    async def remove(self, collection: str, path: str) -> None:
        await self._database.write(lambda connection: _remove(connection, collection, path))

    async def documents(self, collection: str) -> Sequence[Listing]:
        def work(connection: sqlite3.Connection) -> list[Listing]:
            rows = connection.execute(
                "SELECT path, digest, title, language FROM documents WHERE collection = ? ORDER BY path",
                (collection,),
            )
            return [Listing(*row) for row in rows]

        return await self._database.read(work)

    async def collections(self) -> Sequence[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute("SELECT DISTINCT collection FROM documents ORDER BY collection")
            return [row["collection"] for row in rows]

        return await self._database.read(work)

    async def sweep(self) -> None:
        """There is no other side."""

    async def close(self) -> None:
        """The database is closed by whoever opened it."""

    async def search(self, query: str, collections: Collection[str], limit: int) -> Sequence[Passage]:
        words = question(query)
        language = language_of(query)
        if not words or not collections or limit < 1:
            return []
        return await self._database.search(
            lambda connection: search(connection, words, language, sorted(collections), limit)
        )


def _terms(document: Document) -> tuple[str, list[tuple[Section, str, str]]]:
    sections = [(section, terms(section.place), terms(section.text)) for section in document.sections]
    return terms(document.title), sections


def _remove(connection: sqlite3.Connection, collection: str, path: str) -> None:
    row = connection.execute(
        "SELECT id FROM documents WHERE collection = ? AND path = ?", (collection, path)
    ).fetchone()
    if row is None:
        return
    owner = (row["id"],)
    connection.execute(
        "DELETE FROM passage_terms WHERE rowid IN (SELECT id FROM passages WHERE document = ?)", owner
    )
    connection.execute("DELETE FROM documents WHERE id = ?", owner)
