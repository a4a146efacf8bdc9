"""A collection follows its folder, whatever happens in it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.clock import SystemClock
from bot.files import Files
from bot.knowledge.folder import LARGEST, files
from bot.knowledge.library import Library
from bot.knowledge.ports import Document, Listing
from bot.knowledge.reports import Progress, Report
from bot.knowledge.schedule import Schedule
from bot.knowledge.sync import FRESH
from bot.ports import Collection, Problem
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store
from tests.fakes.clock import ManualClock
from tests.fakes.processes import until
from tests.fakes.shelf import shelf


class Docs:
    """A library whose built-in collection `docs` follows a folder."""

    def __init__(self, store: Store, library: Library) -> None:
        self.store = store
        self.library = library

    async def sync(self) -> Report:
        report = await self.library.sync("docs")
        assert report
        return report

    async def paths(self) -> list[str]:
        return [listing.path for listing in await self.library.documents(["docs"])]

    async def search(self, query: str) -> list[str]:
        return [passage.text for passage in await self.library.search(query, 5, ["docs"])]


OpenDocs = Callable[[], AbstractAsyncContextManager[Docs]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty folder."""
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder


@pytest.fixture
def clock() -> ManualClock:
    """Time stands still until a test moves it."""
    return ManualClock()


@pytest.fixture
def open_docs(tmp_path: Path, root: Path, clock: ManualClock) -> OpenDocs:
    """Opens the same library again and again, as restarts do."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Docs]:
        async with shelf(tmp_path, clock, Collection("docs", sources=(str(root),))) as (store, library):
            yield Docs(store, library)

    return opened


@pytest.fixture
async def docs(open_docs: OpenDocs) -> AsyncIterator[Docs]:
    """It, opened."""
    async with open_docs() as opened:
        yield opened


def write(root: Path, path: str, text: str | bytes) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


def move(root: Path, name: str) -> None:
    root.rename(root.parent / name)


def problems(report: Report) -> dict[str, str]:
    return {problem.path: problem.reason for problem in report.problems}


async def test_the_collection_becomes_equal_to_the_folder(docs: Docs, root: Path) -> None:
    """New, changed and missing files, in subfolders too."""
    write(root, "a.md", "The printer is on floor three.")
    write(root, "sub/b.txt", "Lunch is at noon.")
    assert (await docs.sync()).written == ("a.md", "sub/b.txt")
    write(root, "a.md", "The printer moved to floor four.")
    (root / "sub/b.txt").unlink()
    write(root, "c.md", "The cellar is dark.")
    report = await docs.sync()
    assert (report.written, report.removed, report.unchanged) == (("a.md", "c.md"), ("sub/b.txt",), 0)
    assert await docs.paths() == ["a.md", "c.md"]
    assert await docs.search("Which floor is the printer on?") == ["The printer moved to floor four."]


async def test_what_did_not_change_is_not_written_again(open_docs: OpenDocs, root: Path) -> None:
    """Not by the same sync, not after a restart, not when only the time of the file is new."""
    write(root, "a.md", "The printer is on floor three.")
    async with open_docs() as docs:
        await docs.sync()
        assert (await docs.sync()).written == ()
    async with open_docs() as restarted:
        assert await restarted.sync() == Report(unchanged=1)
        os.utime(root / "a.md", (1, 1))
        assert await restarted.sync() == Report(unchanged=1)


async def test_other_collections_are_left_alone(docs: Docs, root: Path) -> None:
    """A sync is about one collection."""
    other = root.parent / "other"
    write(other, "a.md", "The cellar is dark.")
    await docs.store.collections.put(Collection("other", sources=(str(other),)))
    await docs.library.sync("other")
    await docs.sync()
    assert len(await docs.library.documents(["other"])) == 1


async def test_each_file_that_cannot_be_used_is_named_with_the_reason(docs: Docs, root: Path) -> None:
    """And the rest is indexed all the same."""
    write(root, "good.md", "Lunch is at noon.")
    write(root, "binary.md", b"\x7fELF\0\0\0")
    write(root, "empty.md", "")
    write(root, "picture.png", b"\x89PNG")
    (root / "dangling.md").symlink_to(root / "nowhere.md")
    os.mkfifo(root / "pipe.md")
    with (root / "huge.md").open("wb") as huge:
        huge.truncate(LARGEST + 1)
    write(root, ".hidden.md", "Nobody sees this.")
    report = await docs.sync()
    assert report.written == ("good.md",)
    assert {path: reason.split(".")[0] for path, reason in problems(report).items()} == {
        "binary.md": "is not text, whatever its name says",
        "empty.md": "is empty",
        "picture.png": "is of a kind that cannot be read; these can: ",
        "dangling.md": "cannot be read (No such file or directory)",
        "pipe.md": "is not a file",
        "huge.md": "is too large: 2,000,001 bytes, at most 2,000,000",
    }
    assert len(await docs.paths()) == 1


async def test_links_in_a_circle_end(docs: Docs, root: Path) -> None:
    """Every folder is read once, also when it is linked to from within itself."""
    write(root, "sub/a.md", "Lunch is at noon.")
    (root / "sub/up").symlink_to(root)
    (root / "again").symlink_to(root / "sub")
    (root / "self").symlink_to(root / "self")
    report = await docs.sync()
    assert len(report.written) == 1
    assert set(problems(report)) - {"again", "sub"} == {"self", f"{Path(report.written[0]).parent}/up"}


async def test_a_linked_folder_elsewhere_is_read(docs: Docs, root: Path) -> None:
    """People link their wiki into the folder."""
    write(root.parent / "wiki", "a.md", "Lunch is at noon.")
    (root / "wiki").symlink_to(root.parent / "wiki")
    assert (await docs.sync()).written == ("wiki/a.md",)


async def test_a_file_that_turns_bad_leaves_the_index_and_comes_back(docs: Docs, root: Path) -> None:
    """It is reported each time, but read only when it changes."""
    write(root, "a.md", "Lunch is at noon.")
    await docs.sync()
    write(root, "a.md", b"\0\0\0\0")
    assert (await docs.sync()).removed == ("a.md",)
    report = await docs.sync()
    assert "a.md" in problems(report)
    assert report.removed == ()
    write(root, "a.md", "Lunch is at one.")
    assert await docs.sync() == Report(written=("a.md",))


async def test_a_missing_folder_removes_nothing(docs: Docs, root: Path) -> None:
    """A disk that is not mounted yet must not cost the index."""
    write(root, "a.md", "Lunch is at noon.")
    await docs.sync()
    move(root, "away")
    report = await docs.sync()
    assert list(problems(report).values()) == ["cannot be read (No such file or directory)."]
    assert len(await docs.paths()) == 1


async def test_names_in_every_script_and_none(docs: Docs, root: Path) -> None:
    """Also one that is not valid in any encoding."""
    write(root, "한국어 문서/휴가 규정.md", "연차휴가는 열다섯 날이에요.")
    write(root, os.fsdecode(b"caf\xe9.md"), "Lunch is at noon.")
    await docs.sync()
    assert await docs.paths() == ["caf�.md", "한국어 문서/휴가 규정.md"]
    assert (await docs.sync()).unchanged == 2


async def test_a_search_notices_an_edited_document(docs: Docs, root: Path, clock: ManualClock) -> None:
    """A moment later, not at once: looking at the folder for each question would cost too much."""
    write(root, "a.md", "Lunch is at noon.")
    assert await docs.search("lunch") == ["Lunch is at noon."]
    write(root, "a.md", "Lunch is at one o'clock.")
    assert await docs.search("lunch") == ["Lunch is at noon."]
    await clock.advance(FRESH)
    assert await docs.search("lunch") == ["Lunch is at one o'clock."]
    (root / "a.md").unlink()
    await clock.advance(FRESH)
    assert await docs.search("lunch") == []
    assert await docs.paths() == []


async def test_a_question_does_not_wait_for_many_new_documents(tmp_path: Path, root: Path) -> None:
    """It is answered from what is there; the rest is read meanwhile."""
    write(root, "a.md", "Lunch is at noon.")
    builtin = Collection("docs", sources=(str(root),))
    async with shelf(tmp_path, SystemClock(), builtin) as (store, _):
        reached, gate = asyncio.Event(), asyncio.Event()

        class Slow(SqliteIndex):
            async def replace(self, collection: str, document: Document) -> None:
                reached.set()
                await gate.wait()
                await super().replace(collection, document)

        files = Files(tmp_path / "files")
        indexes = {"local": Slow(store.database)}
        library = Library(indexes, store.collections, files, ManualClock(), builtin=builtin, patience=0.05)
        assert await library.search("lunch", 5, ["docs"]) == []
        assert reached.is_set()
        gate.set()
        await library.refresh()
        assert [found.text for found in await library.search("lunch", 5, ["docs"])] == ["Lunch is at noon."]
        await library.close()


async def test_problems_are_logged_once(docs: Docs, root: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not at every look."""
    write(root, "binary.md", b"\0")
    await docs.sync()
    await docs.sync()
    assert [record.message for record in caplog.records if "binary.md" in record.message] == [
        "docs: binary.md is not text, whatever its name says."
    ]


