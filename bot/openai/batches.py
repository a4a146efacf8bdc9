"""Adds files to a vector store: those that wait together go in one batch."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.openai.errors import ServiceError
from bot.openai.patiently import patiently
from bot.openai.sse import Json
from bot.openai.vectors import Vectors

MOST = 500  # files of a batch; the service takes 2,000
POLLS = (0.5, 1.0, 2.0, 5.0)  # seconds between two looks at a batch; the last one goes on
PATIENCE = 1_800.0  # seconds after which a batch counts as stuck


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that is to be indexed."""

    entry: Json  # file_id and attributes, as the service takes them
    indexed: asyncio.Future[Json]


class Batches:
    """One batch at a time is under way for each store, so that what comes meanwhile shares the next."""

    def __init__(self, vectors: Vectors, clock: Clock) -> None:
        self._vectors = vectors
        self._clock = clock
        self._waiting: dict[str, list[Waiting]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    async def add(self, store: str, entry: Json) -> Json:
        """The file as it stands in the store, once the service is done with it, well or not.

        Raises ServiceError.
        """
        waiting = Waiting(entry, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(store, []).append(waiting)
        if store not in self._running:
            self._running[store] = asyncio.create_task(self._run(store))
        return await waiting.indexed

    async def close(self) -> None:
        """Wait for nothing more; what is under way at the service goes on there."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, store: str) -> None:
        try:
            while self._waiting.get(store):
                # First everybody who is about to ask for the same.
                await asyncio.sleep(0)
                taken, self._waiting[store] = self._waiting[store][:MOST], self._waiting[store][MOST:]
                await self._take(store, taken)
        finally:
            for waiting in self._waiting.pop(store, []):
                waiting.indexed.cancel()
            del self._running[store]

    async def _take(self, store: str, taken: Sequence[Waiting]) -> None:
        failed: Exception | None = None
        found: dict[str, Json] = {}
        try:
            found = await self._batch(store, [waiting.entry for waiting in taken])
        except Exception as error:
            # It belongs to those who wait.
            log.info("a batch of %d files failed", len(taken), exc_info=error)
            failed = error
        finally:
            for waiting in taken:
                if waiting.indexed.done():
                    continue  # whoever waited was cancelled
                if file := found.get(waiting.entry["file_id"]):
                    waiting.indexed.set_result(file)
                elif failed:
                    waiting.indexed.set_exception(failed)
                else:
                    waiting.indexed.cancel()

    async def _batch(self, store: str, entries: Sequence[Json]) -> dict[str, Json]:
        """Each file as it stands in the store at the end."""
        batch = await patiently(self._clock, lambda: self._vectors.add(store, entries))
        begun = self._clock.elapsed()
        polls = 0
        while await patiently(self._clock, lambda: self._vectors.batch(store, batch)) == "in_progress":
            await self._pause(begun, polls)
            polls += 1
        found = {str(file["id"]): file async for file in self._vectors.batched(store, batch)}
        for entry in entries:
            # The list may be behind, and a batch be called done before its last file is.
            file = entry["file_id"]
            while file not in found or found[file]["status"] == "in_progress":
                found[file] = await self._file(store, file)
                if found[file]["status"] == "in_progress":
                    await self._pause(begun, polls)
        return found

    async def _file(self, store: str, file: str) -> Json:
        return await patiently(self._clock, lambda: self._vectors.file(store, file))

    async def _pause(self, begun: float, polls: int) -> None:
        if self._clock.elapsed() - begun > PATIENCE:
            raise ServiceError(type="batch_stuck", message="a batch of files is not indexed")
        await self._clock.sleep(POLLS[min(polls, len(POLLS) - 1)])
