"""Finds near vectors: by their signs in memory first, then exactly among the best of those."""

import json
import sqlite3
from collections.abc import Collection, Iterator

import numpy as np
import numpy.typing as npt

from bot.knowledge.ports import Vector

CANDIDATES = 1_000  # vectors whose signs are most alike, which are compared exactly
LEAST = 0.2  # cosine below which nothing has to do with anything
SAMPLE = 5_000  # vectors of which the middle is taken
PORTION = 2_000  # rows read at a time
SCALE = 127  # of a signed byte

Floats = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint64]


def quantized(vector: Vector) -> bytes:
    """A signed byte a dimension: the direction is what counts, so each vector has a scale of its own."""
    floats = np.asarray(vector, dtype=np.float32)
    largest = float(np.abs(floats).max(initial=0.0)) or 1.0
    return bytes(np.rint(floats * (SCALE / largest)).astype(np.int8))


class Near:
    """The vectors of one model and length, as far as they are held in memory: a bit a dimension.

    The signs are taken around the middle of all vectors, since many models put all texts on one side.
    """

    def __init__(self, model: str, length: int) -> None:
        self._of = model, length  # a server may change what stands behind a name
        self._clear()

    def _clear(self) -> None:
        self._seen = 0  # the last id that was read
        self._begun = 0  # vectors there were when the middle was taken
        self._middle: Floats = np.zeros(0, dtype=np.float32)
        self._ids: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._signs: Words = np.zeros((0, 0), dtype=np.uint64)
        self._places: npt.NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self._names: dict[str, int] = {}  # collection -> what stands for it in `_places`

    def to(
        self, connection: sqlite3.Connection, vector: Vector, collections: Collection[str], limit: int
    ) -> dict[int, float]:
        """The ids of the nearest vectors in these collections, and their cosines."""
        self._catch_up(connection)
        asked = np.asarray(vector, dtype=np.float32)
        asked = asked / (float(np.linalg.norm(asked)) or 1.0)
        wanted = [self._names[name] for name in collections if name in self._names]
        (rows,) = np.nonzero(np.isin(self._places, wanted))
        if len(rows) > CANDIDATES:
            signs = self._signs if len(rows) == len(self._signs) else self._signs[rows]
            unlike = np.bitwise_count(signs ^ _signs((asked - self._middle)[None])[0])
            order = np.argpartition(unlike.sum(axis=1, dtype=np.int32), CANDIDATES)
            rows = rows[order[:CANDIDATES]]
        ids, vectors = _read(connection, self._ids[rows])
        if 2 * len(ids) < len(rows):
            self._clear()  # much of what is held went: the next search begins anew
        if not len(ids):
            return {}
        cosines = vectors @ asked
        best = np.argsort(-cosines)[:limit]
        return {int(ids[at]): float(cosines[at]) for at in best if cosines[at] >= LEAST}

    def _catch_up(self, connection: sqlite3.Connection) -> None:
        """Hold what is new; once there is twice as much, its middle may be elsewhere, so begin anew."""
        (newest,) = connection.execute("SELECT max(id) FROM vectors").fetchone()
        if newest is None or newest <= self._seen:
            return
        self._hold(connection)
        if self._begun and len(self._ids) > 2 * self._begun:
            self._clear()
            self._hold(connection)
        self._begun = self._begun or len(self._ids)
        self._seen = newest

    def _hold(self, connection: sqlite3.Connection) -> None:
        every, signs, codes = [self._ids], [self._signs], [self._places]
        for ids, places, vectors in self._new(connection):
            if not len(self._middle):
                self._middle = self._mean(connection)
            every.append(ids)
            signs.append(_signs(vectors - self._middle))
            names = [self._names.setdefault(place, len(self._names)) for place in places]
            codes.append(np.asarray(names, dtype=np.int32))
        self._ids, self._places = np.concatenate(every), np.concatenate(codes)
        self._signs = np.concatenate([part for part in signs if len(part)] or signs)

    def _new(
        self, connection: sqlite3.Connection
    ) -> Iterator[tuple[npt.NDArray[np.int64], list[str], Floats]]:
        found = connection.execute(
            """
            SELECT vectors.id, documents.collection, vectors.vector
            FROM vectors
            JOIN passages ON passages.id = vectors.passage
            JOIN documents ON documents.id = passages.document
            WHERE vectors.id > ? AND vectors.model = ? AND length(vectors.vector) = ?
            ORDER BY vectors.id
            """,
            (self._seen, *self._of),
        )
        while rows := found.fetchmany(PORTION):
            ids, places, vectors = zip(*rows, strict=True)
            yield np.asarray(ids, dtype=np.int64), list(places), _units(list(vectors))

    def _mean(self, connection: sqlite3.Connection) -> Floats:
        rows = connection.execute(
            "SELECT vector FROM vectors WHERE model = ? AND length(vector) = ? LIMIT ?", (*self._of, SAMPLE)
        )
        middle: Floats = _units([row["vector"] for row in rows]).mean(axis=0, dtype=np.float32)
        return middle


def _read(
    connection: sqlite3.Connection, wanted: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], Floats]:
    rows = connection.execute(
        "SELECT id, vector FROM vectors WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(wanted.tolist()),),
    ).fetchall()
    ids, vectors = zip(*rows, strict=True) if rows else ((), ())
    return np.asarray(ids, dtype=np.int64), _units(list(vectors))


def _units(vectors: list[bytes]) -> Floats:
    """Vectors of the length one."""
    if not vectors:
        return np.zeros((0, 0), dtype=np.float32)
    floats = np.frombuffer(b"".join(vectors), dtype=np.int8).reshape(len(vectors), -1).astype(np.float32)
    lengths = np.linalg.norm(floats, axis=1, keepdims=True)
    units: Floats = floats / np.maximum(lengths, 1e-9)
    return units


def _signs(vectors: Floats) -> Words:
    """A bit a dimension, filled up to whole words."""
    bits = np.packbits(vectors > 0, axis=1)
    return np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8))).view(np.uint64)