async def test_a_pdf_may_be_larger_than_text_but_not_huge(docs: Docs, root: Path) -> None:
    """Nothing of a file of 200 MB is read."""
    for name, size in (("huge.pdf", 200_000_000), ("broken.pdf", LARGEST + 1), ("long.txt", LARGEST + 1)):
        with (root / name).open("wb") as file:
            file.truncate(size)
    found = problems(await docs.sync())
    assert found["huge.pdf"] == "is too large: 200,000,000 bytes, at most 50,000,000. Split it."
    assert found["broken.pdf"].startswith("is broken")
    assert found["long.txt"].startswith("is too large")


async def test_a_file_may_change_while_the_sync_runs(docs: Docs, root: Path) -> None:
    """What it says when it is read counts; one that grew too large or went away is named."""
    for name in ("changed", "grown", "gone"):
        write(root, f"{name}.md", "Lunch is at noon.")

    def meddle(progress: Progress) -> None:
        if not progress.files_done:
            write(root, "changed.md", "Lunch is at one.")
            os.truncate(root / "grown.md", LARGEST + 1)
            (root / "gone.md").unlink()

    report = await docs.library.sync("docs", meddle)
    assert report
    assert report.written == ("changed.md",)
    assert problems(report) == {
        "grown.md": "is too large: more than 2,000,000 bytes. Split it.",
        "gone.md": "cannot be read (No such file or directory).",
    }
    assert await docs.search("lunch") == ["Lunch is at one."]
    write(root, "grown.md", "Lunch is late.")
    assert await docs.sync() == Report(written=("grown.md",), unchanged=1)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of an administrator, who may read everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_what_may_not_be_read_is_named() -> None:
    """A folder, and a file only once it is opened."""
    with TemporaryDirectory() as name:
        root = Path(name)
        write(root, "closed/a.md", "Lunch is at noon.")
        write(root, "b.md", "Lunch is at noon.")
        root.chmod(0o755)
        (root / "closed").chmod(0o000)
        with as_nobody():
            found, wrong = files(root)
        assert [file.path for file in found] == ["b.md"]
        assert wrong == [Problem("closed", "cannot be read (Permission denied).")]
        (root / "closed").chmod(0o700)


