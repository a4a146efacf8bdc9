"""A collection in OpenAI's vector stores: from the command line to an answer with its sources."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.openai import FakeOpenAI, Looks, Play, Says
from tests.fakes.openai.server import KEY
from tests.fakes.processes import run_maru

LEAVE = "---\nurl: https://wiki.example.com/leave\n---\n# Leave\n\n## Annual\n\n15 days for everybody.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where Maru starts, with two documents and an assistant that searches them."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "leave.md").write_text(LEAVE)
    (tmp_path / "docs" / "trains.md").write_text("# Trains\n\nTrains are booked by Mina.\n")
    (tmp_path / "assistants").mkdir()
    (tmp_path / "assistants" / "maru.toml").write_text('instructions = "Be kind."\nknowledge = ["docs"]\n')
    return tmp_path


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


async def maru(folder: Path, fake: FakeOpenAI, command: str, said: str = "", status: int = 0) -> str:
    settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": fake.url, "MARU_PACE": "off"}
    ended, told = await run_maru(folder, settings, command, said)
    assert ended == status, told
    return told


async def test_a_collection_at_openai_from_the_first_to_the_last_command(
    folder: Path, fake: FakeOpenAI
) -> None:
    """Uploaded once, searched there, and removed without leaving anything."""
    fake.vector_stores.breaks = {"broken": "invalid_file"}
    (folder / "docs" / "bad.md").write_text("broken")
    await maru(folder, fake, "knowledge add docs ./docs --backend openai")
    synced = await maru(folder, fake, "knowledge sync docs", status=1)
    assert "docs: 2 read, 0 removed, 0 unchanged, 1 could not be used" in synced
    assert "bad.md: cannot be indexed by OpenAI (invalid_file)." in synced
    assert fake.vector_stores.paths == {"docs": ["leave.md", "trains.md"]}
    (folder / "docs" / "bad.md").unlink()
    (folder / "docs" / "trains.md").write_text("# Trains\n\nTrains are booked by Jun.\n")
    assert "docs: 1 read, 0 removed, 1 unchanged" in await maru(folder, fake, "knowledge sync docs")
    found = await maru(folder, fake, "knowledge search trains --collection docs")
    assert "booked by Jun" in found
    assert "Mina" not in found
    await maru(folder, fake, "knowledge remove docs")
    assert not fake.vector_stores.all
    assert not fake.uploads.all


async def test_an_answer_from_it_shows_where_it_comes_from(folder: Path, fake: FakeOpenAI) -> None:
    """The service searches by itself, and people see title, heading and address."""
    await maru(folder, fake, "knowledge add docs ./docs --backend openai")
    await maru(folder, fake, "knowledge sync docs")
    (store,) = fake.vector_stores.all.values()
    leave = next(file.id for file in store.files.values() if file.attributes["path"] == "leave.md")
    text = "You have 15 days."
    cited = {"type": "file_citation", "file_id": leave, "filename": "leave.md", "index": len(text)}
    fake.script(Play((Looks("days of leave"), Says(text, annotations=(cited,)))))
    said = await maru(folder, fake, "chat", "How many days of leave?\n")
    assert "You have 15 days.[1]" in said
    assert said.count("https://wiki.example.com/leave") == 1
    assert "Annual" in said


async def test_without_a_key_it_is_told_what_is_missing(folder: Path, fake: FakeOpenAI) -> None:
    await maru(folder, fake, "knowledge add docs ./docs --backend openai")
    ended, told = await run_maru(folder, {}, "knowledge sync docs")
    assert ended
    assert "docs is kept by openai, which is not set up here. Set OPENAI_API_KEY or OPENAI_BASE_URL." in told


async def test_the_model_knows_whom_to_send_people_to(folder: Path, fake: FakeOpenAI) -> None:
    """Also when the service searches by itself and no function of ours says so."""
    await maru(folder, fake, "knowledge add docs ./docs --backend openai --owner Mina")
    (folder / "docs" / "trains.md").unlink()
    await maru(folder, fake, "knowledge sync docs")
    await maru(folder, fake, "chat", "Who books trains?\n")
    (asked,) = fake.requests
    assert "search_knowledge" not in str(asked["tools"])
    assert "whom to ask: the owner that the nearest document names, or Mina." in asked["instructions"]
