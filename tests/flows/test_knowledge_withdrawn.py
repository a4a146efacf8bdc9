"""When a source is withdrawn, the model no longer knows the answers that came from it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.events import Source
from bot.knowledge.marks import Shown
from bot.messages import Author, Edit, Press
from bot.ports import Collection
from tests.fakes.openai import Answer, Asks, FakeOpenAI, arguments
from tests.fakes.openai import Calls as AsksFor
from tests.fakes.reading import Reading, reading
from tests.fakes.square import ANN, BEN

SECRET = "4321 gold coins"
SALARIES = Collection("salaries")
MARK = Shown().mark("", Source("salaries:pay.md#0", ""))


async def tell_the_secret(maru: Reading) -> int:
    """The model learns the secret and says it twice; returns how many requests that took."""
    await maru.collect(SALARIES, pay=f"# Pay\n\nMina earns {SECRET}.\n")
    maru.fake.script(
        Answer("Hello Ann."),
        AsksFor(Asks("search_knowledge", arguments(query="What does Mina earn?"))),
        Answer(f"Mina earns {SECRET} {MARK}."),
        Answer(f"As I said: {SECRET}."),
    )
    await maru.ask("I am Ann.", private=True)
    assert await maru.ask("What does Mina earn?", private=True) == f"Mina earns {SECRET}.\n[1] Pay"
    assert SECRET in await maru.ask("Say that again.", private=True)
    assert SECRET in maru.told(3)
    return len(maru.fake.requests)


async def change(maru: Reading, **fields: object) -> None:
    (salaries,) = await maru.library.collections()
    await maru.library.put(replace(salaries, **fields))  # type: ignore[arg-type]  # any field


async def no_longer_named(maru: Reading) -> None:
    maru.knows("other")


async def limited_to_others(maru: Reading) -> None:
    await change(maru, readers=(BEN.id,))


async def limited_to_a_channel(maru: Reading) -> None:
    await change(maru, channels=("square:other",))


async def removed(maru: Reading) -> None:
    await maru.library.remove("salaries")


async def removed_and_made_again(maru: Reading) -> None:
    await maru.library.remove("salaries")
    await maru.library.put(replace(SALARIES, readers=(BEN.id,)))


Change = Callable[[Reading], Awaitable[None]]
CHANGES: list[Change] = [
    no_longer_named,
    limited_to_others,
    limited_to_a_channel,
    removed,
    removed_and_made_again,
]


@pytest.mark.parametrize("hosted", [True, False], ids=["hosted", "local"])
@pytest.mark.parametrize("withdraw", CHANGES, ids=[change.__name__ for change in CHANGES])
async def test_a_withdrawn_source_is_forgotten_with_its_answers(
    tmp_path: Path, withdraw: Change, hosted: bool
) -> None:
    """In a new thread that keeps what was said before; the answers stay with the people."""
    async with FakeOpenAI(hosted=hosted) as fake, reading(tmp_path, fake, "salaries") as maru:
        first = await tell_the_secret(maru)
        await withdraw(maru)
        fake.script(Answer("I do not know."), Answer("I still do not."))
        await maru.ask("What did you say?", private=True)
        await maru.ask("Really?", private=True)
        told = maru.told(first)
        assert SECRET not in told
        assert "I am Ann." in told
        assert "What did you say?" in told
        assert "What does Mina earn?" not in told
        assert any(SECRET in text for text in maru.square.texts())
        swept = {remote.id for remote in await maru.store.remotes.orphans()}
        held = {name for name, one in fake.state()["conversations"].items() if SECRET in str(one["items"])}
        assert swept == held


@pytest.mark.parametrize("hosted", [True, False], ids=["hosted", "local"])
async def test_answering_again_does_not_bring_it_back(tmp_path: Path, hosted: bool) -> None:
    """Nor does an edit of the question that was answered from it."""
    async with FakeOpenAI(hosted=hosted) as fake, reading(tmp_path, fake, "salaries") as maru:
        first = await tell_the_secret(maru)
        await limited_to_others(maru)
        fake.script(Answer("I do not know."), Answer("I cannot say."))
        *_, last = await maru.store.archive.records("square:main")
        await maru.dispatcher.receive(Press("square:main", last.turn.id, "again", ANN))
        await maru.square.until_posted("I do not know.")
        await maru.dispatcher.idle()
        asked = next(
            message
            for record in await maru.store.archive.records("square:main")
            for message in record.turn.messages
            if message.text == "What does Mina earn?"
        )
        await maru.dispatcher.receive(Edit("square:main", asked.keys, "What did Mina earn?", 9e9))
        await maru.ask("And now?", private=True)
        assert SECRET not in maru.told(first)


@pytest.mark.parametrize("hosted", [True, False], ids=["hosted", "local"])
async def test_a_change_that_takes_nothing_away_changes_nothing(tmp_path: Path, hosted: bool) -> None:
    """The thread goes on."""
    async with FakeOpenAI(hosted=hosted) as fake, reading(tmp_path, fake, "salaries") as maru:
        first = await tell_the_secret(maru)
        await change(maru, readers=(ANN.id, BEN.id), owner="Jun")
        fake.script(Answer("Of course."))
        await maru.ask("Do you remember?", private=True)
        assert SECRET in maru.told(first)


async def test_where_somebody_else_reads_along_nothing_of_it_is_known(tmp_path: Path) -> None:
    """The same conversation, once it is no longer private, and once somebody else asks in it."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "salaries") as maru:
        first = await tell_the_secret(maru)
        await change(maru, readers=(ANN.id,))
        fake.script(Answer("No idea."))
        await maru.ask("What did you say?", author=BEN, private=True)
        assert SECRET not in maru.told(first)


@pytest.mark.parametrize(("author", "private"), [(ANN, False), (BEN, True)])
async def test_a_limited_collection_is_not_searched_for_others(
    tmp_path: Path, author: Author, private: bool
) -> None:
    """Whatever the model asks for: not in public, and not for somebody else in private."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "salaries") as maru:
        await maru.collect(replace(SALARIES, readers=(ANN.id,)), pay=f"Mina earns {SECRET}.")
        fake.script(
            AsksFor(Asks("search_knowledge", arguments(query="What does Mina earn?"))),
            Answer("The documents do not answer that."),
        )
        await maru.ask("What does Mina earn?", author=author, private=private)
        assert SECRET not in maru.told()


async def test_somebody_in_a_named_group_may_search(tmp_path: Path) -> None:
    """The platform says who is in it."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "salaries") as maru:
        await maru.collect(replace(SALARIES, readers=("group:law",)), pay=f"Mina earns {SECRET}.")
        person = await maru.core.adapter("square:main").person(BEN)
        maru.square.people[BEN.id] = replace(person, groups=frozenset({"group:law"}))
        fake.script(
            AsksFor(Asks("search_knowledge", arguments(query="What does Mina earn?"))),
            Answer("Enough."),
        )
        await maru.ask("What does Mina earn?", private=True, author=BEN)
        assert SECRET in maru.told()
