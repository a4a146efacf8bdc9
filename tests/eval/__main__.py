"""Asks the local index questions whose passages are known, and prints what it found as a table."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.knowledge.ports import Embedder
from bot.offline import FITTING
from bot.openai.embeddings import OpenAIEmbedder
from bot.texts import LANGUAGES
from tests.eval.sets import SETS, Asked, asked
from tests.fakes.openai.server import KEY, FakeOpenAI

HEAD = [
    "| Set | Language | With an answer | recall@1 | recall@5 | MRR | Refused | Without | Refused |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
]
STAND_IN = "text-embedding-3-small"


def line(name: str, language: str, every: Sequence[Asked]) -> str:
    ranks = [one.rank for one in every if one.answers]
    open_ones = [one for one in every if not one.answers]
    refused = sum(one.score < FITTING for one in open_ones)
    wrongly = sum(one.score < FITTING for one in every if one.answers)
    first = sum(rank == 1 for rank in ranks) / len(ranks)
    five = sum(0 < rank <= 5 for rank in ranks) / len(ranks)
    reciprocal = sum(1 / rank for rank in ranks if rank) / len(ranks)
    return (
        f"| {name} | {language} | {len(ranks)} | {first:.2f} | {five:.2f} | {reciprocal:.2f} | {wrongly} "
        f"| {len(open_ones)} | {refused} |"
    )


def table(name: str, every: Sequence[Asked]) -> list[str]:
    """A line for each language and half."""
    return [
        line(f"{name}, {'held out' if held_out else 'tuning'}", language, mine)
        for held_out in (False, True)
        for language in LANGUAGES
        if (mine := [one for one in every if one.language == language and one.held_out == held_out])
    ]


def mistakes(name: str, every: Sequence[Asked]) -> list[str]:
    """What went wrong in the half for tuning; the other is counted and not shown, so nobody tunes to it."""
    return [
        f"{name}: rank {one.rank or '-'}, score {one.score:.2f}: {one.question} ({one.first})"
        for one in every
        if not one.held_out and (one.rank != 1 if one.answers else one.score >= FITTING)
    ]


@asynccontextmanager
async def embedder(model: str, url: str, key: str) -> AsyncIterator[Embedder]:
    """The one that is named, else one that knows spelling alone: it only shows that the parts fit."""
    if model:
        yield OpenAIEmbedder(api_key=key, base_url=url, model=model)
        return
    async with FakeOpenAI() as fake:
        yield OpenAIEmbedder(api_key=KEY, base_url=fake.url, model=STAND_IN)


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__)
    parser.add_argument("--model", default="", help="of the embeddings; else a stand-in without meaning")
    parser.add_argument("--url", default="", help="of their server; else OpenAI's")
    parser.add_argument("--key", default="", help="for it")
    chosen = parser.parse_args()
    by_words = {name: await asked(name) for name in SETS}
    by_both = {}
    for name in SETS:
        async with embedder(chosen.model, chosen.url, chosen.key) as made:
            by_both[name] = await asked(name, made)
    for title, results in (
        ("By words (BM25)", by_words),
        (f"By words and {chosen.model or 'the stand-in'}", by_both),
    ):
        rows = [row for name, every in results.items() for row in table(name, every)]
        sys.stdout.write("\n".join([f"\n{title}\n", *HEAD, *rows]) + "\n")
    wrong = [row for name, every in by_words.items() for row in mistakes(name, every)]
    sys.stdout.write("\n" + "\n".join(wrong) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
