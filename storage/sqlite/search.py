"""Finds passages: FTS5 by BM25 first, the best of those by how much of the question they hold."""

import json
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from bot.knowledge.ports import Passage
from bot.knowledge.terms import Word
from bot.texts import Language

WORDS = 48  # of a question that are looked at: a person may paste a book
CLUES = 24  # of a question that count: those that say most
COMMON = 4_000  # passages with a clue, from which on it is common and no longer counted exactly
SCANNED = 2_000  # passages that one search ranks at most, so that it takes milliseconds in any index
CANDIDATES = 24  # the best of those are looked at closely
BY_RANK = 0.7  # of a score is how good BM25 finds the passage next to the best one
FILLER = 0.1  # what finding a word that says nothing by itself is worth: with others it tells headings apart
OTHER_LANGUAGE = 0.6  # what a passage is worth to somebody who asks in another language

CANDIDATES_TABLE = """
CREATE VIRTUAL TABLE IF NOT EXISTS temp.candidates USING fts5 (terms, content = '', tokenize = 'porter ascii')
"""


@dataclass(frozen=True, slots=True)
class Clue:
    """Something to look for: a word, or what of it may be found apart."""

    match: str  # in FTS5's query language
    holders: int  # passages that have it; COMMON at most
    weight: float  # how much it says
    telling: bool


def search(
    connection: sqlite3.Connection,
    words: Sequence[Word],
    language: Language,
    collections: Sequence[str],
    limit: int,
) -> list[Passage]:
    """The best passages for the words of a question, in milliseconds however many there are."""
    total = connection.execute("SELECT count(*) FROM passage_terms_docsize").fetchone()[0]
    words = sorted(words, key=lambda word: not word.telling)[:WORDS]
    clues = [clue for word in words for clue in _clues(connection, word, total)]
    clues = sorted(clues, key=lambda clue: -clue.weight)[:CLUES]
    match = _match(clues, total)
    rows = _rows(connection, match, collections, max(CANDIDATES, limit)) if match else []
    held = _held(connection, clues, [row["id"] for row in rows])
    found = []
    for row in rows:
        score = held[row["id"]] * (1 - BY_RANK + BY_RANK * row["bm25"] / rows[0]["bm25"])
        score *= 1 if row["language"] == language else OTHER_LANGUAGE
        found.append(
            Passage(
                collection=row["collection"],
                path=row["path"],
                number=row["number"],
                title=row["title"],
                place=row["place"],
                text=row["text"],
                url=row["url"],
                language=row["language"],
                score=score,
            )
        )
    return sorted(found, key=lambda passage: -passage.score)[:limit]


def _clues(connection: sqlite3.Connection, word: Word, total: int) -> list[Clue]:
    whole = " OR ".join(_phrase(form) for form in word.forms)
    clues = []
    for match in (whole, *(_phrase((part,)) for part in word.parts)):
        (holders,) = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM passage_terms WHERE passage_terms MATCH ? LIMIT ?)",
            (match, COMMON),
        ).fetchone()
        if not holders and not word.telling:
            continue  # a manner of speaking that the documents do not have
        rarity = math.log(1 + (total - holders + 0.5) / (holders + 0.5))
        weight = rarity / (1 + len(word.parts)) * (1 if word.telling else FILLER)
        clues.append(Clue(f"({match})", holders, weight, word.telling))
    return clues


def _phrase(terms: Sequence[str]) -> str:
    # Terms hold no quotes, and between quotes words like NOT are words.
    return '"' + " ".join(terms) + '"'


def _match(clues: Sequence[Clue], total: int) -> str:
    """Passages that a question is about, in FTS5's query language; empty when there are none."""
    telling = _any([clue for clue in clues if clue.telling])
    if any(clue.telling for clue in clues) and not telling:
        return ""
    if telling and total > SCANNED:
        return telling
    # Words that say nothing find nothing next to some that do. But in a few documents about one thing,
    # what is telling may be in all of them, and then the others tell headings apart.
    rest = _any([clue for clue in clues if not clue.telling])
    return f"({telling}) AND ({telling} OR {rest})" if telling and rest else telling or rest


def _any(clues: Sequence[Clue]) -> str:
    """Passages with any of the rare clues, or with the two rarest of the common ones together."""
    wanted: list[str] = []
    common: list[str] = []
    room = SCANNED // 2
    for clue in sorted(clues, key=lambda clue: clue.holders):
        if 0 < clue.holders <= room:
            wanted.append(clue.match)
            room -= clue.holders
        elif clue.holders:
            common.append(clue.match)
    if common:
        wanted.append(f"({' AND '.join(common[:2])})")
    return " OR ".join(wanted)


def _rows(
    connection: sqlite3.Connection, match: str, collections: Sequence[str], limit: int
) -> list[sqlite3.Row]:
    return connection.execute(
        """
        WITH ranked AS (
            SELECT passages.id, bm25(passage_terms, 4.0, 6.0, 1.0) AS bm25  -- title, place, text
            FROM passage_terms
            CROSS JOIN passages ON passages.id = passage_terms.rowid
            CROSS JOIN documents ON documents.id = passages.document
            WHERE passage_terms MATCH ? AND documents.collection IN (SELECT value FROM json_each(?))
            LIMIT ?
        )
        SELECT ranked.bm25, passages.*, documents.collection, documents.path, documents.title,
            documents.url, documents.language
        FROM (SELECT * FROM ranked ORDER BY bm25 LIMIT ?) AS ranked
        JOIN passages USING (id)
        JOIN documents ON documents.id = passages.document
        ORDER BY ranked.bm25, passages.id
        """,
        (match, json.dumps(collections), SCANNED, limit),
    ).fetchall()


def _held(connection: sqlite3.Connection, clues: Sequence[Clue], ids: Sequence[int]) -> dict[int, float]:
    """How much of what is asked for each passage holds, by weight: from 0 to 1."""
    held = dict.fromkeys(ids, 0.0)
    asked = sum(clue.weight for clue in clues)
    # Asked of an index of these few alone, because in the whole one each common clue takes milliseconds.
    connection.execute(CANDIDATES_TABLE)
    connection.execute("BEGIN")
    try:
        connection.execute(
            """
            INSERT INTO candidates (rowid, terms) SELECT rowid, title || ' ' || place || ' ' || text
            FROM passage_terms WHERE rowid IN (SELECT value FROM json_each(?))
            """,
            (json.dumps(ids),),
        )
        for clue in clues:
            found = connection.execute("SELECT rowid FROM candidates WHERE candidates MATCH ?", (clue.match,))
            for row in found:
                held[row["rowid"]] += clue.weight / asked
    finally:
        connection.execute("ROLLBACK")
    return held
