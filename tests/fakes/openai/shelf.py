"""Collections in the fake's vector stores, with our rows of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.clock import Clock
from bot.openai.vector_stores import VectorStoreIndex
from storage.sqlite.store import Store
from tests.fakes.openai.server import KEY, FakeOpenAI
from tests.fakes.openai.talk import QuickClock


def index_of(fake: FakeOpenAI, store: Store, clock: Clock) -> VectorStoreIndex:
    """An index that talks to the fake."""
    return VectorStoreIndex(
        api_key=KEY,
        base_url=fake.url,
        secret=b"secret",
        uploads=store.uploads,
        remotes=store.remotes,
        clock=clock,
    )


@asynccontextmanager
async def shelved(folder: Path, fake: FakeOpenAI) -> AsyncIterator[tuple[VectorStoreIndex, Store]]:
    """An index and its database, from one start to the next end."""
    clock = QuickClock()
    fake.uploads.now = fake.vector_stores.now = clock.now
    store = await Store.open(folder / "maru.db", clock)
    index = index_of(fake, store, clock)
    try:
        yield index, store
    finally:
        await index.close()
        await store.close()
