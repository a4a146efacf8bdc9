"""Every implementation of the store's ports; another database adds one line."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.clock import Clock
from storage.sqlite.store import Store
from tests.fakes.clock import ManualClock


@asynccontextmanager
async def sqlite(folder: Path, clock: Clock) -> AsyncIterator[Store]:
    store = await Store.open(folder / "maru.db", clock)
    try:
        yield store
    finally:
        await store.close()


STORES = {"sqlite": sqlite}

Open = Callable[[], AbstractAsyncContextManager[Store]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=STORES)
def open_store(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Open:
    """Opens the same store again and again, as restarts do."""
    return lambda: STORES[request.param](tmp_path, clock)


@pytest.fixture
async def store(open_store: Open) -> AsyncIterator[Store]:
    async with open_store() as opened:
        yield opened
