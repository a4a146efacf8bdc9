"""Searches by words and by meaning at once, and ranks together what both find."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace

from bot.clock import Clock
from bot.errors import EmbeddingsUnavailable
from bot.knowledge.ports import Document, Embedder, Index, Listing, Passage, Vector, Vectors
from bot.texts import Language, language_of

BATCH = 32  # texts a request: what servers take at least
LOOKED_AT = 40  # passages of either search that are ranked together
FLAT = 60  # how little the first ranks stand out: the constant of reciprocal rank fusion
OTHER_LANGUAGE = 0.9  # what a rank is worth to somebody who asks in another language
PATIENCE = 3.0  # seconds that a search waits for the vector of its question
PAUSE = 60.0  # seconds until a server that was away, or too slow for a search, is asked again
GATHER = 1.0  # seconds for which changes are gathered, since looking for them takes a while

log = logging.getLogger(__name__)


class Hybrid:
    """The `Index` port over another index, with vectors beside it.

    Vectors are made in the background, from the first search or change on, so a passage is found by its
    words at once and by its meaning soon after. While the server is away, words alone decide.
    """

    def __init__(self, index: Index, vectors: Vectors, embedder: Embedder, clock: Clock) -> None:
        self._index = index
        self._vectors = vectors
        self._embedder = embedder
        self._clock = clock
        self._filling: asyncio.Task[None] | None = None
        self._at_rest = asyncio.Event()  # nothing is made: all is there, or the server does not answer
        self._again = False  # something changed while vectors were made
        self._looked = float("-inf")  # when somebody last looked for passages without a vector
        self._away = False
        self._away_until = self._slow_until = float("-inf")

    async def replace(self, collection: str, document: Document) -> None:
        await self._index.replace(collection, document)
        self.fill()

    async def remove(self, collection: str, path: str) -> None:
        await self._index.remove(collection, path)

    async def documents(self, collection: str) -> Sequence[Listing]:
        return await self._index.documents(collection)

    async def collections(self) -> Sequence[str]:
        return await self._index.collections()

    async def sweep(self) -> None:
        await self._index.sweep()

    async def search(self, query: str, collections: Collection[str], limit: int) -> Sequence[Passage]:
        # Another process may have changed documents, or the server may be back.
        if self._clock.elapsed() - self._looked >= PAUSE:
            self.fill()
        by_words, by_meaning = await asyncio.gather(
            self._index.search(query, collections, max(limit, LOOKED_AT)), self._near(query, collections)
        )
        if not by_meaning:
            return by_words[:limit]
        return fused(by_words, by_meaning, language_of(query))[:limit]

    def fill(self) -> None:
        """Make the vectors that are missing, in the background."""
        self._again = True
        if self._filling is None or self._filling.done():
            self._at_rest.clear()
            self._filling = asyncio.create_task(self._fill(), name="embeddings")
            self._filling.add_done_callback(_told)

    async def filled(self) -> None:
        """Return once every passage has its vector, or the server is away."""
        await self._at_rest.wait()

    async def close(self) -> None:
        """Stop where it is: the next start goes on from there."""
        if self._filling:
            self._filling.cancel()
            await asyncio.wait([self._filling])
        await self._embedder.close()
        await self._index.close()

    async def _near(self, query: str, collections: Collection[str]) -> Sequence[Passage]:
        if not query.strip() or not collections or self._clock.elapsed() < self._slow_until:
            return []
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._embed([query])
        except TimeoutError:
            self._slow_until = self._clock.elapsed() + PAUSE
            log.info("an embedding took more than %.0f s; searches go by words alone for a minute", PATIENCE)
            return []
        if found is None:
            return []
        return await self._vectors.nearest(self._embedder.model, found[0], collections, LOOKED_AT)

    async def _fill(self) -> None:
        model = self._embedder.model
        while self._again:
            self._again = False
            self._looked = self._clock.elapsed()
            done = made = 0
            while batch := await self._vectors.missing(model, done, BATCH):
                vectors = await self._embed([one.text for one in batch])
                if vectors is None:
                    await self._clock.sleep(self._away_until - self._clock.elapsed())
                    self._at_rest.clear()
                    continue
                kept = zip((one.passage for one in batch), vectors, strict=True)
                await self._vectors.keep(model, dict(kept))
                done = batch[-1].passage
                made += len(batch)
            if made:
                log.info("%d passages have got their embeddings", made)
            if self._again:
                await self._clock.sleep(GATHER)
        self._at_rest.set()

    async def _embed(self, texts: Sequence[str]) -> Sequence[Vector] | None:
        """The vectors; None while the server is away, which is said once, or asks to wait."""
        if self._clock.elapsed() < self._away_until:
            return None
        try:
            vectors = await self._embedder.embed(texts)
        except EmbeddingsUnavailable as error:
            self._away_until = self._clock.elapsed() + (error.after or PAUSE)
            if not error.after:
                if not self._away:
                    log.warning("the search goes by words alone for now: %s", error)
                self._away = True
                self._at_rest.set()
            return None
        if self._away:
            log.info("the search goes by meaning again")
        self._away = False
        return vectors


def fused(by_words: Sequence[Passage], by_meaning: Sequence[Passage], language: Language) -> list[Passage]:
    """Both together by reciprocal rank, those in the language of the question a little ahead.

    The best score is that of the words: only it says how much of the question is there.
    """
    worth: dict[tuple[str, str, int], float] = {}
    passages: dict[tuple[str, str, int], Passage] = {}
    for found in (by_meaning, by_words):
        for rank, passage in enumerate(found, 1):
            key = passage.collection, passage.path, passage.number
            passages[key] = passage
            readable = 1 if passage.language == language else OTHER_LANGUAGE
            worth[key] = worth.get(key, 0.0) + readable / (FLAT + rank)
    best = max((passage.score for passage in by_words), default=0.0)
    most = max(worth.values(), default=1.0)
    ranked = sorted(worth, key=lambda key: -worth[key])
    return [replace(passages[key], score=best * worth[key] / most) for key in ranked]


def _told(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("the embeddings could not be made", exc_info=error)
