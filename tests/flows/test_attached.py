"""Files that are too long to be sent are searched, in their own conversation alone."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.assistants import Assistant
from bot.clock import Clock
from bot.events import Call, Calls, Completed, Source, Started, Text
from bot.files import Files
from bot.functions import SEARCH
from bot.knowledge.attached import own_collection
from bot.knowledge.ports import Document, Section
from bot.messages import Attachment, Delete, Message
from bot.ports import Engine, Request
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store
from tests.fakes.engine import Script, ScriptedEngine
from tests.fakes.house import House
from tests.fakes.openai import Answer, Asks, FakeOpenAI, arguments
from tests.fakes.openai import Calls as AsksFor
from tests.fakes.openai.talk import engine_for
from tests.fakes.papers import FACT, FACT_PAGE, long_pdf, long_text, pdf, table
from tests.fakes.processes import start_maru, until
from tests.fakes.visitor import Visitor
from tests.flows.conftest import Life, World

QUERY = "How large is the penguin budget?"


# -- with a model, as people see it ----------------------------------------------------------------


@pytest.fixture(params=[True, False], ids=["hosted", "compatible"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI(hosted=request.param) as fake:
        yield fake


@pytest.fixture
def house(tmp_path: Path, fake: FakeOpenAI) -> House:
    house = House(tmp_path)

    def engine(store: Store, files: Files, clock: Clock) -> Engine:
        return engine_for(fake, store, tmp_path, clock, files=files, shown=house.marks)

    house.thinks = engine
    return house


def search(fake: FakeOpenAI) -> dict[str, Any] | None:
    """The search that the model was offered in its last call."""
    tools = fake.requests[-1].get("tools") or []
    return next((tool for tool in tools if tool.get("name") == SEARCH), None)


def found(fake: FakeOpenAI) -> list[dict[str, str]]:
    """What the search told the model last."""
    outputs = [item for item in fake.requests[-1]["input"] if item["type"] == "function_call_output"]
    return json.loads(outputs[-1]["output"])["passages"]  # type: ignore[no-any-return]  # JSON


async def test_a_long_pdf_is_searched_and_cited_with_its_page(house: House, fake: FakeOpenAI) -> None:
    """The model never gets the file itself, also not with later questions; Maru may be started anew."""
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        _, kept = await ann.upload("minutes.pdf", long_pdf())
        files = ({"digest": kept["digest"], "name": "minutes.pdf"},)
        mark = house.marks.mark("web:c1", source(kept["digest"], "minutes.pdf", FACT_PAGE))
        fake.script(AsksFor(Asks(SEARCH, arguments(query=QUERY))), Answer(f"It is 4711 euros {mark}."))
        await ann.send("c1", QUERY, files=files)
        await screen.until_answered()
        offered = search(fake)
        assert offered is not None
        assert '"minutes.pdf"' in offered["description"]
        assert found(fake)[0]["text"] == FACT
        assert "too long to be shown" in str(fake.requests[0]["input"])
        (told,) = screen.turns[1]["answer"]["sources"]
        assert (told["title"], told["place"]) == ("minutes.pdf", f"p. {FACT_PAGE}")
        assert "【" not in screen.answers[0]
    async with house.open() as home, Visitor(home.url, again=ann) as ann, ann.watch("c1") as screen:
        fake.script(AsksFor(Asks(SEARCH, arguments(query=QUERY))), Answer(f"As I said, 4711 {mark}."))
        await ann.send("c1", "How much was that?", key="later")
        await screen.until_answered(2)
        assert found(fake)[0]["text"] == FACT
        assert screen.turns[2]["answer"]["sources"][0]["title"] == "minutes.pdf"
    assert "input_file" not in str(fake.requests)
    assert not fake.uploads.all


async def test_what_is_short_is_sent_whole_and_not_searched(house: House, fake: FakeOpenAI) -> None:
    fake.script(Answer("Read."))
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        _, kept = await ann.upload("note.pdf", pdf(FACT))
        await ann.send("c1", "Read", files=({"digest": kept["digest"], "name": "note.pdf"},))
        await screen.until_answered()
    assert "input_file" in str(fake.requests[0]["input"])
    assert search(fake) is None


async def test_another_conversation_finds_nothing(house: House, fake: FakeOpenAI) -> None:
    """It is not offered there, and a model that searches all the same is told that it cannot."""
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        _, kept = await ann.upload("minutes.txt", long_text())
        await ann.send("c1", "Keep", files=({"digest": kept["digest"], "name": "minutes.txt"},))
        await screen.until_answered()
        fake.script(AsksFor(Asks(SEARCH, arguments(query=QUERY))), Answer("I do not know."))
        async with ann.watch("c2") as elsewhere:
            await ann.send("c2", QUERY)
            await elsewhere.until_answered()
    assert search(fake) is None
    assert "There is no function" in str(fake.requests[-1]["input"])
    assert "4711" not in str(fake.requests[-1])


async def test_a_locked_file_is_named_with_what_to_do(house: House, fake: FakeOpenAI) -> None:
    fake.script(Answer("Fine."))
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        _, kept = await ann.upload("secret.pdf", pdf(FACT, password="x"))
        await ann.send("c1", "Read", files=({"digest": kept["digest"], "name": "secret.pdf"},))
        await screen.until_answered()
        assert "protected by a password" in str(screen.turns[1]["answer"])
    assert "input_file" not in str(fake.requests)


def source(digest: str, name: str, page: int) -> Source:
    return Source(f"{own_collection('web:c1')}:{digest[:12]}/{name}#{page - 1}", name)


# -- how long they can be found ----------------------------------------------------------------------


def searching(request: Request) -> Script:
    """A model that searches before it answers, and says what it was told."""
    turn = request.turn
    if turn.checkpoint.outcomes:
        told = turn.checkpoint.outcomes[0].output
        return [Text(f"{turn.messages[0].text}: {'found' if FACT in told else 'nothing'}"), Completed()]
    call = Call("call_1", SEARCH, json.dumps({"query": QUERY}))
    return [Started("resp"), Calls((call,))]


@pytest.fixture
def searcher(world: World) -> World:
    world.engine = ScriptedEngine(default=searching)
    world.square.uploads["minutes"] = long_text()
    return world


def attached(world: World, text: str = "one", conversation: str = "square:main") -> Message:
    file = Attachment("minutes.txt", source="minutes")
    return world.square.message(text, conversation, attachments=(file,))


async def ask(world: World, maru: Life, text: str, conversation: str = "square:main") -> str:
    """What became of a search: "found" or "nothing"."""
    await maru.receive(world.square.message(text, conversation))
    await world.square.until_posted(f"{text}: ", conversation)
    await maru.dispatcher.idle()
    return world.square.texts(conversation)[-1].removeprefix(f"{text}: ")


async def kept(maru: Life, conversation: str = "square:main") -> int:
    """How many documents of a conversation are searched."""
    index = SqliteIndex(maru.store.database)
    return len(await index.documents(own_collection(conversation)))


async def gone(maru: Life) -> bool:
    return not await kept(maru)


async def begin(world: World, maru: Life) -> Message:
    message = attached(world)
    await maru.receive(message)
    await world.square.until_posted("one: found")
    await maru.dispatcher.idle()
    return message


async def whispered(world: World, maru: Life, text: str) -> None:
    before = len(world.square.whispers)
    await maru.receive(world.square.message(text))
    await world.square.until(lambda: len(world.square.whispers) > before)


async def test_later_turns_find_it_and_other_conversations_do_not(searcher: World) -> None:
    async with searcher.life() as maru:
        await begin(searcher, maru)
        assert await ask(searcher, maru, "two") == "found"
        assert await ask(searcher, maru, "else", "square:other") == "nothing"


async def test_a_deleted_message_takes_its_file_along(searcher: World) -> None:
    """At once, not only when somebody asks again."""
    async with searcher.life() as maru:
        message = await begin(searcher, maru)
        await maru.receive(Delete("square:main", message.keys))
        await until(lambda: gone(maru))
        assert await ask(searcher, maru, "two") == "nothing"


@pytest.mark.parametrize("command", ["reset", "forget"])
async def test_reset_and_forget_let_go_of_it(searcher: World, command: str) -> None:
    async with searcher.life() as maru:
        await begin(searcher, maru)
        await whispered(searcher, maru, command)
        assert await kept(maru) == 0
        assert await ask(searcher, maru, "two") == "nothing"
        await maru.receive(attached(searcher, "three"))
        await searcher.square.until_posted("three: found")


async def test_another_assistant_finds_it_only_when_it_is_sent_again(searcher: World) -> None:
    """As it remembers nothing else of what was said to the first."""
    searcher.assistants = (Assistant(name="cook", instructions="Cook."),)
    async with searcher.life() as maru:
        await begin(searcher, maru)
        await whispered(searcher, maru, "assistant cook")
        assert await ask(searcher, maru, "two") == "nothing"


async def test_the_answer_to_a_file_can_be_asked_for_again(searcher: World) -> None:
    async with searcher.life() as maru:
        await begin(searcher, maru)
        await maru.receive(searcher.square.message("again"))
        await searcher.square.until(lambda: searcher.square.texts().count("one: found") == 2)


async def test_what_a_kill_left_behind_is_swept(searcher: World) -> None:
    """A conversation that is not there any more keeps nothing; one that is there keeps its own."""
    async with searcher.life() as maru:
        await begin(searcher, maru)
        index = SqliteIndex(maru.store.database)
        for name in (own_collection("square:gone"), "handbook"):
            await index.replace(name, Document("a.txt", "1", "a", "en", (Section("", FACT),)))
        await maru.core.documents.sweep()
        assert list(await index.collections()) == [own_collection("square:main"), "handbook"]


async def test_what_the_index_lost_is_read_again(searcher: World) -> None:
    """From the bytes that are kept."""
    async with searcher.life() as maru:
        await begin(searcher, maru)
        index = SqliteIndex(maru.store.database)
        (listing,) = await index.documents(own_collection("square:main"))
        await index.remove(own_collection("square:main"), listing.path)
        assert await ask(searcher, maru, "two") == "found"


async def test_two_files_of_one_name_are_two(searcher: World) -> None:
    async with searcher.life() as maru:
        await begin(searcher, maru)
        searcher.square.uploads["minutes"] = long_text() + b"\n\nmore"
        await maru.receive(attached(searcher, "two"))
        await searcher.square.until_posted("two: found")
        assert await kept(maru) == 2


async def test_a_file_with_more_text_than_a_shelf_of_books_is_refused(searcher: World) -> None:
    searcher.assistants = ()
    searcher.tools = ()
    searcher.square.uploads["minutes"] = long_text() * 60
    async with searcher.life() as maru:
        await maru.receive(attached(searcher))
        await searcher.square.until_posted("more text than I can search")
        assert await kept(maru) == 0


async def test_tables_are_searched_where_there_is_no_python(searcher: World) -> None:
    """With Python they are left to it; without, a table of any length can be searched."""
    searcher.square.uploads["minutes"] = table()
    async with searcher.life() as maru:
        await maru.receive(attached(searcher, "one"))
        await searcher.square.until_posted("one: nothing")
    searcher.tools = ()
    async with searcher.life() as maru:
        await maru.receive(attached(searcher, "two"))
        await searcher.square.until_posted("two: found")


# -- without a model ---------------------------------------------------------------------------------


async def test_without_a_model_files_are_quoted_too(tmp_path: Path) -> None:
    """Those with text, however short, with their page; in their own conversation alone."""
    (tmp_path / "knowledge").mkdir()
    program, url = await start_maru(tmp_path, {})
    try:
        async with Visitor(url) as ann, ann.watch("c1") as screen, ann.watch("c2") as elsewhere:
            _, kept = await ann.upload("plan.pdf", pdf("Nothing here.", FACT))
            await ann.send("c1", "", files=({"digest": kept["digest"], "name": "plan.pdf"},))
            await screen.until_answered()
            assert "I can search these files now: plan.pdf" in screen.answers[0]
            await ann.send("c1", QUERY)
            await screen.until_answered(2)
            assert FACT in screen.answers[1]
            (told,) = screen.turns[2]["answer"]["sources"]
            assert (told["title"], told["place"]) == ("plan.pdf", "p. 2")
            await ann.send("c1", "What is the capital of France?")
            await screen.until_answered(3)
            assert "I searched these files of our conversation too: plan.pdf" in screen.answers[2]
            await ann.send("c2", QUERY)
            await elsewhere.until_answered()
            assert "4711" not in elsewhere.answers[0]
    finally:
        await program.end(signal.SIGTERM)
