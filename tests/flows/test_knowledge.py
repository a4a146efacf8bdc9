"""A connected model answers from the team's documents, and people see where that comes from."""

import json
from pathlib import Path

import pytest

from bot.events import Source
from bot.knowledge.marks import Shown
from bot.ports import Collection
from tests.fakes.openai import Answer, Asks, FakeOpenAI, arguments
from tests.fakes.openai import Calls as AsksFor
from tests.fakes.openai.server import KEY
from tests.fakes.processes import run_maru
from tests.fakes.reading import reading

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


async def test_the_model_is_told_whom_to_ask(tmp_path: Path) -> None:
    """Whether something was found or not: what is found may not answer."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law", "secret") as maru:
        await maru.collect(Collection("law", owner="Mina in #law"), a="The notice period is a month.")
        await maru.collect(Collection("secret", owner="Jun", readers=("square:jun",)), b="Nothing.")
        for query in ("notice period", "parental leave"):
            fake.script(AsksFor(Asks("search_knowledge", arguments(query=query))), Answer("Ask Mina."))
            await maru.ask(query)
            (*_, output) = [i for i in fake.requests[-1]["input"] if i["type"] == "function_call_output"]
            told = json.loads(output["output"])
            assert "offer whom to ask: Mina in #law." in told["if_unanswered"]


async def test_whom_the_nearest_document_names_comes_first(tmp_path: Path) -> None:
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        leave = "---\nowner: Jun\n---\nParents take leave."
        await maru.collect(Collection("law", owner="Mina"), a="The notice period is a month.", leave=leave)
        for query, owners in (("parental leave", "Jun; Mina."), ("notice period", "Mina.")):
            fake.script(AsksFor(Asks("search_knowledge", arguments(query=query))), Answer("Ask them."))
            await maru.ask(query)
            (*_, output) = [i for i in fake.requests[-1]["input"] if i["type"] == "function_call_output"]
            assert json.loads(output["output"])["if_unanswered"].endswith(f"whom to ask: {owners}")


async def test_where_nothing_may_be_searched_the_model_is_told_so(tmp_path: Path) -> None:
    """And the question is no less open for it."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "secret") as maru:
        await maru.collect(Collection("secret", owner="Jun", readers=("square:jun",)), a="Nothing.")
        fake.script(AsksFor(Asks("search_knowledge", arguments(query="leave"))), Answer("I may not look."))
        await maru.ask("How much leave do I get?")
        (output,) = [i for i in fake.requests[-1]["input"] if i["type"] == "function_call_output"]
        (gap,) = await maru.store.searches.gaps(0.0)
    assert json.loads(output["output"]).keys() == {"passages", "note"}
    assert "No documents may be searched in this conversation." in output["output"]
    assert (gap.question, gap.why, gap.collections) == ("How much leave do I get?", "nothing", ())


async def test_what_the_documents_do_not_answer_is_kept_as_a_gap(tmp_path: Path) -> None:
    """Also when something was found, and the answer names no source."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        await maru.collect(Collection("law"), a="The notice period is a month.")
        mark = Shown().mark("", Source("law:a.md#0", ""))
        for said in (f"A month {mark}.", "The documents do not say."):
            fake.script(AsksFor(Asks("search_knowledge", arguments(query="notice period"))), Answer(said))
        await maru.ask("What is the notice period?")
        await maru.ask("And for interns?")
        gaps = await maru.store.searches.gaps(0.0)
    assert [(gap.question, gap.why) for gap in gaps] == [("And for interns?", "unanswered")]


async def test_an_assistant_without_knowledge_searches_nothing(folder: Path) -> None:
    """The function is not even offered."""
    (folder / "assistants").mkdir()
    (folder / "assistants" / "maru.toml").write_text('instructions = "Be kind."\n')
    async with FakeOpenAI() as fake:
        fake.script(Answer("Hello."))
        await chat(folder, fake, "Hello?")
        assert "search_knowledge" not in [tool.get("name") for tool in fake.requests[-1]["tools"]]
