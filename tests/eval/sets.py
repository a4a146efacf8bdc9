"""The sets of questions, and what the local index finds for each."""

import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.clock import SystemClock
from bot.knowledge.hybrid import Hybrid
from bot.knowledge.ports import Embedder, Index, Passage
from bot.knowledge.readers import READERS, read
from bot.texts import Language, language_of
from storage.sqlite.database import Database
from storage.sqlite.index import SqliteIndex
from storage.sqlite.schema import migrate
from storage.sqlite.vectors import SqliteVectors

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOOKED_AT = 10  # passages of a search


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions over documents."""

    file: Path
    folders: Mapping[str, Path]  # by the name of the collection


SETS = {
    "handbook": Questions(HERE / "handbook.txt", {name: ROOT / name for name in ("docs", "knowledge")}),
    "real": Questions(HERE / "real.txt", {name: HERE / "documents" / name for name in ("en", "ko")}),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the rank of the first passage that answers it; 0 is not among those looked at."""

    question: str
    language: Language
    answers: tuple[str, ...]
    held_out: bool  # not looked at while the search was tuned
    rank: int
    score: float  # of the best passage
    first: str  # that passage


def questions(name: str) -> list[tuple[str, tuple[str, ...]]]:
    """The questions of a set, and the passages any of which answers each."""
    lines = SETS[name].file.read_text(encoding="utf-8").splitlines()
    parts = (line.partition("|") for line in lines if not line.startswith("#"))
    return [
        (question.strip(), tuple(answer.strip() for answer in answers.split(";") if answer.strip()))
        for question, _, answers in parts
    ]


async def asked(name: str, embedder: Embedder | None = None) -> list[Asked]:
    """Ask everything of a set, by words alone or, with an embedder, by meaning too."""
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.connect(Path(folder) / "index.db")
        try:
            await migrate(database)
            if embedder is None:
                return await _asked(name, SqliteIndex(database))
            hybrid = Hybrid(SqliteIndex(database), SqliteVectors(database), embedder, SystemClock())
            try:
                return await _asked(name, hybrid, hybrid.filled)
            finally:
                await hybrid.close()
        finally:
            await database.close()


async def _asked(name: str, index: Index, ready: Callable[[], Awaitable[None]] | None = None) -> list[Asked]:
    for collection, root in SETS[name].folders.items():
        for file in sorted(root.rglob("*")):
            if file.suffix in READERS:
                path = file.relative_to(root).as_posix()
                await index.replace(collection, read(path, file.read_bytes()))
    if ready:
        await ready()
    found = []
    seen = {"en": 0, "ko": 0}
    for question, answers in questions(name):
        language = language_of(question)
        seen[language] += 1
        passages = await index.search(question, tuple(SETS[name].folders), LOOKED_AT)
        found.append(_judged(question, language, answers, seen[language] % 2 == 0, passages))
    return found


def _judged(
    question: str, language: Language, answers: tuple[str, ...], held_out: bool, found: Sequence[Passage]
) -> Asked:
    names = [f"{passage.collection}/{passage.path} › {passage.place}" for passage in found]
    right = (rank for rank, name in enumerate(names, 1) if any(_is(answer, name) for answer in answers))
    score = found[0].score if found else 0.0
    return Asked(question, language, answers, held_out, next(right, 0), score, names[0] if names else "-")


def _is(answer: str, name: str) -> bool:
    """Whether a passage is in the document and below the heading that an answer names."""
    path, between, heading = answer.partition(" › ")
    return name.startswith(path) and (between + heading in name)
