"""The service's own search: over the collections it keeps, with sources as exact as those of ours."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.assistants import Assistant
from bot.events import Citation, Completed, Usage
from bot.functions import SEARCH
from bot.knowledge.lookup import DECLARATION
from bot.knowledge.ports import Document, Section, Upload
from bot.openai.finds import MOST_LEFT_OUT
from bot.openai.reconciling import SETTLED
from bot.openai.sse import Json
from bot.openai.vector_stores import VectorStoreIndex
from tests.fakes.openai import Answer, FakeOpenAI, Looks, Play, Says
from tests.fakes.openai.shelf import index_of
from tests.fakes.openai.talk import Talk, Told, talking

LEAVE = Document(
    "leave.pdf",
    "1",
    "Leave",
    "en",
    (
        Section("p. 1", "Everybody has 15 days of leave."),
        Section("p. 2", "What is left in March is gone."),
        Section("p. 3", "Call Mina when you are sick."),
    ),
    url="https://wiki.example.com/leave",
)
TRAINS = Document("trains.md", "1", "Trains", "en", (Section("", "Trains are booked by Jun."),))


@pytest.fixture(params=[True, False], ids=["hosted", "local"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeOpenAI]:
    """The second has no conversations, but vector stores, as some compatible servers do."""
    async with FakeOpenAI(hosted=request.param) as fake:
        fake.model.lacks -= {"file_search"}
        yield fake


@pytest.fixture
async def talk(fake: FakeOpenAI, tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path, fake) as talk:
        talk.assistant = Assistant(name="maru", instructions="Be kind.", knowledge=("docs",), tools=())
        talk.declarations, talk.collections = (DECLARATION,), ("docs",)
        yield talk


@pytest.fixture
async def index(fake: FakeOpenAI, talk: Talk) -> AsyncIterator[VectorStoreIndex]:
    """The collection, with two documents."""
    index = index_of(fake, talk.store, talk.clock)
    await index.replace("docs", LEAVE)
    await index.replace("docs", TRAINS)
    yield index
    await index.close()


def file_of(fake: FakeOpenAI, path: str) -> str:
    (store,) = fake.vector_stores.all.values()
    return next(file.id for file in store.files.values() if file.attributes["path"] == path)


def cites(text: str, *files: tuple[str, str]) -> Says:
    """A text in which files are cited after some of its words."""
    annotations: list[Json] = [
        {
            "type": "file_citation",
            "file_id": file,
            "filename": "x.md",
            "index": text.index(after) + len(after),
        }
        for file, after in files
    ]
    return Says(text, annotations=tuple(annotations))


def tools(fake: FakeOpenAI) -> list[str]:
    return [tool.get("name") or tool["type"] for tool in fake.requests[-1].get("tools") or []]


def seen(fake: FakeOpenAI) -> list[str]:
    """The pieces that the last search gave the model."""
    running = list(fake.responses.all.values())[-1]
    calls = [item for item in running.writer.items if item["type"] == "file_search_call"]
    return [piece["text"] for piece in calls[-1]["results"]]


def cited(told: Told) -> list[tuple[str, str, str]]:
    return [(source.title, source.place, source.url) for source in told.turn.draft.sources]


@pytest.mark.usefixtures("index")
async def test_statements_get_the_page_they_come_from(talk: Talk, fake: FakeOpenAI) -> None:
    """Each source once, in order, at its place in the text; the search is counted."""
    leave, trains = file_of(fake, "leave.pdf"), file_of(fake, "trains.md")
    said = cites(
        "You have 15 days. Call Mina when sick. Jun books trains. 15 days, really.",
        (leave, "15 days"),
        (leave, "when sick"),
        (trains, "books trains"),
        (leave, "15 days, really"),
    )
    fake.script(Play((Looks("days of leave, sick, trains"), said)))
    told = await talk.ask("Tell me everything")
    assert cited(told) == [
        ("Leave", "p. 1", "https://wiki.example.com/leave"),
        ("Leave", "p. 3", "https://wiki.example.com/leave"),
        ("Trains", "", ""),
    ]
    assert told.turn.draft.sources[0].passage == "Everybody has 15 days of leave."
    # Text that may have been sent gets no number any more: what comes late stands behind it.
    assert [mark.number for mark in told.turn.draft.marks] == [1, 2, 3, 1]
    assert isinstance(told.last, Completed)
    assert isinstance(told.last.usage, Usage)
    assert told.last.usage.file_searches == 1
    assert "passage" not in str(told.last.items)


@pytest.mark.usefixtures("index")
async def test_the_search_is_the_services_own(talk: Talk, fake: FakeOpenAI) -> None:
    """The function is not offered besides, unless there is something more that it finds."""
    await talk.ask("Hello")
    assert tools(fake) == ["file_search"]
    assert "file search" in fake.requests[-1]["instructions"]
    talk.collections = ("docs", "handbook")
    await talk.ask("And now?")
    assert tools(fake) == [SEARCH, "file_search"]
    talk.collections = ("handbook",)
    await talk.ask("And now?")
    assert tools(fake) == [SEARCH]


async def test_a_server_without_it_gets_the_function(
    talk: Talk, fake: FakeOpenAI, index: VectorStoreIndex
) -> None:
    fake.model.lacks |= {"file_search"}
    fake.script(Answer("Fine."))
    await talk.ask("Hello")
    assert tools(fake) == [SEARCH]
    assert await index.search("days of leave", ["docs"], 1)


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("how", ["expired", "deleted"])
async def test_a_store_that_is_gone_spoils_no_answer(talk: Talk, fake: FakeOpenAI, how: str) -> None:
    (store,) = fake.vector_stores.all
    if how == "expired":
        fake.vector_stores.expire(store)
    else:
        del fake.vector_stores.all[store]
    fake.script(Answer("Fine."))
    told = await talk.ask("Hello")
    assert told.text == "Fine."
    assert tools(fake) == [SEARCH]


async def test_what_was_removed_is_no_source(talk: Talk, fake: FakeOpenAI, index: VectorStoreIndex) -> None:
    """Also when the service still finds it."""
    fake.vector_stores.lingers = 10
    leave = file_of(fake, "leave.pdf")
    said = cites("15 days.", (leave, "15 days"))
    said = replace(
        said, annotations=tuple({**a, "filename": f"leave.{index.mark}.md"} for a in said.annotations)
    )
    await index.remove("docs", "leave.pdf")
    fake.script(Play((Looks("days of leave"), said)))
    told = await talk.ask("How many days?")
    assert told.of(Citation) == []


async def test_what_was_removed_is_not_shown_to_the_model(
    talk: Talk, fake: FakeOpenAI, index: VectorStoreIndex
) -> None:
    """Neither a document that is gone nor an earlier version, although the service still finds them."""
    fake.vector_stores.lingers = 10
    await index.replace(
        "docs", replace(LEAVE, digest="2", sections=(Section("", "It is 20 days of leave."),))
    )
    await index.remove("docs", "trains.md")
    fake.script(Play((Looks("days of leave, trains by Jun"), Says("I see."))))
    told = await talk.ask("What do you know?")
    assert told.text == "I see."
    assert tools(fake) == ["file_search"]
    assert seen(fake) == ["# Leave\n\nIt is 20 days of leave.\n"]
    await talk.clock.sleep(SETTLED + 1)
    await talk.ask("And now?")
    assert "filters" not in fake.requests[-1]["tools"][0]


@pytest.mark.usefixtures("index")
async def test_what_a_killed_sync_left_there_is_not_shown_to_the_model(
    talk: Talk, fake: FakeOpenAI, index: VectorStoreIndex
) -> None:
    """Perhaps its file is gone by the time of the next sync."""
    fake.vector_stores.looks = 1
    killed = asyncio.create_task(index.replace("docs", replace(TRAINS, path="half.md", title="Half")))

    def meets(name: str, done: bool) -> bool:
        if done and name == "GET /v1/vector_stores/{id}/file_batches/{batch}":
            killed.cancel()
        return False

    fake.meets = meets
    with pytest.raises(asyncio.CancelledError):
        await killed
    fake.script(Play((Looks("trains by Jun"), Says("I see."))))
    await talk.ask("What do you know?")
    assert [piece.split("\n")[0] for piece in seen(fake)] == ["# Trains"]


@pytest.mark.parametrize("how", ["many", "refused"])
async def test_where_it_cannot_be_left_out_our_function_searches(
    talk: Talk, fake: FakeOpenAI, index: VectorStoreIndex, how: str
) -> None:
    """It drops what is not there any more, whoever finds it."""
    if how == "refused":
        fake.model.refuses |= {"filters"}
    for number in range(1 if how == "refused" else MOST_LEFT_OUT + 1):
        await talk.store.uploads.add(Upload(f"file-{number}", "docs", replace(TRAINS, path=f"{number}.md")))
        await talk.store.uploads.discard(f"file-{number}")
    await index.remove("docs", "trains.md")
    fake.script(Answer("Fine."))
    told = await talk.ask("Hello")
    assert told.text == "Fine."
    assert tools(fake) == [SEARCH]


@pytest.mark.usefixtures("index")
async def test_a_source_without_results_is_the_document(talk: Talk, fake: FakeOpenAI) -> None:
    """A server may refuse to say what its search found."""
    fake.model.refuses |= {"include"}
    fake.script(Play((Looks("leave"), cites("15 days.", (file_of(fake, "leave.pdf"), "15 days")))))
    told = await talk.ask("How many days?")
    assert cited(told) == [("Leave", "", "https://wiki.example.com/leave")]


@pytest.mark.usefixtures("index")
async def test_what_was_found_is_noted_for_when_it_is_withdrawn(talk: Talk, fake: FakeOpenAI) -> None:
    """A turn that came by something there loses it with the collection."""
    fake.script(Play((Looks("days of leave"), Says("15 days."))))
    await talk.ask("How many days?")
    later = await talk.waiting("And now?")
    assert not await talk.store.searches.withdraw(later, ["docs"])
    assert await talk.store.searches.withdraw(later, [])


@pytest.mark.usefixtures("index")
async def test_what_was_found_unsaid_is_withdrawn_too(talk: Talk, fake: FakeOpenAI) -> None:
    """A server that does not say what its search found has shown it to the model all the same."""
    fake.model.refuses |= {"include"}
    fake.script(Play((Looks("days of leave"), Says("15 days."))))
    await talk.ask("How many days?")
    later = await talk.waiting("And now?")
    assert await talk.store.searches.withdraw(later, [])
