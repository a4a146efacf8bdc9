"""An operator keeps the team's documents from the command line, beside a Maru that runs."""

import asyncio
import os
import signal
import sys
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from bot.cli import WRONG, program
from bot.environment import read
from bot.errors import MaruError
from bot.ports import Collection
from tests.fakes.processes import ROOT, run_maru, start_maru, until
from tests.fakes.shelf import shelf

PLACES = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where Maru starts, with a folder of documents."""
    docs = tmp_path / "docs"
    (docs / "sub").mkdir(parents=True)
    (docs / "trains.md").write_text("# Trains\n\n## Booking\n\nTrains are booked by Mina.\n")
    (docs / "sub" / "lunch.txt").write_text("Lunch is at noon.\n")
    (docs / "picture.md").write_bytes(b"\x89PNG\0\0")
    return tmp_path


async def maru(folder: Path, command: str, status: int = 0) -> str:
    """What a `maru knowledge` command says, without a process of its own."""
    options = program().parse_args(["knowledge", *command.split()])
    with chdir(folder), redirect_stdout(StringIO()) as said:
        try:
            ended = await options.action_of(read({}), options)
        except MaruError as error:
            print(error, file=said)
            ended = WRONG
    assert ended == status, said.getvalue()
    return said.getvalue()


async def test_a_collection_from_the_first_to_the_last_command(folder: Path) -> None:
    """Made, synced, looked at, searched, and removed without leaving anything to find."""

    async def maru(folder: Path, command: str, status: int = 0) -> str:
        ended, said = await run_maru(folder, {}, f"knowledge {command}")
        assert ended == status, said
        return said

    await maru(folder, "add Policies ./docs --base-url https://wiki.example.com/docs/ --owner Mina")
    synced = await maru(folder, "sync policies", status=1)
    assert "policies: 3 of 3 files, 73 B of 73 B" in synced
    assert "policies: 2 read, 0 removed, 0 unchanged, 1 could not be used" in synced
    assert synced.count("picture.md: is not text, whatever its name says.") == 1
    assert "policies\t2\t1\tlocal\t2" in await maru(folder, "list")
    shown = await maru(folder, "show policies")
    assert f"sources: {folder / 'docs'}" in shown
    assert "owner: Mina" in shown
    assert "  sub/lunch.txt\tlunch" in shown
    assert "  picture.md: is not text" in shown
    found = await maru(folder, "search trains --collection policies")
    assert "1. Trains › Booking" in found
    assert "policies/trains.md https://wiki.example.com/docs/trains.md" in found
    assert "Nothing was found." in await maru(folder, "search trains --collection handbook")
    await maru(folder, "remove policies")
    assert "policies" not in await maru(folder, "list")
    assert "Trains" not in await maru(folder, "search trains")


async def test_single_files_and_patterns_are_sources_too(folder: Path) -> None:
    """Documents are named from below the folder, or from below the fixed part of the pattern."""
    await maru(folder, "add files docs/trains.md")
    assert "files: 1 read" in await maru(folder, "sync files")
    await maru(folder, "add patterns docs/**/*.txt")
    assert "patterns: 1 read" in await maru(folder, "sync patterns")
    assert "  sub/lunch.txt" in await maru(folder, "show patterns")
    (folder / "docs" / "trains.md").unlink()
    assert "files: 0 read, 1 removed" in await maru(folder, "sync files", status=1)


async def test_a_change_keeps_what_it_does_not_name(folder: Path) -> None:
    """Limits are lifted by an empty value."""
    await maru(folder, "add law docs --owner Mina --channel slack:T1/C1,slack:T1/C2 --reader slack:T1/U1")
    await maru(folder, "add law --every 30")
    shown = await maru(folder, "show law")
    assert "channels: slack:T1/C1, slack:T1/C2" in shown
    assert "readers: slack:T1/U1" in shown
    assert "sync: every 30 minutes" in shown
    assert "owner: Mina" in shown
    await maru(folder, "add law --channel= --reader=")
    shown = await maru(folder, "show law")
    assert "channels: everywhere" in shown
    assert "readers: everybody" in shown


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("add law nowhere", "There is no file or folder"),
        ("add law nowhere/*.md", "There is no file or folder"),
        ("add ../law docs", "A collection cannot be called '../law'."),
        ("add law docs --backend cloud", "law is kept by cloud, which is not set up here. There is: local."),
        ("add law docs --base-url wiki", "--base-url begins with http:// or https://."),
        ("add law docs --every -1", "--every is a number of minutes"),
        ("add law docs --every nan", "--every is a number of minutes"),
        (
            "add law docs --channel general",
            "--channel general: give an id with its platform, such as slack:T1/C1.",
        ),
        ("add law docs --reader slack:T1/U1,Mina", "--reader Mina: give an id with its platform"),
        ("sync law", "There is no collection law. There are: handbook."),
        ("show law", "There is no collection law."),
        ("remove law", "There is no collection law."),
        ("search x --collection law", "There is no collection law."),
        ("remove handbook x.md", "handbook has no source or added document x.md."),
        ("gaps --since yesterday", "--since yesterday: give 12h, 7d, 4w, or a date"),
    ],
)
async def test_a_mistake_is_explained(folder: Path, command: str, said: str) -> None:
    """With the remedy."""
    assert said in await maru(folder, command, status=2)


async def test_a_mistake_changes_nothing(folder: Path) -> None:
    """Not even for the part that was right."""
    await maru(folder, "add law docs nowhere", status=2)
    assert "law" not in await maru(folder, "list")


async def test_an_empty_path_is_not_the_folder_where_one_stands(folder: Path) -> None:
    """A variable of the shell that is not set must not add everything there is."""
    status, said = await run_maru(folder, {}, ["knowledge", "add", "law", ""])
    assert (status, said) == (WRONG, "A path is empty. Name a folder, a file, or a pattern in quotes.\n")


async def test_the_built_in_collection_takes_more_documents(folder: Path) -> None:
    """Removing it gives the folder back as it was."""
    (folder / "knowledge").mkdir()
    (folder / "knowledge" / "ship.md").write_text("# Ships\n\nShips are booked by Jun.\n")
    await maru(folder, "add handbook docs")
    await maru(folder, "sync handbook", status=1)
    assert "Mina" in await maru(folder, "search trains")
    assert "Jun" in await maru(folder, "search ships")
    await maru(folder, "remove handbook docs")
    assert "Mina" not in await maru(folder, "search trains")
    await maru(folder, "add handbook docs")
    assert "removed. Its folder knowledge stays in it." in await maru(folder, "remove handbook")
    assert "sync: by itself" in await maru(folder, "show handbook")
    assert "Mina" not in await maru(folder, "search trains")
    assert "Jun" in await maru(folder, "search ships")


async def sync_process(folder: Path, name: str) -> asyncio.subprocess.Process:
    """A sync that runs."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "knowledge", "sync", name),
        cwd=folder,
        env=PLACES,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def half_way(folder: Path, documents: int = 2) -> asyncio.subprocess.Process:
    """A sync that has read more than so many documents, and not all."""
    process = await sync_process(folder, "many")
    async with shelf(folder) as (_, library):

        async def begun() -> bool:
            return len(await library.documents(["many"])) > documents

        await until(begun)
    return process


