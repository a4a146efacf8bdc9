"""Asks the local index questions whose passages are known, and prints what it found as a table."""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.ports import Passage
from bot.offline import FITTING
from bot.ports import Collection
from bot.texts import LANGUAGES, language_of
from tests.fakes.shelf import shelf

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs", "knowledge")
LOOKED_AT = 10  # passages of a search


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the rank of the first passage that answers it; 0 is not among those looked at."""

    question: str
    answers: tuple[str, ...]
    rank: int
    score: float  # of the best passage


def questions() -> list[tuple[str, tuple[str, ...]]]:
    """The set: questions and the passages any of which answers each."""
    lines = (Path(__file__).parent / "questions.txt").read_text(encoding="utf-8").splitlines()
    parts = (line.partition("|") for line in lines if not line.startswith("#"))
    return [
        (question.strip(), tuple(answer.strip() for answer in answers.split(";") if answer.strip()))
        for question, _, answers in parts
    ]


async def asked() -> list[Asked]:
    """Ask everything, over the documents of this repository."""
    with tempfile.TemporaryDirectory() as folder:
        async with shelf(Path(folder)) as (store, library):
            for name in FOLDERS:
                await store.collections.put(Collection(name, sources=(str(ROOT / name),)))
                await library.sync(name)
            return [
                judged(question, answers, await library.search(question, LOOKED_AT, FOLDERS))
                for question, answers in questions()
            ]


def judged(question: str, answers: tuple[str, ...], found: Sequence[Passage]) -> Asked:
    names = [f"{passage.collection}/{passage.path} › {passage.place}" for passage in found]
    rank = next((rank for rank, name in enumerate(names, 1) if name.startswith(answers)), 0) if answers else 0
    return Asked(question, answers, rank, found[0].score if found else 0.0)


def table(every: Sequence[Asked]) -> list[str]:
    """A line for each language."""
    lines = [
        "| Language | Questions | recall@1 | recall@5 | MRR | Without an answer | of them refused |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for language in LANGUAGES:
        mine = [one for one in every if language_of(one.question) == language]
        ranks = [one.rank for one in mine if one.answers]
        open_ones = [one for one in mine if not one.answers]
        refused = sum(one.score < FITTING for one in open_ones)
        first = sum(rank == 1 for rank in ranks) / len(ranks)
        five = sum(0 < rank <= 5 for rank in ranks) / len(ranks)
        reciprocal = sum(1 / rank for rank in ranks if rank) / len(ranks)
        lines.append(
            f"| {language} | {len(ranks)} | {first:.2f} | {five:.2f} | {reciprocal:.2f} "
            f"| {len(open_ones)} | {refused} |"
        )
    return lines


if __name__ == "__main__":
    results = asyncio.run(asked())
    sys.stdout.write("\n".join(table(results)) + "\n\n")
    for one in results:
        wrong = one.rank != 1 if one.answers else one.score >= FITTING
        if wrong:
            sys.stdout.write(f"rank {one.rank or '-'}, score {one.score:.2f}: {one.question}\n")
