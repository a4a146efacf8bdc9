"""Finds passages: FTS5 names candidates by BM25, and those are looked at closely."""

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
COMMON = 2_000  # passages with a clue, from which on it is common and no longer counted exactly
SCANNED = 1_000  # passages that one search ranks at most, so that it takes milliseconds in any index
CANDIDATES = 48  # the best of those are looked at closely
FILLER = 0.1  # what finding a word that says nothing by itself is worth: with others it tells headings apart
OTHER_NAME = 0.9  # what finding another name of a word is worth
OTHER_LANGUAGE = 0.6  # what a passage is worth to somebody who asks in another language
TITLE, PLACE, TEXT = 2.0, 6.0, 1.0  # what finding a word there is worth
SATURATED = 1.4  # how little it matters that a word is there once more
LENGTH, BY_LENGTH = 120, 0.3  # terms of a usual passage, and how much it matters that one is longer


@dataclass(frozen=True, slots=True)
class Clue:
    """Something to look for: a word, or what of it may be found apart."""

    forms: tuple[str, ...]  # terms with spaces between
    others: tuple[str, ...]
    holders: int  # passages that have it; COMMON at most
    weight: float  # how much it says
    telling: bool

    @property
    def match(self) -> str:
        """In FTS5's query language."""
        return _match_of((*self.forms, *self.others))


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
    found = [
        passage_of(row, _score(clues, row) * (1 if row["language"] == language else OTHER_LANGUAGE))
        for row in rows
    ]
    return sorted(found, key=lambda passage: -passage.score)[:limit]


def passage_of(row: sqlite3.Row, score: float) -> Passage:
    """A row that names the columns of passages and documents."""
    return Passage(
        collection=row["collection"],
        path=row["path"],
        number=row["number"],
        title=row["title"],
        place=row["place"],
        text=row["text"],
        url=row["url"],
        language=row["language"],
        owner=row["owner"],
        score=score,
    )


def _score(clues: Sequence[Clue], row: sqlite3.Row) -> float:
    """How much of what is asked for a passage holds, by weight and place: from 0 to 1."""
    title, place, text = (f" {row[name]} " for name in ("title_terms", "place_terms", "text_terms"))
    length = 1 - BY_LENGTH + BY_LENGTH * text.count(" ") / LENGTH
    held = 0.0
    for clue in clues:
        found = 0.0
        for forms, worth in ((clue.forms, 1.0), (clue.others, OTHER_NAME)):
            for form in forms:
                sought = f" {form} "
                times = (
                    TITLE * title.count(sought)
                    + PLACE * place.count(sought)
                    + TEXT * text.count(sought) / length
                )
                found = max(found, worth * times / (times + SATURATED))
        held += clue.weight * found
    return held / sum(clue.weight for clue in clues)


def _clues(connection: sqlite3.Connection, word: Word, total: int) -> list[Clue]:
    whole = tuple(" ".join(form) for form in word.forms), tuple(" ".join(form) for form in word.others)
    clues = []
    for forms, others in (whole, *(((part,), ()) for part in word.parts)):
        (holders,) = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM passage_terms WHERE passage_terms MATCH ? LIMIT ?)",
            (_match_of((*forms, *others)), COMMON),
        ).fetchone()
        if not holders and not word.telling:
            continue  # a manner of speaking that the documents do not have
        rarity = math.log(1 + (total - holders + 0.5) / (holders + 0.5))
        weight = rarity / (1 + len(word.parts)) * (1 if word.telling else FILLER)
        clues.append(Clue(forms, others, holders, weight, word.telling))
    return clues


def _match_of(forms: Sequence[str]) -> str:
    # Terms hold no quotes, and between quotes words like NOT are words.
    return "(" + " OR ".join(f'"{form}"' for form in forms) + ")"


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
        SELECT passages.*, documents.collection, documents.path, documents.title, documents.url,
            documents.language, documents.owner, passage_terms.title AS title_terms,
            passage_terms.place AS place_terms, passage_terms.text AS text_terms
        FROM (SELECT * FROM ranked ORDER BY bm25 LIMIT ?) AS ranked
        JOIN passages USING (id)
        JOIN documents ON documents.id = passages.document
        JOIN passage_terms ON passage_terms.rowid = ranked.id
        ORDER BY ranked.bm25, passages.id
        """,
        (match, json.dumps(collections), SCANNED, limit),
    ).fetchall()