@pytest.fixture
async def many(folder: Path) -> Path:
    """A collection of many documents, not synced yet."""
    (folder / "many").mkdir()
    for number in range(400):
        text = "".join(f"## Part {part}\n\nWords of page {number}.\n\n" for part in range(20))
        (folder / "many" / f"{number:03d}.md").write_text(text)
    await maru(folder, "add many many")
    return folder


async def test_a_stopped_sync_goes_on_where_it_was(many: Path) -> None:
    """Ctrl-C says so, and what was read is not read again."""
    process = await half_way(many)
    process.send_signal(signal.SIGINT)
    said, _ = await process.communicate()
    assert process.returncode == 130
    assert b"Stopped. What is done is kept" in said
    done = int((await maru(many, "show many")).split(" documents")[0].split("\n")[-1])
    assert 0 < done < 400
    assert f"many: {400 - done} read, 0 removed, {done} unchanged" in await maru(many, "sync many")


async def test_a_killed_sync_leaves_nothing_wrong(many: Path) -> None:
    """However it ends, the next one makes both sides equal, and is not locked out."""
    for documents in (0, 90, 200):
        process = await half_way(many, documents)
        process.kill()
        await process.communicate()
    (many / "many" / "000.md").unlink()
    await maru(many, "sync many")
    assert "many: 0 read, 0 removed, 399 unchanged" in await maru(many, "sync many")
    assert "399 documents" in await maru(many, "show many")


