"""A library on a real database, as commands and engines see it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.clock import Clock
from bot.files import Files
from bot.knowledge.library import Library
from bot.ports import Collection
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store
from tests.fakes.clock import ManualClock


@asynccontextmanager
async def shelf(
    folder: Path, clock: Clock | None = None, builtin: Collection | None = None
) -> AsyncIterator[tuple[Store, Library]]:
    """A store in a folder and the library over it; opened again, it is what a restart finds."""
    clock = clock or ManualClock()
    store = await Store.open(folder / "maru.db", clock)
    library = Library(
        {"local": SqliteIndex(store.database)},
        store.collections,
        Files(folder / "files"),
        clock,
        builtin=builtin,
    )
    try:
        yield store, library
    finally:
        await library.close()
        await store.close()
