"""Who answers where: chosen by people, pinned by the operator, kept to those who may."""

import pytest

from bot.assistants import Assistant
from bot.messages import Attachment, Command, Person
from tests.fakes.square import ANN, BEN
from tests.flows.conftest import Life, World

COOK = Assistant(name="cook", description="Knows recipes.", instructions="Cook.")
LAW = Assistant(
    name="law", description="Knows the law.", instructions="Judge.", access=(ANN.id, "square:lawyers")
)


@pytest.fixture
def world(world: World) -> World:
    world.assistants = (COOK, LAW)
    return world


async def say(world: World, maru: Life, text: str, conversation: str = "square:main", **more: object) -> str:
    """Send a message that is a command; returns what was whispered."""
    before = len(world.square.whispers)
    await maru.receive(world.square.message(text, conversation, **more))  # type: ignore[arg-type]  # an author
    await world.square.until(lambda: len(world.square.whispers) > before)
    return world.square.whispers[-1][1]


async def answering(world: World, maru: Life, conversation: str = "square:main") -> str:
    """The name of the assistant that answers the next question."""
    before = len(world.engine.requests)
    await maru.receive(world.square.message("hi", conversation))
    await world.square.until(lambda: len(world.engine.requests) > before)
    await maru.dispatcher.idle()
    return world.engine.requests[-1].assistant.name


async def test_the_command_shows_who_answers_and_who_could(world: World) -> None:
    async with world.life() as maru:
        shown = await say(world, maru, "assistant")
        assert "Here `maru` answers." in shown
        assert "- `cook` – Knows recipes." in shown
        assert "`law`" in shown
        assert "`law`" not in await say(world, maru, "assistant", author=BEN)
        assert "여기서는 `maru` 어시스턴트가 답해요." in await say(world, maru, "어시스턴트")
    assert world.engine.requests == []


async def test_a_chosen_assistant_answers_from_the_next_question_on_over_restarts(
    world: World,
) -> None:
    async with world.life() as maru:
        assert await answering(world, maru) == "maru"
        assert "`cook` answers here" in await say(world, maru, "assistant cook")
        assert "already" in await say(world, maru, "/Assistant Cook")
        assert await answering(world, maru) == "cook"
        assert await answering(world, maru, "square:other") == "maru"
    async with world.life() as maru:
        assert await answering(world, maru) == "cook"
        assert "다음 질문부터 `maru`" in await say(world, maru, "어시스턴트 maru")
        assert await answering(world, maru) == "maru"


async def test_another_assistant_begins_a_new_thread(world: World) -> None:
    async with world.life() as maru:
        await answering(world, maru)
        await say(world, maru, "assistant cook")
        await answering(world, maru)
        await answering(world, maru)
        threads = [
            await maru.store.threads.open(request.turn, request.assistant.name)
            for request in world.engine.requests
        ]
        assert [thread.assistant for thread in threads] == ["maru", "cook", "cook"]
        assert threads[0].id != threads[1].id == threads[2].id
        entries = await maru.store.threads.entries(threads[2], world.engine.requests[2].turn.id)
        assert len(entries) == 1


async def test_a_choice_for_a_channel_holds_in_its_threads_until_one_chooses_otherwise(world: World) -> None:
    async with world.life() as maru:
        await say(world, maru, "assistant cook", "square:T1/C1")
        assert await answering(world, maru, "square:T1/C1/17") == "cook"
        await say(world, maru, "assistant law", "square:T1/C1/17")
        assert await answering(world, maru, "square:T1/C1/17") == "law"
        assert await answering(world, maru, "square:T1/C1/18") == "cook"
        assert await answering(world, maru, "square:T1/C10") == "maru"


async def test_what_the_operator_pinned_cannot_be_changed_by_others(world: World) -> None:
    world.pins = {"square:T1/C1": "cook"}
    async with world.life() as maru:
        assert "only they can change it" in await say(world, maru, "assistant law", "square:T1/C1/17")
        assert await answering(world, maru, "square:T1/C1/17") == "cook"


async def test_a_name_that_is_none_is_answered_with_those_that_are(world: World) -> None:
    async with world.life() as maru:
        told = await say(world, maru, "assistant clown")
        assert "no assistant “clown”" in told
        assert "`cook`" in told
        await maru.receive(Command("square:main", "k1", "assistant", ANN, 1.0, argument="cook"))
        await world.square.until(lambda: "`cook` answers" in world.square.whispers[-1][1])


async def test_a_chosen_assistant_that_is_gone_gives_way_to_the_default(world: World) -> None:
    async with world.life() as maru:
        await say(world, maru, "assistant cook")
    world.assistants = ()
    async with world.life() as maru:
        assert await answering(world, maru) == "maru"


async def test_an_assistant_answers_only_those_who_may_use_it(world: World) -> None:
    world.pins = {"square:law": "law"}
    async with world.life() as maru:
        assert "answers only some people" in await say(world, maru, "is it legal?", "square:law", author=BEN)
        assert world.engine.requests == []
        assert await answering(world, maru, "square:law") == "law"
        assert "answers only some people" in await say(world, maru, "assistant law", author=BEN)
        world.square.people[BEN.id] = Person("member", groups=frozenset({"square:lawyers"}))
        await maru.receive(world.square.message("and this?", "square:law", author=BEN))
        await world.square.until_posted("You said: and this?", "square:law")


async def test_what_becomes_of_a_file_is_decided_by_the_assistant_of_the_conversation(world: World) -> None:
    """One without Python says that it cannot use data, though the default one could."""
    world.square.uploads = {"u1": b"\x7fELF\x02\x01\x01" + bytes(64)}
    world.assistants = (Assistant(name="plain", instructions="Be kind.", tools=()),)
    world.pins = {"square:plain": "plain"}
    attached = (Attachment("tool.bin", source="u1"),)
    async with world.life() as maru:
        for room in ("square:main", "square:plain"):
            await maru.receive(world.square.message("read", room, attachments=attached))
        await world.square.until(lambda: all(world.square.texts(r) for r in ("square:main", "square:plain")))
        await maru.dispatcher.idle()
    assert not any("tool.bin" in text for text in world.square.texts("square:main"))
    assert any("tool.bin" in text for text in world.square.texts("square:plain"))
