"""Collections in vector stores: both sides stay equal, whatever the service does and whenever we die."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import BackendUnreachable, DocumentRefused
from bot.files import Files
from bot.knowledge.library import Library
from bot.knowledge.ports import Document, Section
from bot.openai.reconciling import SETTLED
from bot.openai.uploaded import covered, written
from bot.openai.vector_stores import VectorStoreIndex
from bot.ports import Collection
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store
from tests.fakes.clock import ManualClock
from tests.fakes.openai import FakeOpenAI
from tests.fakes.openai.shelf import shelved
from tests.fakes.openai.wire import ApiError


def document(path: str, text: str = "The printer is on floor three.", digest: str = "") -> Document:
    return Document(path, digest or text, path, "en", (Section("", text),), "https://example.com/" + path)


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


Shelf = tuple[VectorStoreIndex, Store]


@pytest.fixture
async def shelf(fake: FakeOpenAI, tmp_path: Path) -> AsyncIterator[Shelf]:
    async with shelved(tmp_path, fake) as opened:
        yield opened


async def everything(index: VectorStoreIndex, *documents: Document) -> None:
    """Replace them all at once, as a sync does."""
    async with asyncio.TaskGroup() as group:
        for one in documents:
            group.create_task(index.replace("docs", one))


async def test_a_document_is_a_file_with_what_people_know_it_by(shelf: Shelf, fake: FakeOpenAI) -> None:
    """Its text in Markdown, its address, and the bytes it takes there."""
    index, store = shelf
    await index.replace("docs", document("team/printer.md"))
    (upload,) = fake.uploads.all.values()
    assert upload.data == b"# team/printer.md\n\nThe printer is on floor three.\n"
    assert (upload.name, upload.purpose) == (f"printer.{index.mark}.md", "assistants")
    (stored,) = next(iter(fake.vector_stores.all.values())).files.values()
    assert stored.attributes == {
        "path": "team/printer.md",
        "title": "team/printer.md",
        "url": "https://example.com/team/printer.md",
        "digest": "The printer is on floor three.",
        "file": upload.id,
        "time": int(fake.uploads.now()),
    }
    (kept,) = await store.uploads.listed("docs")
    assert kept.size == stored.shown("")["usage_bytes"] > 0


async def test_what_comes_together_goes_in_one_batch(shelf: Shelf, fake: FakeOpenAI) -> None:
    index, _ = shelf
    await everything(index, *(document(f"{number}.md") for number in range(30)))
    assert sum(fake.vector_stores.batches) == 30
    assert len(fake.vector_stores.batches) < 30
    assert len(await index.documents("docs")) == 30


async def test_files_that_cannot_be_indexed_are_named_and_hold_nobody_up(
    shelf: Shelf, fake: FakeOpenAI
) -> None:
    """Nothing of them stays there, not even an empty store."""
    index, _ = shelf
    fake.vector_stores.breaks = {"broken": "invalid_file"}
    with pytest.raises(DocumentRefused, match=r"cannot be indexed by OpenAI \(invalid_file\)"):
        await index.replace("docs", document("bad.md", "broken"))
    assert not fake.vector_stores.all
    results = await asyncio.gather(
        index.replace("docs", document("good.md")),
        index.replace("docs", document("bad.md", "broken")),
        return_exceptions=True,
    )
    assert results[0] is None
    assert isinstance(results[1], DocumentRefused)
    assert [listing.path for listing in await index.documents("docs")] == ["good.md"]
    assert len(fake.uploads.all) == 1


async def test_a_new_version_that_cannot_be_indexed_leaves_the_old_one(
    shelf: Shelf, fake: FakeOpenAI
) -> None:
    index, _ = shelf
    fake.vector_stores.breaks = {"broken": "server_error"}
    await index.replace("docs", document("a.md"))
    with pytest.raises(DocumentRefused):
        await index.replace("docs", document("a.md", "broken"))
    (passage,) = await index.search("printer", ["docs"], 5)
    assert passage.text == "The printer is on floor three."


async def test_what_was_removed_is_not_found_although_the_service_still_finds_it(
    shelf: Shelf, fake: FakeOpenAI
) -> None:
    """Deleting takes effect there after a while; what people see is right at once."""
    index, _ = shelf
    fake.vector_stores.lingers = 100
    await index.replace("docs", document("a.md"))
    await index.replace("docs", document("a.md", "The printer moved to floor four."))
    await index.replace("docs", document("b.md", "The printer is for everybody."))
    await index.remove("docs", "b.md")
    found = await index.search("printer", ["docs"], 5)
    assert [passage.text for passage in found] == ["The printer moved to floor four."]


async def test_what_was_removed_takes_no_room_from_what_is_there(shelf: Shelf, fake: FakeOpenAI) -> None:
    index, _ = shelf
    fake.vector_stores.lingers = 10
    await everything(index, *(document(f"{number}.md", "Where is the printer?") for number in range(20)))
    await index.replace("docs", document("there.md"))
    for number in range(20):
        await index.remove("docs", f"{number}.md")
    found = await index.search("Where is the printer?", ["docs"], 3)
    assert [passage.path for passage in found] == ["there.md"]


@pytest.mark.parametrize("request_", ["POST /v1/files", "POST /v1/vector_stores/{id}/file_batches"])
async def test_the_service_may_ask_for_patience(shelf: Shelf, fake: FakeOpenAI, request_: str) -> None:
    index, _ = shelf
    fake.fails_next[request_] = ApiError(429, "Slow down.", headers={"retry-after": "7"})
    await index.replace("docs", document("a.md"))
    assert fake.vector_stores.paths == {"docs": ["a.md"]}


async def test_a_wrong_key_is_told_with_what_to_do(shelf: Shelf, fake: FakeOpenAI) -> None:
    index, _ = shelf
    fake.key = "another"
    with pytest.raises(BackendUnreachable, match="OPENAI_API_KEY"):
        await index.replace("docs", document("a.md"))


async def test_while_the_service_is_away_what_is_here_is_found(
    shelf: Shelf, fake: FakeOpenAI, tmp_path: Path
) -> None:
    """Only when nothing else is found is that told instead of an answer."""
    index, store = shelf
    local = SqliteIndex(store.database)
    library = Library(
        {"local": local, "openai": index}, store.collections, Files(tmp_path / "files"), ManualClock()
    )
    for name, backend in (("docs", "openai"), ("here", "local")):
        await store.collections.put(Collection(name, backend=backend))
    await index.replace("docs", document("a.md"))
    await local.replace("here", document("b.md"))
    assert len(await library.search("printer", 5, ["docs", "here"])) == 2
    fake.key = "another"
    assert [passage.path for passage in await library.search("printer", 5, ["docs", "here"])] == ["b.md"]
    with pytest.raises(BackendUnreachable):
        await library.search("printer", 5, ["docs"])


@pytest.mark.parametrize("how", ["expired", "deleted"])
async def test_a_store_that_is_gone_is_filled_anew(shelf: Shelf, fake: FakeOpenAI, how: str) -> None:
    """A search finds nothing meanwhile; the next sync sees that nothing is there."""
    index, store = shelf
    await index.replace("docs", document("a.md"))
    (old,) = fake.vector_stores.all
    if how == "expired":
        fake.vector_stores.expire(old)
    else:
        del fake.vector_stores.all[old]
    assert await index.search("printer", ["docs"], 5) == []
    assert await index.documents("docs") == []
    await index.replace("docs", document("a.md"))
    assert len(await index.search("printer", ["docs"], 5)) == 1
    assert {"vector_store", "file"} == {remote.kind for remote in await store.remotes.orphans()}


async def test_an_empty_collection_has_no_store(shelf: Shelf, fake: FakeOpenAI) -> None:
    index, _ = shelf
    await everything(index, document("a.md"), document("b.md"))
    await index.remove("docs", "a.md")
    assert len(fake.vector_stores.all) == 1
    await index.remove("docs", "b.md")
    assert not fake.vector_stores.all
    assert not fake.uploads.all


async def test_what_cannot_be_deleted_now_is_an_orphan(shelf: Shelf, fake: FakeOpenAI) -> None:
    index, store = shelf
    await everything(index, document("a.md"), document("b.md"))
    fake.fails_next["DELETE /v1/files/{id}"] = ApiError(500, "No.")
    await index.remove("docs", "a.md")
    assert [remote.kind for remote in await store.remotes.orphans()] == ["file"]
    assert len(await index.search("printer", ["docs"], 5)) == 1


async def test_what_somebody_deleted_there_is_uploaded_again(shelf: Shelf, fake: FakeOpenAI) -> None:
    """The sweep lets go of our row of it, so that the next sync misses the document."""
    index, _ = shelf
    await everything(index, document("a.md"), document("b.md"))
    fake.uploads.delete(next(iter(fake.uploads.all)))
    await index.sweep()
    assert len(await index.documents("docs")) == 1


async def test_others_of_the_account_are_left_alone(shelf: Shelf, fake: FakeOpenAI, tmp_path: Path) -> None:
    """Files and stores of another installation, and of other programs."""
    index, store = shelf
    await index.replace("docs", document("a.md"))
    (theirs,) = fake.vector_stores.all.values()
    theirs.metadata = {"maru": "another"}
    (upload,) = fake.uploads.all.values()
    upload.name = "a.another.md"
    theirs.created_at = upload.created_at = 0
    await store.uploads.close("docs")
    await store.remotes.gone(await store.remotes.orphans())
    await index.sweep()
    assert await store.remotes.orphans() == []


# -- killed at every point ---------------------------------------------------------------------------

BEFORE = {"a.md": "The printer.", "b.md": "The scanner.", "c.md": "The cellar."}
MANY = 30  # points at the least, or the test has lost its point
AFTER = {"a.md": "The printer.", "b.md": "The new scanner.", "d.md": "The roof."}


async def sync(index: VectorStoreIndex, wanted: Mapping[str, str]) -> None:
    """Make the collection equal, as a sync does."""
    known = {listing.path: listing.digest for listing in await index.documents("docs")}
    changed = [document(path, text) for path, text in wanted.items() if known.get(path) != text]
    await everything(index, *changed)
    for path in known.keys() - wanted.keys():
        await index.remove("docs", path)


async def killed(index: VectorStoreIndex, fake: FakeOpenAI, after: int) -> bool:
    """Sync, and die at a point; False when it is done before.

    Each request is two points: it did not reach the service, or its answer did not reach us.
    """
    task = asyncio.create_task(sync(index, AFTER))
    left = after

    def meets(_name: str, _done: bool) -> bool:
        nonlocal left
        left -= 1
        if left == 0:
            task.cancel()
        return left <= 0

    fake.meets = meets
    with suppress(asyncio.CancelledError, BaseExceptionGroup):
        await task
    fake.meets = lambda _name, _done: False
    return task.cancelled()


@pytest.mark.parametrize("first", range(1, 5))
async def test_a_sync_that_is_killed_leaves_nothing_behind(tmp_path: Path, first: int) -> None:
    """At every point: afterwards both sides are equal, with nothing missing and no orphan."""
    after, going = first, True
    while going:
        folder = tmp_path / str(after)
        folder.mkdir()
        async with FakeOpenAI() as fake:
            async with shelved(folder, fake) as (index, _):
                await sync(index, BEFORE)
                going = await killed(index, fake, after)
            async with shelved(folder, fake) as (index, store):
                await sync(index, AFTER)
                # A second one finds nothing to do.
                uploads = fake.counts["POST /v1/files"]
                await sync(index, AFTER)
                assert fake.counts["POST /v1/files"] == uploads
                await swept(fake, index, store)
                await equal(fake, store, AFTER)
        after += 4
    assert after > MANY


async def swept(fake: FakeOpenAI, index: VectorStoreIndex, store: Store) -> None:
    """A day later, as the program sweeps."""
    age = 2 * int(SETTLED)
    for upload in fake.uploads.all.values():
        upload.created_at -= age
    for there in fake.vector_stores.all.values():
        there.created_at -= age
        for file in there.files.values():
            file.created_at -= age
    await index.sweep()
    for orphan in await store.remotes.orphans():
        if orphan.kind == "file":
            fake.uploads.all.pop(orphan.id, None)
        else:
            fake.vector_stores.all.pop(orphan.id, None)


async def equal(fake: FakeOpenAI, store: Store, wanted: Mapping[str, str]) -> None:
    """Rows and service hold exactly the wanted documents, once."""
    rows = await store.uploads.listed("docs")
    assert {row.document.path: row.document.digest for row in rows} == wanted
    assert all(row.ready for row in rows)
    assert set(fake.uploads.all) == {row.file for row in rows}
    (there,) = fake.vector_stores.all.values()
    assert await store.uploads.stores() == {"docs": there.id}
    assert set(there.files) == {row.file for row in rows}
    assert fake.vector_stores.paths == {"docs": sorted(wanted)}


# -- from pieces back to sections --------------------------------------------------------------------

LEAVE = Document(
    "leave.md",
    "1",
    "Leave",
    "en",
    (
        Section("Annual", "Everybody has 15 days."),
        Section("Annual › Rest", "What is left in March is gone."),
        Section("Sick", "Call Mina before nine."),
    ),
)


def test_the_text_says_whom_to_ask() -> None:
    text, starts = written(replace(LEAVE, owner="Mina"))
    assert text.startswith("# Leave\n\nOwner: Mina\n\n## Annual\n")
    assert text[starts[0] :].startswith("Everybody")


def test_a_piece_leads_to_the_sections_that_answer() -> None:
    text, starts = written(LEAVE)
    assert [text[start:].split("\n")[0] for start in starts] == [s.text for s in LEAVE.sections]
    assert covered(LEAVE, text, "Whom do I call when I am sick?")[0] == 2
    assert covered(LEAVE, text, "days of annual leave")[0] == 0
    assert covered(LEAVE, text[: starts[1]], "call sick") == [0]
    assert covered(LEAVE, "What is left in March is gone.", "zzz") == [1]


def test_a_piece_that_was_laid_out_anew_is_known_again() -> None:
    assert covered(LEAVE, "…  Everybody\nhas 15   days. What is left in", "days") == [0]
    assert covered(LEAVE, "Somebody else's words", "days") == []
