"""Asks the local index questions whose passages are known, and prints what it found as a table."""

import asyncio
import sys
from collections.abc import Sequence

from bot.offline import FITTING
from bot.texts import LANGUAGES
from tests.eval.sets import SETS, Asked, asked

HEAD = [
    "| Set | Language | With an answer | recall@1 | recall@5 | MRR | Refused | Without | Refused |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
]


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


def main() -> None:
    results = {name: asyncio.run(asked(name)) for name in SETS}
    lines = [row for name, every in results.items() for row in table(name, every)]
    sys.stdout.write("\n".join(HEAD + lines) + "\n\n")
    for name, every in results.items():
        for one in every:
            wrong = one.rank != 1 if one.answers else one.score >= FITTING
            # What is held out is counted and not shown, so that nobody tunes to it.
            if wrong and not one.held_out:
                sys.stdout.write(
                    f"{name}: rank {one.rank or '-'}, score {one.score:.2f}: {one.question} ({one.first})\n"
                )


if __name__ == "__main__":
    main()
