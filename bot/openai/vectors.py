"""The part of the SDK's seam that is about vector stores, and the files in them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from openai import AsyncOpenAI

from bot.openai.answers import Answered, gone, read
from bot.openai.sse import Json

PAGE = 100  # things per list request: the most there may be


class Vectors:
    """Made by the client. Everything may raise ServiceError."""

    def __init__(self, sdk: AsyncOpenAI) -> None:
        self._sdk = sdk

    async def create(self, name: str, metadata: Mapping[str, str]) -> str:
        """A store that never expires by itself."""
        made = await read(
            self._sdk.vector_stores.with_raw_response.create(name=name, metadata=dict(metadata))
        )
        return str(made["id"])

    async def status(self, store: str) -> str:
        """What the service says of a store."""
        return str((await read(self._sdk.vector_stores.with_raw_response.retrieve(store)))["status"])

    def stores(self) -> AsyncIterator[Json]:
        """All of the account, the newest first."""
        return _pages(
            lambda after: self._sdk.vector_stores.with_raw_response.list(limit=PAGE, order="desc", **after)
        )

    async def search(self, store: str, query: str, most: int) -> list[Json]:
        """The pieces of files that fit best."""
        found = await read(
            self._sdk.vector_stores.with_raw_response.search(
                store, query=query, max_num_results=most, rewrite_query=False
            )
        )
        return list(found["data"])

    # -- files ---------------------------------------------------------------------------------

    async def upload(self, name: str, data: bytes) -> str:
        """A file that stays until it is deleted."""
        made = await read(self._sdk.files.with_raw_response.create(file=(name, data), purpose="assistants"))
        return str(made["id"])

    def uploads(self) -> AsyncIterator[Json]:
        """All files of the account that were uploaded for stores, the newest first."""
        return _pages(
            lambda after: self._sdk.files.with_raw_response.list(
                purpose="assistants", limit=PAGE, order="desc", **after
            )
        )

    async def add(self, store: str, files: Sequence[Json]) -> str:
        """Begin to index files in a store; returns the batch."""
        made = await read(
            self._sdk.vector_stores.file_batches.with_raw_response.create(
                store, extra_body={"files": list(files)}
            )
        )
        return str(made["id"])

    async def batch(self, store: str, batch: str) -> str:
        """The status of a batch."""
        found = await read(
            self._sdk.vector_stores.file_batches.with_raw_response.retrieve(batch, vector_store_id=store)
        )
        return str(found["status"])

    def batched(self, store: str, batch: str) -> AsyncIterator[Json]:
        """The files of a batch, as far as they are listed already."""
        return _pages(
            lambda after: self._sdk.vector_stores.file_batches.with_raw_response.list_files(
                batch, vector_store_id=store, limit=PAGE, **after
            )
        )

    def files(self, store: str) -> AsyncIterator[Json]:
        """The files of a store."""
        return _pages(
            lambda after: self._sdk.vector_stores.files.with_raw_response.list(store, limit=PAGE, **after)
        )

    async def file(self, store: str, file: str) -> Json:
        return await read(
            self._sdk.vector_stores.files.with_raw_response.retrieve(file, vector_store_id=store)
        )

    async def take_out(self, store: str, file: str) -> None:
        """The file is no longer searched; it still exists."""
        await gone(self._sdk.vector_stores.files.with_raw_response.delete(file, vector_store_id=store))


async def _pages(ask: Callable[[Json], Awaitable[Answered]]) -> AsyncIterator[Json]:
    place: Json = {}
    while True:
        page = await read(ask(place))
        for entry in page["data"]:
            yield entry
        if not page.get("has_more") or not page["data"]:
            return
        place = {"after": page["data"][-1]["id"]}
