"""Without a model Maru quotes its documents, and says so."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from bot.assistants import Assistant
from bot.events import Activity, Citation, Completed, Event, Restarted, Stopped, Text
from bot.messages import Attachment, Author, Message
from bot.offline import FIRST_LENGTH, OfflineEngine
from bot.ports import Collection, Remote, Request
from bot.turns import Draft, Turn
from tests.fakes.shelf import shelf

ASSISTANT = Assistant(name="maru", instructions="You are Maru.")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with two documents, one in each language."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "travel.md").write_text(
        "---\ntitle: Travel\nurl: https://example.com/travel\n---\n# Travel\n\n## Booking\n\n"
        "Trains are booked by Mina.\n\n```\nbook --now\n```\n",
        encoding="utf-8",
    )
    (folder / "출장.md").write_text("# 출장\n\n## 예약\n\n기차는 미나가 예약해요.\n", encoding="utf-8")
    return folder


@pytest.fixture
async def engine(root: Path, tmp_path: Path) -> AsyncIterator[OfflineEngine]:
    """The engine over that folder."""
    async with shelf(tmp_path, builtin=Collection("docs", sources=(str(root),))) as (store, library):
        yield OfflineEngine(library, store.searches)


def ask(text: str, *, first: bool = True, locale: str = "", files: int = 0) -> Request:
    author = Author("web:1", "Ann", locale)
    attachments = tuple(Attachment(f"{number}.png") for number in range(files))
    message = Message("web:general", ("1",), "1", author, text, 0.0, attachments)
    turn = Turn(7, "web:general", (message,), first=first)
    return Request(turn, ASSISTANT, collections=("docs",))


def clear(root: Path) -> None:
    for file in root.iterdir():
        file.unlink()


async def events(engine: OfflineEngine, request: Request) -> list[Event]:
    return [event async for event in engine.step(request)]


async def answer(engine: OfflineEngine, request: Request) -> Draft:
    draft = Draft()
    for event in await events(engine, request):
        draft = draft.apply(event)
    return draft


async def test_the_best_passage_is_quoted_with_its_source(engine: OfflineEngine) -> None:
    """As a block quote, code included, and with what connects a model."""
    draft = await answer(engine, ask("Who books trains?"))
    assert "No model is connected" in draft.text
    assert (
        "> **Travel › Booking**\n>\n> Trains are booked by Mina.\n>\n> ```\n> book --now\n> ```" in draft.text
    )
    assert "`OPENAI_API_KEY`" in draft.text
    assert draft.end == "done"
    (source,) = draft.sources
    assert (source.title, source.place, source.url) == ("Travel", "Booking", "https://example.com/travel")
    assert source.passage.startswith("Trains are booked")
    (mark,) = draft.marks
    assert draft.text[: mark.position].endswith("> **Travel › Booking**")


async def test_a_korean_question_gets_korean_passages_and_sentences(engine: OfflineEngine) -> None:
    """The language of the question decides, not the locale."""
    draft = await answer(engine, ask("기차는 누가 예약해?", locale="en-US"))
    assert "모델이 연결되지 않아" in draft.text
    assert "> 기차는 미나가 예약해요." in draft.text
    assert "Mina" not in draft.text


async def test_a_follow_up_is_shorter(engine: OfflineEngine) -> None:
    """Whoever was told how to connect a model is not told again."""
    first = await answer(engine, ask("Who books trains?"))
    second = await answer(engine, ask("Who books trains?", first=False))
    assert "OPENAI_API_KEY" not in second.text
    assert "without a model" in second.text
    assert "> Trains are booked by Mina." in second.text
    assert len(second.text) < len(first.text)


async def test_it_is_honest_when_nothing_fits(engine: OfflineEngine) -> None:
    """It quotes nothing, and says what the documents are about."""
    draft = await answer(engine, ask("What is the capital of France?"))
    assert "nothing in my documents fits" in draft.text
    assert "Travel" in draft.text
    assert "출장" not in draft.text
    assert ">" not in draft.text
    assert draft.sources == ()


async def test_it_says_whom_to_ask_when_nothing_fits(root: Path, tmp_path: Path) -> None:
    """If the collection names somebody, and in the language of the question."""
    builtin = Collection("docs", sources=(str(root),))
    async with shelf(tmp_path, builtin=builtin) as (store, library):
        await library.put(Collection("docs", owner="Mina"))
        engine = OfflineEngine(library, store.searches)
        assert "Who may know: Mina." in (await answer(engine, ask("What is the capital of France?"))).text
        assert "이분께 물어보세요: Mina" in (await answer(engine, ask("프랑스의 수도는 어디야?"))).text
        assert "Mina" not in (await answer(engine, ask("기차는 누가 예약해?"))).text.replace("미나", "")


async def test_whom_the_nearest_document_names_comes_first(root: Path, tmp_path: Path) -> None:
    """Of a document that has nothing to do with the question nobody is named."""
    (root / "leave.md").write_text("---\nowner: Jun\n---\n# Leave\n\nNobody works on a holiday in May.")
    builtin = Collection("docs", sources=(str(root),))
    async with shelf(tmp_path, builtin=builtin) as (store, library):
        await library.put(Collection("docs", owner="Mina"))
        engine = OfflineEngine(library, store.searches)
        asked = "Which nobleman paid for the cathedral that burnt down on a holiday, and with what money?"
        assert "Who may know: Jun, Mina." in (await answer(engine, ask(asked))).text
        assert "Who may know: Mina." in (await answer(engine, ask("What is the capital of France?"))).text


async def test_no_documents_at_all(engine: OfflineEngine, root: Path) -> None:
    """Then it cannot even name any."""
    clear(root)
    assert "no documents" in (await answer(engine, ask("Who books trains?"))).text


async def test_where_nothing_may_be_searched_it_says_so(engine: OfflineEngine) -> None:
    """It does not say that there are no documents: somebody else may read them."""
    assistant = ASSISTANT.model_copy(update={"knowledge": ("docs",)})
    limited = replace(ask("Who books trains?"), assistant=assistant, collections=())
    draft = await answer(engine, limited)
    assert "no documents may be searched in this conversation" in draft.text
    assert "Travel" not in draft.text


async def test_it_says_that_files_need_a_model(engine: OfflineEngine) -> None:
    """Also when nothing but a file was sent, and then in the language of the locale."""
    assert "look into files" in (await answer(engine, ask("Who books trains?", files=1))).text
    assert "파일의 내용은 볼 수 없어요" in (await answer(engine, ask("", files=1, locale="ko-KR"))).text


async def test_it_streams_word_by_word(engine: OfflineEngine) -> None:
    """First what it is doing, then text in words, last that it is complete."""
    told = await events(engine, ask("Who books trains?"))
    assert told[0] == Activity("searching")
    assert told[-1] == Completed()
    words = [event.delta for event in told if isinstance(event, Text)]
    assert all(len(word.split()) <= 1 for word in words)
    assert len(words) > 20
    assert sum(isinstance(event, Citation) for event in told) == 1


async def test_cancelling_ends_the_step_as_stopped(engine: OfflineEngine) -> None:
    """What was said stays, and the next step of the same turn is not affected."""
    request = ask("Who books trains?")
    told: list[Event] = []
    async for event in engine.step(request):
        told.append(event)
        if len(told) == 5:
            await engine.cancel(request.turn)
    assert told[-1] == Stopped()
    assert len(told) < 8
    assert (await events(engine, request))[-1] == Completed()


async def test_cancelling_what_does_not_run_does_nothing(engine: OfflineEngine) -> None:
    """A stop that comes too late stops no later step."""
    request = ask("Who books trains?")
    await engine.cancel(request.turn)
    assert (await events(engine, request))[-1] == Completed()


async def test_a_response_of_another_engine_is_answered_anew(engine: OfflineEngine) -> None:
    """The key was taken away between a crash and the restart."""
    told = [event async for event in engine.resume(ask("Who books trains?"))]
    assert told[0] == Restarted()
    assert told[-1] == Completed()


async def test_nothing_at_openai_is_said_to_be_deleted(engine: OfflineEngine) -> None:
    """Without a key it is still there."""
    assert await engine.forget([Remote("conversation", "conv_1", "web:general")]) == ()
    await engine.close()


@pytest.mark.parametrize("fence", ["", "```\n"])
async def test_a_long_passage_is_cut_well(engine: OfflineEngine, root: Path, fence: str) -> None:
    """What is quoted stays Markdown whose quote ends, also when the cut is inside of code."""
    lines = "\n".join(f"Wagons have numbers, this one is {number}." for number in range(60))
    (root / "long.md").write_text(f"# Wagons\n\n{fence}{lines}\n{fence}", encoding="utf-8")
    draft = await answer(engine, ask("Which numbers do wagons have?"))
    quote = re.search(r"(?:^>.*\n)+", draft.text, re.MULTILINE)
    assert quote is not None
    assert len(quote.group()) < FIRST_LENGTH * 1.4
    assert "> …\n" in quote.group()
    tokens = MarkdownIt().parse(draft.text)
    assert "OPENAI_API_KEY" in [token.content for token in tokens if token.type == "inline"][-1]


def test_it_needs_no_model_service() -> None:
    """Importing it imports neither openai nor a web framework."""
    code = "import sys, bot.offline; print([name for name in ('openai', 'aiohttp') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert done.stdout.strip() == "[]"