async def test_two_sources_with_the_same_path_are_named(docs: Docs, root: Path) -> None:
    """The first counts, and the remedy is told."""
    write(root, "a.md", "Lunch is at noon.")
    write(root.parent / "more", "a.md", "Lunch is at one.")
    await docs.store.collections.put(Collection("docs", sources=(str(root.parent / "more"),)))
    report = await docs.sync()
    assert problems(report) == {
        str(root.parent / "more" / "a.md"): f"has the path of {root / 'a.md'} too. "
        "Put it into a collection of its own."
    }
    assert await docs.search("lunch") == ["Lunch is at noon."]


async def test_a_new_address_is_taken_up_without_a_change_of_the_file(docs: Docs, root: Path) -> None:
    """What the document says of itself goes first, unless nobody could follow it."""
    write(root, "휴가 (2026).md", "Lunch is at noon.")
    write(root, "own.md", "---\nurl: https://example.com/own\n---\nLunch is at noon.")
    write(root, "odd.md", "---\nurl: javascript:alert(1)\n---\nLunch is at noon.")
    await docs.sync()
    row = Collection("docs", base_url="https://wiki.example.com/docs/")
    await docs.store.collections.put(row)
    assert (await docs.sync()).unchanged == 0
    passages = await docs.library.search("lunch", 5, ["docs"])
    assert {passage.path: passage.url for passage in passages} == {
        "휴가 (2026).md": "https://wiki.example.com/docs/%ED%9C%B4%EA%B0%80%20%282026%29.md",
        "own.md": "https://example.com/own",
        "odd.md": "https://wiki.example.com/docs/odd.md",
    }


