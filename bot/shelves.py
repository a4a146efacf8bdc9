"""The library of an installation, for the program and for its commands."""

from bot.clock import Clock
from bot.files import Files
from bot.knowledge.library import Library
from bot.ports import Collection
from bot.settings import Settings
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store

BUILTIN = "handbook"  # the collection of MARU_KNOWLEDGE


def library_of(settings: Settings, store: Store, files: Files, clock: Clock) -> Library:
    """Every index that is set up, and the built-in collection."""
    folder = settings.folder("knowledge").absolute()
    return Library(
        {"local": SqliteIndex(store.database)},
        store.collections,
        files,
        clock,
        Collection(BUILTIN, sources=(str(folder),)),
    )
