"""Collections in vector stores at OpenAI: the `Index` port, with every document a file there."""

import asyncio
import hashlib
import hmac
import importlib
import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from bot.clock import Clock
from bot.errors import BackendUnreachable, DocumentRefused
from bot.knowledge.ports import Document, Listing, Passage, Upload, Uploads
from bot.openai.errors import ServiceError
from bot.openai.found import Piece, passages
from bot.openai.patiently import patiently
from bot.openai.reconciling import MINE, SETTLED, Reconciling, file_name
from bot.openai.sse import Json
from bot.openai.uploaded import FILE, written
from bot.ports import Remote, Remotes
from bot.text import storable

if TYPE_CHECKING:
    # Importing the SDK takes more than a second; that must not keep the program from being ready.
    from bot.openai.batches import Batches
    from bot.openai.client import Client

UPLOADING = 4  # files at a time
LONGEST_QUERY = 4_000  # characters of a question that are sent
MOST_PIECES = 50  # of one search; the service gives no more
ALIVE = 300.0  # seconds for which a store that was there is taken to be there
ATTRIBUTE = 512  # characters of an attribute

log = logging.getLogger(__name__)


class VectorStoreIndex:
    """The `Index` port. The SDK is loaded in a thread, with the first use.

    Uploads carry the mark of this installation in their names and stores in their metadata, so that
    what a kill left behind without a row of ours is found again.
    """

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        secret: bytes,
        uploads: Uploads,
        remotes: Remotes,
        clock: Clock,
    ) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._uploads = uploads
        self._remotes = remotes
        self._clock = clock
        self._room = asyncio.Semaphore(UPLOADING)
        self._lock = asyncio.Lock()  # over which stores there are
        self._alive_at: dict[str, float] = {}  # store -> when it was last seen there, in seconds elapsed
        self._loading: asyncio.Task[tuple[Client, Batches]] | None = None
        self.mark = hmac.new(secret, b"knowledge", hashlib.sha256).hexdigest()[:10]

    async def replace(self, collection: str, document: Document) -> None:
        with explained():
            file = await self._uploaded(collection, document)
            found = await self._indexed(collection, file, document)
            if found["status"] != "completed":
                await self._uploads.discard(file)
                await self._take_out(collection, [file])
                await self._close_empty(collection)
                code = str((found.get("last_error") or {}).get("code") or found["status"])
                raise DocumentRefused("document_not_indexed", code=code)
            replaced = await self._uploads.settle(file, int(found.get("usage_bytes") or 0))
            await self._take_out(collection, replaced)

    async def remove(self, collection: str, path: str) -> None:
        with explained():
            if files := await self._uploads.drop(collection, path):
                await self._take_out(collection, files)
                await self._close_empty(collection)

    async def documents(self, collection: str) -> Sequence[Listing]:
        with explained():
            store = (await self._uploads.stores()).get(collection)
            if store and not await self._alive(store):
                log.warning("the vector store of %s is gone at OpenAI; it has to be filled again", collection)
                await self._uploads.close(collection)
            return [
                Listing(document.path, document.digest, document.title, document.language)
                for document in (u.document for u in await self._uploads.listed(collection) if u.ready)
            ]

    async def collections(self) -> Sequence[str]:
        return [name for name in await self._uploads.stores() if await self._uploads.listed(name)]

    async def search(self, query: str, collections: Collection[str], limit: int) -> Sequence[Passage]:
        query = storable(query).strip()[:LONGEST_QUERY]
        stores = await self._uploads.stores()
        wanted = {name: stores[name] for name in collections if name in stores}
        if not query or not wanted or limit < 1:
            return []
        with explained():
            found = await asyncio.gather(*(self._pieces(store, query, limit) for store in wanted.values()))
        pieces = [Piece.of(piece) for some in found for piece in some]
        known = await self._uploads.known({piece.file for piece in pieces})
        return passages(pieces, known, query, limit)

    async def sweep(self) -> None:
        """Find what a kill left on either side alone; never raises what the service says."""
        client, _ = await self._service()
        await Reconciling(client, self._uploads, self._remotes, self._clock, self.mark).run()

    async def close(self) -> None:
        """Let go of the connection."""
        if self._loading is not None:
            client, batches = await self._loading
            await batches.close()
            await client.close()

    # -- one document ------------------------------------------------------------------------------

    async def _uploaded(self, collection: str, document: Document) -> str:
        """The file of a document; one that was uploaded before a crash is used."""
        if file := await self._uploads.waiting(collection, document):
            return file
        client, _ = await self._service()
        text, _ = written(document)
        name = file_name(document.path, self.mark)
        async with self._room:
            file = await patiently(self._clock, lambda: client.vectors.upload(name, text.encode()))
        await self._uploads.add(Upload(file, collection, document))
        return file

    async def _indexed(self, collection: str, file: str, document: Document) -> Json:
        """The file as it stands in the collection's store, when the service is done with it."""
        _, batches = await self._service()
        told = {
            "path": document.path,
            "title": document.title,
            "url": document.url,
            "owner": document.owner,
            "digest": document.digest,
            FILE: file,
        }
        attributes: Json = {key: value[:ATTRIBUTE] for key, value in told.items() if value}
        attributes["time"] = int(self._clock.now())
        return await batches.add(await self._store(collection), {"file_id": file, "attributes": attributes})

    async def _store(self, collection: str) -> str:
        async with self._lock:
            if store := (await self._uploads.stores()).get(collection):
                return store
            client, _ = await self._service()
            store = await patiently(self._clock, lambda: client.vectors.create(collection, {MINE: self.mark}))
            await self._uploads.open(collection, store)
            return store

    # -- letting go --------------------------------------------------------------------------------

    async def _take_out(self, collection: str, files: Sequence[str]) -> None:
        """Files that were let go of leave their store at once, and then the account."""
        client, _ = await self._service()
        store = (await self._uploads.stores()).get(collection)
        for file in files:
            try:
                if store:
                    await client.vectors.take_out(store, file)
            except ServiceError as error:
                log.info("a file is still in its store, until it is deleted: %s", error)
            await self._delete("file", file)

    async def _close_empty(self, collection: str) -> None:
        """A collection without documents has no store."""
        async with self._lock:
            store = await self._uploads.close_empty(collection)
        if store:
            await self._delete("vector_store", store)

    async def _delete(self, kind: Literal["file", "vector_store"], id: str) -> None:  # noqa: A002 - it is the service's word
        """What cannot be deleted now is an orphan, and tried again with the others."""
        client, _ = await self._service()
        try:
            await client.delete(kind, id)
        except ServiceError as error:
            log.info("a %s is not deleted yet: %s", kind, error)
        else:
            await self._remotes.gone([Remote(kind, id, "")])

    # -- the service -------------------------------------------------------------------------------

    async def _pieces(self, store: str, query: str, limit: int) -> Sequence[Json]:
        client, _ = await self._service()
        # What was let go of a moment ago may be found first: it must not take the place of what is there.
        unsettled = await self._uploads.unsettled(self._clock.now() - SETTLED)
        most = MOST_PIECES if unsettled else min(max(limit, 10), MOST_PIECES)
        try:
            return await client.vectors.search(store, query, most)
        except ServiceError as error:
            if not error.store_gone:
                raise
            log.warning("a vector store is gone at OpenAI; the next sync fills a new one")
            return []

    async def _alive(self, store: str) -> bool:
        """Asked now and then: a sync may look at a collection every few seconds."""
        now = self._clock.elapsed()
        if self._alive_at.get(store, -ALIVE) + ALIVE > now:
            return True
        client, _ = await self._service()
        try:
            alive = await patiently(self._clock, lambda: client.vectors.status(store)) != "expired"
        except ServiceError as error:
            if not error.missing:
                raise
            return False
        if alive:
            self._alive_at[store] = now
        return alive

    async def _service(self) -> "tuple[Client, Batches]":
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
        return await asyncio.shield(self._loading)

    async def _load(self) -> "tuple[Client, Batches]":
        module = await asyncio.to_thread(importlib.import_module, "bot.openai.client")
        batches = importlib.import_module("bot.openai.batches")
        client: Client = module.Client(self._api_key, self._base_url)
        return client, batches.Batches(client.vectors, self._clock)


@contextmanager
def explained() -> Iterator[None]:
    """Turns what the service says into what an operator can do."""
    try:
        yield
    except ServiceError as error:
        raise BackendUnreachable(
            f"OpenAI's vector stores cannot be used now ({error}). Check OPENAI_API_KEY and its rights, and "
            "try again: what was done until now counts."
        ) from error
