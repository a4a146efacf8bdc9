"""A connected model answers from the team's documents, and people see where that comes from."""

import json
from pathlib import Path

import pytest

from bot.events import Source
from bot.knowledge.marks import Shown
from tests.fakes.openai import Answer, Asks, FakeOpenAI, arguments
from tests.fakes.openai import Calls as AsksFor
from tests.fakes.openai.server import KEY
from tests.fakes.processes import run_maru

LEAVE = "---\nurl: https://wiki.example.com/leave\n---\n# 휴가\n\n## 연차\n\n연차휴가는 15일이에요.\n"
MARK = Shown().mark("", Source("handbook:leave.md#0", ""))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where Maru starts, with one document."""
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "leave.md").write_text(LEAVE, encoding="utf-8")
    return tmp_path


async def chat(folder: Path, fake: FakeOpenAI, question: str) -> str:
    settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": fake.url, "MARU_PACE": "off"}
    status, said = await run_maru(folder, settings, "chat", question + "\n")
    assert status == 0, said
    return said


@pytest.mark.parametrize("hosted", [True, False])
async def test_a_statement_carries_its_source(folder: Path, hosted: bool) -> None:
    """Also with a compatible server; the model's own mark is not seen."""
    async with FakeOpenAI(hosted=hosted) as fake:
        fake.script(
            AsksFor(Asks("search_knowledge", arguments(query="연차는 며칠?"))),
            Answer(f"15일이에요 {MARK}. 쓰기 전에 알려 주세요{MARK}."),
        )
        said = await chat(folder, fake, "연차는 며칠이야?")
        (output,) = [item for item in fake.requests[-1]["input"] if item["type"] == "function_call_output"]
    (passage,) = json.loads(output["output"])["passages"]
    assert passage == {
        "mark": MARK,
        "document": "handbook:leave.md#0",
        "title": "휴가",
        "place": "연차",
        "url": "https://wiki.example.com/leave",
        "text": "연차휴가는 15일이에요.",
    }
    assert "15일이에요[1]. 쓰기 전에 알려 주세요[1]." in said
    assert said.count("https://wiki.example.com/leave") == 1
    assert "【" not in said


async def test_when_nothing_is_found_the_model_is_told_to_say_so(folder: Path) -> None:
    """And no source is shown."""
    async with FakeOpenAI() as fake:
        fake.script(
            AsksFor(Asks("search_knowledge", arguments(query="printer"))),
            Answer("The documents do not say."),
        )
        said = await chat(folder, fake, "Where is the printer?")
        (output,) = [item for item in fake.requests[-1]["input"] if item["type"] == "function_call_output"]
    told = json.loads(output["output"])
    assert told["passages"] == []
    assert "say that the documents do not answer it" in told["note"]
    assert "[1]" not in said


async def test_an_assistant_without_knowledge_searches_nothing(folder: Path) -> None:
    """The function is not even offered."""
    (folder / "assistants").mkdir()
    (folder / "assistants" / "maru.toml").write_text('instructions = "Be kind."\n')
    async with FakeOpenAI() as fake:
        fake.script(Answer("Hello."))
        await chat(folder, fake, "Hello?")
        assert "search_knowledge" not in [tool.get("name") for tool in fake.requests[-1]["tools"]]
