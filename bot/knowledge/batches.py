"""Documents that are read side by side, so that the store writes them together."""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from bot.knowledge.folder import Found

AT_ONCE, BYTES_AT_ONCE = 16, 4_000_000  # files, and their bytes together

T = TypeVar("T")


def batches(found: Sequence[Found]) -> Iterator[Sequence[Found]]:
    """All of them, a few at a time; a large one alone."""
    batch: list[Found] = []
    for file in found:
        if batch and (len(batch) == AT_ONCE or sum(one.size for one in batch) + file.size > BYTES_AT_ONCE):
            yield batch
            batch = []
        batch.append(file)
    if batch:
        yield batch


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do things side by side; all have ended when the first error is raised."""
    results = await asyncio.gather(*work, return_exceptions=True)
    done: list[T] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        done.append(result)
    return done
