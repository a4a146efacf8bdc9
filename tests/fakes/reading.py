"""Maru with a model at the fake OpenAI and a library, on a platform in memory."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.assistants import Assistant
from bot.core import Core
from bot.dispatcher import Dispatcher
from bot.files import Files
from bot.knowledge.library import Library
from bot.knowledge.marks import Shown
from bot.knowledge.ports import Index
from bot.messages import Attachment, Author
from bot.ports import Collection
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store
from tests.fakes.clock import ManualClock
from tests.fakes.maru import core_of
from tests.fakes.openai import FakeOpenAI
from tests.fakes.openai.shelf import index_of
from tests.fakes.openai.talk import engine_for
from tests.fakes.square import ANN, Square, SquareAdapter

LIBRARIANS = (ANN.id, "group:librarians")


@dataclass
class Reading:
    """One life of it. What its assistant may search, and what there is, may change meanwhile."""

    core: Core
    store: Store
    library: Library
    fake: FakeOpenAI
    square: Square
    dispatcher: Dispatcher
    folder: Path
    assistants: dict[str, Assistant] = field(default_factory=dict)

    def knows(self, *collections: str) -> None:
        """What the assistant names from now on."""
        self.assistants["maru"] = Assistant(name="maru", instructions="Be kind.", knowledge=collections)

    async def collect(self, collection: Collection, **documents: str) -> None:
        """Make a collection of Markdown documents."""
        folder = self.folder / collection.name
        folder.mkdir()
        for name, text in documents.items():
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
        await self.library.put(replace(collection, sources=(str(folder),)))
        await self.library.sync(collection.name)

    async def ask(self, text: str, conversation: str = "square:main", **more: object) -> str:
        """What people read in answer to a message."""
        before = len(self.square.posts)
        await self.dispatcher.receive(self.square.message(text, conversation, **more))  # type: ignore[arg-type]  # any field
        await self.square.until(lambda: len(self.square.posts) > before)
        await self.dispatcher.idle()
        return self.square.posts[-1].text

    async def command(self, text: str, *files: tuple[str, bytes], author: Author = ANN) -> str:
        """What Maru whispers in answer to a command, with files attached."""
        before = len(self.square.whispers)
        attachments = []
        for name, content in files:
            source = f"upload {len(self.square.uploads)}"
            self.square.uploads[source] = content
            attachments.append(Attachment(name, len(content), source=source))
        said = self.square.message(text, author=author, attachments=tuple(attachments))
        await self.dispatcher.receive(said)
        await self.square.until(lambda: len(self.square.whispers) > before)
        return self.square.whispers[-1][1]

    def told(self, first: int = 0) -> str:
        """All that the model was told in its requests from one on, with what their conversations hold."""
        requests = self.fake.requests[first:]
        held = self.fake.state()["conversations"]
        names = {str(request.get("conversation")) for request in requests}
        return json.dumps([requests, [held[name] for name in names if name in held]], ensure_ascii=False)


@asynccontextmanager
async def reading(folder: Path, fake: FakeOpenAI, *knowledge: str) -> AsyncIterator[Reading]:
    """It, with an assistant that names these collections."""
    clock = ManualClock()
    store = await Store.open(folder / "maru.db", clock)
    files = Files(folder / "files")
    square = Square()
    adapter = SquareAdapter(square, store.parts, clock)
    indexes: dict[str, Index] = {"local": SqliteIndex(store.database), "openai": index_of(fake, store, clock)}
    library = Library(indexes, store.collections, files, clock)
    marks = Shown()
    engine = engine_for(fake, store, folder, clock, shown=marks)
    assistants = {"maru": Assistant(name="maru", instructions="Be kind.", knowledge=knowledge)}
    core = core_of(
        store,
        files,
        clock,
        adapter,
        engine,
        assistants=assistants,
        librarians=LIBRARIANS,
        library=library,
        marks=marks,
    )
    dispatcher = Dispatcher(core)
    answering = asyncio.create_task(dispatcher.run())
    try:
        yield Reading(core, store, library, fake, square, dispatcher, folder, assistants)
    finally:
        answering.cancel()
        with suppress(asyncio.CancelledError):
            await answering
        await library.close()
        await engine.close()
        await store.close()
