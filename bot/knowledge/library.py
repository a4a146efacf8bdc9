"""What Maru's assistants may search: the collections, kept equal to their sources."""

import asyncio
import logging
from collections.abc import Collection as Several
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import chain, zip_longest

from bot.clock import Clock
from bot.errors import BackendUnreachable, KnowledgeBusy, KnowledgeError
from bot.files import Files
from bot.knowledge.attached import own_collection
from bot.knowledge.batches import together
from bot.knowledge.desk import Desk
from bot.knowledge.ports import Index, Listing, Passage
from bot.knowledge.reports import Report, Watcher, unwatched
from bot.knowledge.sync import Follower
from bot.ports import Addition, Collection, Collections

LOCAL = "local"  # the backend that is always there, and keeps what people attach
HOSTED = "openai"  # the backend of vector stores
BUILTIN = "handbook"  # the collection of MARU_KNOWLEDGE
TURN = 0.05  # seconds between two tries while somebody else syncs a collection
PATIENCE = 3.0  # seconds that a search waits for what changed, and a removal for a sync; then they do without

log = logging.getLogger(__name__)


class Library:
    """Collections over the indexes that keep them.

    The built-in collection follows its folder: what changed there is noticed by the next search. The
    others are kept equal to their sources by `sync`. Rows that another process changes count at once.
    """

    def __init__(
        self,
        indexes: Mapping[str, Index],
        collections: Collections,
        files: Files,
        clock: Clock,
        *,
        builtin: Collection | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """`indexes` are by the name of their backend; `patience` is in seconds."""
        self._indexes = indexes
        self._rows = collections
        self._files = files
        self._clock = clock
        self._builtin = builtin
        self._patience = patience
        self._desk = Desk()
        self._followers: dict[str, Follower] = {}
        self._refreshing: asyncio.Task[None] | None = None

    @property
    def backends(self) -> Sequence[str]:
        """What may keep a collection here."""
        return tuple(self._indexes)

    @property
    def builtin(self) -> str:
        """The name of the built-in collection, which people mean who name none."""
        return self._builtin.name if self._builtin else BUILTIN

    async def collections(self) -> Sequence[Collection]:
        """All of them by name; what people made of the built-in one comes on top of its folder."""
        found = {row.name: row for row in await self._rows.every()}
        if builtin := self._builtin:
            row = found.get(builtin.name, builtin)
            sources = dict.fromkeys((*builtin.sources, *row.sources))
            found[builtin.name] = replace(row, sources=tuple(sources))
        return [found[name] for name in sorted(found)]

    async def collection(self, name: str) -> Collection:
        """Raises KnowledgeError when there is none of this name."""
        found = {collection.name: collection for collection in await self.collections()}
        if name not in found:
            raise KnowledgeError(f"There is no collection {name}. There are: {', '.join(found) or 'none'}.")
        return found[name]

    async def put(self, collection: Collection) -> None:
        """Make or change a collection; what another index kept of it goes. The next sync does the rest."""
        self._index(collection)
        for known in await self._rows.every():
            if known.name == collection.name and known.backend != collection.backend:
                await self._clear(known)
        await self._rows.put(collection)

    async def search(
        self, query: str, limit: int, names: Several[str], conversation: str = ""
    ) -> Sequence[Passage]:
        """The best passages for a person's words, in the named collections alone.

        What people attached in `conversation` is searched with them, and nobody else's. Raises
        BackendUnreachable when the only place where something may be found is away.
        """
        wanted = [collection for collection in await self.collections() if collection.name in names]
        for lost in (collection for collection in wanted if collection.backend not in self._indexes):
            log.warning("%s is not searched: %s is not set up here", lost.name, lost.backend)
        if self._builtin and self._builtin.name in names:
            await self._await_refresh()
        kept = {name: [c.name for c in wanted if c.backend == name] for name in self._indexes}
        if conversation:
            kept[LOCAL].append(own_collection(conversation))
        found: list[Sequence[Passage]] = []
        away: BackendUnreachable | None = None
        for backend, collections in kept.items():
            try:
                found += (
                    [await self._indexes[backend].search(query, collections, limit)] if collections else []
                )
            except BackendUnreachable as error:
                log.warning("%s is not searched: %s", ", ".join(collections), error)
                away = error
        if away and not any(found):
            raise away
        # Scores of different indexes cannot be compared: their best, then their second best.
        ranked = chain.from_iterable(zip_longest(*found)) if len(found) > 1 else chain.from_iterable(found)
        return [passage for passage in ranked if passage][:limit]

    async def owners(self, names: Several[str], found: Sequence[Passage] = ()) -> tuple[str, ...]:
        """Whom to ask when these collections do not answer: the nearest document's owner first, each once."""
        nearest = [passage.owner for passage in found[:1]]
        owners = [one.owner for one in await self.collections() if one.name in names]
        return tuple(dict.fromkeys(filter(None, nearest + owners)))

    async def documents(self, names: Several[str]) -> Sequence[Listing]:
        """Everything there is in these collections."""
        listings: list[Listing] = []
        for collection in await self.collections():
            if collection.name in names and collection.backend in self._indexes:
                listings.extend(await self._indexes[collection.backend].documents(collection.name))
        return listings

    async def refresh(self) -> None:
        """Notice what changed in the built-in collection; meant for a task of its own at start."""
        if self._builtin:
            collection = await self.collection(self._builtin.name)
            # Another index may be far away: it is synced when somebody asks for that.
            if collection.backend == self._builtin.backend:
                await self._follower(collection).refresh()

    async def sync(self, name: str, watcher: Watcher = unwatched) -> Report | None:
        """Make a collection equal to its sources; None when another process is about to."""
        return await self._follower(await self.collection(name)).sync(watcher)

    async def remove(self, name: str) -> None:
        """Let go of a collection and its documents; of the built-in one, of all but its folder."""
        # The documents first: whoever takes the name next must not find them there.
        await self._clear(await self.collection(name))
        await self._files.delete(await self._rows.remove(name))
        await self.refresh()

    async def additions(self, name: str) -> Sequence[Addition]:
        """What was added to a collection in chat."""
        return await self._rows.additions(name)

    async def add(self, name: str, addition: Addition) -> None:
        """Add a document whose bytes are kept, to a new collection if there is none of this name.

        Raises DocumentRefused; then nothing is changed, and nobody owns its bytes.
        """
        known = {collection.name: collection for collection in await self.collections()}
        follower = self._follower(known.get(name, Collection(name)))
        await self._files.delete(await follower.accept(addition))

    async def drop(self, name: str, path: str) -> bool:
        """Let go of a document that was added in chat; False when there is none."""
        if path not in {addition.path for addition in await self._rows.additions(name)}:
            return False
        # At once, and first: whoever asks again after a kill must still be told that it is there.
        await self._index(await self.collection(name)).remove(name, path)
        await self._files.delete(await self._rows.drop(name, path))
        try:
            await self.sync(name)  # it brings back what the document stood in front of
        except BackendUnreachable as error:
            log.warning("%s: the next sync looks for another %s: %s", name, path, error)
        return True

    async def drop_source(self, name: str, source: str) -> bool:
        """Let go of a source and of what came from it; False when there is none."""
        for row in await self._rows.every():
            if row.name == name and source in row.sources:
                await self.put(replace(row, sources=tuple(one for one in row.sources if one != source)))
                await self.sync(name)
                return True
        return False

    async def _clear(self, collection: Collection) -> None:
        """Take all documents of a collection out of its index."""
        name, index = collection.name, self._index(collection)
        async with AsyncExitStack() as stack:
            waited = 0.0
            while not await stack.enter_async_context(self._rows.alone(name)):
                if waited >= self._patience:
                    raise KnowledgeBusy(f"{name} is being synced. Stop that, or try again when it is done.")
                await asyncio.sleep(TURN)
                waited += TURN
            self._followers.pop(name, None)
            listed = await index.documents(name)
            await together(index.remove(name, listing.path) for listing in listed)

    async def close(self) -> None:
        """Let go of what still runs."""
        if self._refreshing:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])
        await self._desk.rest()
        await asyncio.gather(*(index.close() for index in self._indexes.values()))

    async def sweep(self) -> None:
        """Let go of what a kill left behind, where collections are kept."""
        for backend in {one.backend for one in await self.collections()} & self._indexes.keys():
            await self._indexes[backend].sweep()

    async def _await_refresh(self) -> None:
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self.refresh())
            self._refreshing.add_done_callback(_told)
        done, _ = await asyncio.wait([self._refreshing], timeout=self._patience)
        for task in done:
            task.result()

    def _follower(self, collection: Collection) -> Follower:
        """The one that follows a collection as it is now."""
        known = self._followers.get(collection.name)
        now = replace(collection, synced_at=0.0)
        if known is None or known.collection != now:
            known = Follower(
                now,
                index=self._index(collection),
                desk=self._desk,
                collections=self._rows,
                files=self._files,
                clock=self._clock,
            )
            self._followers[collection.name] = known
        return known

    def _index(self, collection: Collection) -> Index:
        if collection.backend not in self._indexes:
            needed = "Set OPENAI_API_KEY or OPENAI_BASE_URL. " if collection.backend == HOSTED else ""
            raise KnowledgeError(
                f"{collection.name} is kept by {collection.backend}, which is not set up here. {needed}"
                f"There is: {', '.join(self._indexes)}."
            )
        return self._indexes[collection.backend]


def _told(task: asyncio.Task[None]) -> None:
    """Perhaps nobody waited for it."""
    if not task.cancelled() and (error := task.exception()):
        log.error("what changed in the documents could not be read", exc_info=error)