async def test_a_file_that_can_be_read_again_comes_back(docs: Docs, root: Path) -> None:
    """Though nothing in it changed; what was wrong is kept for whoever looks."""
    write(root, "a.md", "Lunch is at noon.")
    (root / "b.md").symlink_to(root / "a.md")

    def hide(progress: Progress) -> None:
        if not progress.files_done:
            (root / "a.md").rename(root / "a.moved")

    report = await docs.library.sync("docs", hide)
    assert report
    assert set(problems(report)) >= {"a.md", "b.md"}
    assert {one.path for one in await docs.store.collections.problems("docs")} == set(problems(report))
    (root / "a.moved").rename(root / "a.md")
    assert (await docs.sync()).written == ("a.md", "b.md")


async def test_a_pattern_that_is_none_is_a_problem_and_no_more(docs: Docs, root: Path) -> None:
    """It may come from a newer Python, or from a hand in the database."""
    (root / "a.md").write_text("# A\n\nAlpha.\n")
    await docs.library.put(Collection("law", sources=(str(root), f"{root}/**b/*.md")))
    report = await docs.library.sync("law")
    assert report
    assert report.written == ("a.md",)
    assert [problem.path for problem in report.problems] == [f"{root}/**b/*.md"]
    assert "is no pattern" in report.problems[0].reason


class Cursed(SqliteIndex):
    """An index with a bug for one collection."""

    async def documents(self, collection: str) -> Sequence[Listing]:
        if collection == "cursed":
            raise RuntimeError("a bug")
        return await super().documents(collection)


async def test_a_bug_with_one_collection_keeps_no_other_from_being_synced(
    tmp_path: Path, root: Path, clock: ManualClock
) -> None:
    (root / "a.md").write_text("# A\n\nAlpha.\n")
    store = await Store.open(tmp_path / "maru.db", clock)
    library = Library({"local": Cursed(store.database)}, store.collections, Files(tmp_path / "files"), clock)
    for name in ("cursed", "fine"):
        await library.put(Collection(name, sources=(str(root),), every=5.0))
    syncing = asyncio.create_task(Schedule(library, clock).run())

    async def synced() -> bool:
        return syncing.done() or bool(await library.documents(["fine"]))

    await until(synced)
    assert not syncing.done()
    syncing.cancel()
    await asyncio.wait([syncing])
    await library.close()
    await store.close()
