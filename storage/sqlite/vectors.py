"""The vectors of passages: kept as a byte a dimension, told apart first by a bit a dimension in memory."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence

from bot.knowledge.ports import Passage, Unembedded, Vector
from storage.sqlite.database import Database
from storage.sqlite.near import Near, quantized
from storage.sqlite.search import passage_of


class SqliteVectors:
    """The `Vectors` port."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._near: dict[tuple[str, int], Near] = {}

    async def missing(self, model: str, after: int, limit: int) -> Sequence[Unembedded]:
        def work(connection: sqlite3.Connection) -> list[Unembedded]:
            rows = connection.execute(
                """
                SELECT passages.id, documents.title, passages.place, passages.text
                FROM passages
                JOIN documents ON documents.id = passages.document
                LEFT JOIN vectors ON vectors.passage = passages.id
                WHERE passages.id > ? AND vectors.model IS NOT ?
                ORDER BY passages.id LIMIT ?
                """,
                (after, model, limit),
            )
            return [Unembedded(passage, f"{title} › {place}\n{text}") for passage, title, place, text in rows]

        return await self._database.search(work)

    async def keep(self, model: str, vectors: Mapping[int, Vector]) -> None:
        rows = [(passage, model, quantized(vector)) for passage, vector in vectors.items()]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                """
                INSERT OR REPLACE INTO vectors (passage, model, vector)
                SELECT id, ?2, ?3 FROM passages WHERE id = ?1
                """,
                rows,
            )

        await self._database.write(work)

    async def nearest(
        self, model: str, vector: Vector, collections: Collection[str], limit: int
    ) -> Sequence[Passage]:
        near = self._near.setdefault((model, len(vector)), Near(model, len(vector)))

        def work(connection: sqlite3.Connection) -> list[Passage]:
            found = near.to(connection, vector, collections, limit)
            rows = connection.execute(
                """
                SELECT vectors.id AS vector, passages.*, documents.collection, documents.path,
                    documents.title, documents.url, documents.language, documents.owner
                FROM vectors
                JOIN passages ON passages.id = vectors.passage
                JOIN documents ON documents.id = passages.document
                WHERE vectors.id IN (SELECT value FROM json_each(?))
                """,
                (json.dumps(list(found)),),
            )
            passages = [passage_of(row, found[row["vector"]]) for row in rows]
            return sorted(passages, key=lambda passage: -passage.score)

        return await self._database.search(work)
