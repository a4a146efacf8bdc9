"""The library of an installation, for the program and for its commands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.clock import Clock
from bot.files import Files
from bot.knowledge.library import BUILTIN, Library
from bot.ports import Collection
from bot.settings import Settings
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store


@asynccontextmanager
async def opened(settings: Settings, clock: Clock) -> AsyncIterator[tuple[Store, Library]]:
    """The store and its library, for a command that may work beside a Maru that runs."""
    store = await Store.open(settings.database, clock)
    try:
        library = library_of(settings, store, Files(settings.file_folder), clock)
        try:
            yield store, library
        finally:
            await library.close()
    finally:
        await store.close()


def library_of(settings: Settings, store: Store, files: Files, clock: Clock) -> Library:
    """Every index that is set up, and the built-in collection."""
    folder = settings.folder("knowledge").absolute()
    return Library(
        {"local": SqliteIndex(store.database)},
        store.collections,
        files,
        clock,
        builtin=Collection(BUILTIN, sources=(str(folder),)),
    )
