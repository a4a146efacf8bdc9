"""The library of an installation, for the program and for its commands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.clock import Clock
from bot.files import Files
from bot.knowledge.hybrid import Hybrid
from bot.knowledge.library import BUILTIN, HOSTED, LOCAL, Library
from bot.knowledge.ports import Index
from bot.openai.embeddings import OpenAIEmbedder
from bot.openai.vector_stores import VectorStoreIndex
from bot.ports import Collection
from bot.settings import Settings, shown
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store


@asynccontextmanager
async def opened(settings: Settings, clock: Clock) -> AsyncIterator[tuple[Store, Library]]:
    """The store and its library, for a command that may work beside a Maru that runs."""
    store = await Store.open(settings.database, clock)
    try:
        library = await library_of(settings, store, Files(settings.file_folder), clock)
        try:
            yield store, library
        finally:
            await library.close()
    finally:
        await store.close()


async def library_of(settings: Settings, store: Store, files: Files, clock: Clock) -> Library:
    """Every index that is set up, and the built-in collection."""
    folder = settings.folder("knowledge").absolute()
    indexes: dict[str, Index] = {LOCAL: _local(settings, store, clock)}
    if not settings.offline:
        indexes[HOSTED] = VectorStoreIndex(
            api_key=shown(settings.openai_api_key),
            base_url=settings.openai_base_url,
            secret=await store.secret("people"),
            uploads=store.uploads,
            remotes=store.remotes,
            clock=clock,
        )
    return Library(
        indexes,
        store.collections,
        files,
        clock,
        builtin=Collection(BUILTIN, sources=(str(folder),)),
    )


def _local(settings: Settings, store: Store, clock: Clock) -> Index:
    """The index on this machine; it searches by meaning too when there is a model for that."""
    index = SqliteIndex(store.database)
    if not settings.embeddings_model:
        return index
    # Only here: vectors are compared by a library that is large, and otherwise not needed.
    from storage.sqlite.vectors import SqliteVectors  # noqa: PLC0415

    # The key of one server is never shown to another.
    own = bool(settings.embeddings_url)
    embedder = OpenAIEmbedder(
        api_key=shown(settings.embeddings_key if own else settings.openai_api_key),
        base_url=settings.embeddings_url or settings.openai_base_url,
        model=settings.embeddings_model,
    )
    return Hybrid(index, SqliteVectors(store.database), embedder, clock)