async def test_a_second_sync_of_the_same_collection_waits_for_the_first(folder: Path) -> None:
    """Two would do everything twice, and removing meanwhile would leave documents behind."""
    await maru(folder, "add docs docs")
    async with shelf(folder) as (store, _):
        async with store.collections.alone("docs") as alone:
            assert alone
            assert "docs is being synced." in await maru(folder, "remove docs", status=2)
            await maru(folder, "sync handbook")
            second = await sync_process(folder, "docs")
            assert second.stdout
            assert b"docs: another Maru is syncing it; waiting" in await second.stdout.readline()
        said, _ = await second.communicate()
    assert b"docs: 2 read" in said


async def test_watch_follows_a_folder_until_it_is_stopped(folder: Path) -> None:
    """What changes is searched a moment later."""
    await maru(folder, "add docs docs")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "knowledge", "watch", "docs"),
        cwd=folder,
        env=PLACES,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    while b"Watching docs" not in (line := await process.stdout.readline()):
        assert line
    (folder / "docs" / "ships.md").write_text("Ships are booked by Jun.")
    assert b"docs: 1 read, 0 removed" in await process.stdout.readline()
    assert "Jun" in await maru(folder, "search ships --collection docs")
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 130


async def test_a_running_maru_answers_from_what_another_process_read(folder: Path) -> None:
    """And no longer once it is removed."""
    program, _ = await start_maru(folder, {})
    try:
        await maru(folder, "add handbook docs/trains.md")
        await maru(folder, "sync handbook")
        _, said = await run_maru(folder, {}, "chat", "Who books trains?\n")
        assert "Trains are booked by Mina." in said
        await maru(folder, "remove handbook docs/trains.md")
        _, said = await run_maru(folder, {}, "chat", "And who books trains now?\n")
        assert "Mina" not in said
    finally:
        await program.end(signal.SIGTERM)


async def test_a_running_maru_syncs_what_is_due(folder: Path) -> None:
    """Also a collection that was made while it runs."""
    program, _ = await start_maru(folder, {})
    try:
        await maru(folder, "add docs docs --every 60")

        async def synced() -> bool:
            return "docs\t2\t1" in await maru(folder, "list")

        async with asyncio.timeout(40):
            await until(synced)
    finally:
        await program.end(signal.SIGTERM)


async def test_names_and_texts_move_no_cursor(folder: Path) -> None:
    """Whoever named or wrote a document has no say in what the terminal does."""
    (folder / "docs" / "a\x1b[2J\n.md").write_text("# T\x1b[2J\n\nPenguins\x1b[2J\tswim.")
    (folder / "docs" / "\u202egnp\x07.png").touch()
    await maru(folder, "add zoo docs")
    said = await maru(folder, "sync zoo", status=1)
    said += await maru(folder, "show zoo") + await maru(folder, "search penguins --collection zoo")
    assert "a�[2J�.md" in said
    assert "| Penguins�[2J    swim." in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


async def test_gaps_lists_open_questions_but_not_private_words(folder: Path) -> None:
    """The terminal is private: its words are shown to an operator who asks for them, and are forgotten."""
    await run_maru(folder, {}, "chat", "Which penguins do we have?\n")
    listed = await maru(folder, "gaps --since 1h")
    assert "penguins" not in listed
    assert "1 more were asked in private; --private shows their words." in listed
    listed = await maru(folder, "gaps --private")
    assert "nothing was found\thandbook\n  Which penguins do we have?" in listed
    await run_maru(folder, {}, "chat", "/forget\n")
    assert "0 questions since" in await maru(folder, "gaps --private")


@pytest.mark.parametrize("path", ["x" * 300, "x" * 300 + "/*.md"], ids=["file", "pattern"])
async def test_a_path_that_no_disk_has_is_missing(folder: Path, path: str) -> None:
    """Also one that cannot even be asked for; one that was there once harms no other."""
    assert "There is no file or folder" in await maru(folder, f"add law docs {path}", status=WRONG)
    async with shelf(folder) as (_, library):
        await library.put(Collection("law", sources=(str(folder / "docs"), str(folder / path))))
        report = await library.sync("law")
    assert report
    assert len(report.written) == 2
