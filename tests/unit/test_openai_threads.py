"""The hosted copy of a thread is made equal to the store, with as little as possible."""

import asyncio
from pathlib import Path

import pytest

from bot.events import Calls, Completed, Failed
from tests.fakes.openai import (
    Answer,
    Asks,
    Computes,
    Fails,
    FakeOpenAI,
    Play,
    Says,
    Thinks,
    arguments,
)
from tests.fakes.openai import Calls as AsksFor
from tests.fakes.openai.talk import WEATHER, Talk, engine_for, talking
from tests.fakes.openai.wire import ApiError
from tests.fakes.people import delete, edit

ITEMS = "/v1/conversations/{id}/items"


def held(fake: FakeOpenAI) -> list[str]:
    """Who said what in the only conversation, without headers."""
    return [
        f"{item['role']}: {item['content'][-1]['text']}"
        for item in fake.conversation.items
        if item["type"] == "message"
    ]


async def test_a_healthy_thread_costs_nothing_but_the_call(talk: Talk, fake: FakeOpenAI) -> None:
    """One conversation is made, and each turn is one request."""
    for number in range(3):
        await talk.ask(f"message {number}")
    assert fake.counts == {"POST /v1/conversations": 1, "POST /v1/responses": 3}
    assert await talk.made((await talk.ask("more")).turn) == ["conversation"] + ["response"] * 4


async def test_an_edit_far_back_keeps_what_is_before_it(talk: Talk, fake: FakeOpenAI) -> None:
    """Only the tail from the edited turn on is deleted and added again."""
    for text in ("one", "two", "three"):
        await talk.ask(text)
    first = [item["id"] for item in fake.conversation.items[:2]]
    await talk.receive(edit("zwei", 2))
    await talk.ask("four")
    assert held(fake) == [
        "user: one",
        "assistant: You said: one",
        "user: zwei",
        "assistant: You said: two",
        "user: three",
        "assistant: You said: three",
        "user: four",
        "assistant: You said: four",
    ]
    assert [item["id"] for item in fake.conversation.items[:2]] == first
    assert fake.counts[f"DELETE {ITEMS}/{{item}}"] == 4
    assert fake.counts[f"POST {ITEMS}"] == 1


async def test_what_was_added_again_is_recognised_later(talk: Talk, fake: FakeOpenAI) -> None:
    """A second edit does not touch what an earlier repair has put there."""
    for text in ("one", "two", "three"):
        await talk.ask(text)
    await talk.receive(edit("eins", 1))
    await talk.ask("four")
    fake.counts.clear()
    await talk.receive(edit("vier", 4))
    await talk.ask("five")
    assert fake.counts[f"DELETE {ITEMS}/{{item}}"] == 2
    assert held(fake)[0] == "user: eins"
    assert held(fake)[6] == "user: vier"


async def test_a_message_of_several_is_deleted(talk: Talk, fake: FakeOpenAI) -> None:
    """The others of its turn stay, and so does the answer."""
    await talk.ask("keep this", "forget this")
    await talk.receive(delete(2))
    await talk.ask("next")
    assert held(fake)[:2] == ["user: keep this", "assistant: You said: forget this"]


async def test_too_much_to_delete_makes_a_new_conversation(talk: Talk, fake: FakeOpenAI) -> None:
    """Twenty requests are enough; the old conversation is deleted, and nobody is told."""
    for number in range(12):
        await talk.ask(f"message {number}")
    old = fake.conversation.id
    await talk.receive(edit("changed", 1))
    told = await talk.ask("last")
    assert fake.conversation.id != old
    assert held(fake)[0] == "user: changed"
    assert len(held(fake)) == 26
    assert isinstance(told.last, Completed)
    assert told.last.note == ""
    assert (await talk.thread(told.turn)).thread_id == fake.conversation.id
    assert (await talk.made(told.turn)).count("conversation") == 1


async def test_a_lost_conversation_is_filled_again_and_said_so(talk: Talk, fake: FakeOpenAI) -> None:
    """Deleted at the service, or another account's key."""
    await talk.ask("one")
    await talk.ask("two")
    fake.conversations.all.clear()
    told = await talk.ask("three")
    assert held(fake) == [
        "user: one",
        "assistant: You said: one",
        "user: two",
        "assistant: You said: two",
        "user: three",
        "assistant: You said: three",
    ]
    assert isinstance(told.last, Completed)
    assert told.last.note == "recovered"
    fake.counts.clear()
    await talk.ask("four")
    assert fake.counts == {"POST /v1/responses": 1}


async def test_a_conversation_lost_while_it_is_repaired(talk: Talk, fake: FakeOpenAI) -> None:
    """Being stale and gone at once is no more than gone."""
    await talk.ask("one")
    await talk.receive(edit("eins", 1))
    fake.conversations.all.clear()
    told = await talk.ask("two")
    assert held(fake)[0] == "user: eins"
    assert told.turn.draft.note == "recovered"


async def test_a_conversation_lost_between_two_steps(talk: Talk, fake: FakeOpenAI) -> None:
    """What the model did in the first step goes with the second."""
    await talk.ask("hello")
    talk.declarations, talk.functions = (WEATHER,), {"weather": "sunny"}
    fake.script(
        Play((Thinks(), Asks("weather", arguments(city="Seoul")))),
        Answer("It is sunny."),
    )
    talk.seen = lambda event: fake.conversations.all.clear() if isinstance(event, Calls) else None
    told = await talk.ask("weather?")
    assert told.text.strip() == "It is sunny."
    assert [item["type"] for item in fake.conversation.items] == [
        "message",
        "message",
        "message",
        "reasoning",
        "function_call",
        "function_call_output",
        "message",
    ]


async def test_a_turn_that_died_between_call_and_outcome_poisons_nothing(
    talk: Talk, fake: FakeOpenAI
) -> None:
    """Its call is taken out before the next turn."""
    talk.declarations, talk.functions = (WEATHER,), {"weather": "sunny"}
    fake.script(AsksFor(Asks("weather", arguments(city="Seoul"))), Fails(400, "invalid_prompt"))
    told = await talk.ask("weather?")
    assert isinstance(told.last, Failed)
    assert (await talk.ask("hello?")).text == "You said: hello?"
    assert held(fake)[0] == "user: weather?"


async def test_a_poisoned_conversation_that_looked_healthy(talk: Talk, fake: FakeOpenAI) -> None:
    """An unanswered call that is not ours to know is cut off."""
    await talk.ask("one")
    fake.conversation.items.append(
        {"id": "fc_x", "type": "function_call", "call_id": "call_x", "name": "f", "arguments": "{}"}
    )
    told = await talk.ask("two")
    assert told.text == "You said: two"
    assert [item["type"] for item in fake.conversation.items] == ["message"] * 4
    assert fake.counts["POST /v1/conversations"] == 1


async def test_a_conversation_poisoned_beyond_repair(talk: Talk, fake: FakeOpenAI) -> None:
    """Nothing stands out, so a new conversation is filled; nothing was lost, so nobody is told."""
    fake.script(Play((Computes("1 + 1"), Says("two"))))
    await talk.ask("one plus one?")
    fake.containers.expire("cntr_1")
    told = await talk.ask("sure?")
    assert told.text == "You said: sure?"
    assert held(fake)[:2] == ["user: one plus one?", "assistant: two"]
    assert told.turn.draft.note == ""


@pytest.mark.parametrize("in_stream", [False, True])
async def test_a_thread_that_grew_too_long(talk: Talk, fake: FakeOpenAI, in_stream: bool) -> None:
    """A new conversation is filled with the newest that fits."""
    fake.model.long_in_stream = in_stream
    for number in range(10):
        await talk.ask(f"{number} " + "x" * 5_000)
    fake.model.longest = 60_000
    told = await talk.ask("and now?")
    assert told.text == "You said: and now?"
    assert held(fake)[-4].startswith("user: 9 ")
    assert len(held(fake)) < 20
    assert told.turn.draft.note == ""


async def test_a_message_that_alone_is_too_long(talk: Talk, fake: FakeOpenAI) -> None:
    """That is said after a few tries."""
    fake.model.longest = 1_000
    told = await talk.ask("x" * 2_000)
    assert told.failed.reason == "too_long"
    assert (await talk.ask("short")).text == "You said: short"


async def test_a_repair_that_breaks_off_is_done_again(talk: Talk, fake: FakeOpenAI) -> None:
    """Until it is whole the thread counts as stale."""
    for text in ("one", "two"):
        await talk.ask(text)
    await talk.receive(edit("eins", 1))
    fake.fails_next[f"POST {ITEMS}"] = ApiError(500, "no", type="server_error", code="server_error")
    told = await talk.ask("three")
    assert told.text == "You said: three"
    assert held(fake)[0] == "user: eins"
    assert len(held(fake)) == 6


async def test_an_edit_during_a_repair_is_not_lost(talk: Talk, fake: FakeOpenAI) -> None:
    """The thread stays stale for the next turn."""
    for text in ("one", "two"):
        await talk.ask(text)
    await talk.receive(edit("eins", 1))
    mark = talk.store.threads.mark

    async def mark_late(thread: object, *, stale: bool) -> None:
        if not stale:
            talk.store.threads.mark = mark  # type: ignore[method-assign]  # only the first time
            await talk.receive(edit("ichi", 1, at=200.0))
        await mark(thread, stale=stale)  # type: ignore[arg-type]  # whatever it was called with

    talk.store.threads.mark = mark_late  # type: ignore[method-assign]  # the edit comes at the worst moment
    await talk.ask("three")
    await talk.ask("four")
    assert held(fake)[0] == "user: ichi"


async def test_a_failed_first_attempt_to_make_a_conversation_decides_nothing(
    talk: Talk, fake: FakeOpenAI
) -> None:
    """Only 404 and 405 say that a server has none."""
    fake.fails_next["POST /v1/conversations"] = ApiError(500, "no", type="server_error")
    told = await talk.ask("hi")
    assert told.text == "You said: hi"
    assert fake.requests[0]["conversation"] == fake.conversation.id


async def test_hosted_threads_demanded_of_a_server_without(tmp_path: Path) -> None:
    """That is an error, not a silent change of mode."""
    async with FakeOpenAI(hosted=False) as fake, talking(tmp_path, fake, mode="hosted") as talk:
        told = await talk.ask("hi")
        assert (told.failed.reason, told.failed.again) == ("threads", False)
        assert fake.responses.calls == 0


async def test_a_database_that_moves_to_a_server_without_conversations(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    """What was said stays known: it is sent along from then on."""
    await talk.ask("I am Ann")
    async with FakeOpenAI(hosted=False) as other:
        engine, talk.engine = talk.engine, engine_for(other, talk.store, tmp_path, talk.clock)
        assert (await talk.ask("who am I?")).text == "You said: who am I?"
        assert "I am Ann" in str(other.requests[-1]["input"])
        await talk.engine.close()
        talk.engine = engine
    assert fake.responses.calls == 1


async def test_local_threads_demanded_of_a_server_with_conversations(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    """Nothing is stored there."""
    async with talking(tmp_path / "other", fake, mode="local") as other:
        await other.ask("hi")
        assert (await other.ask("ho")).text == "You said: ho"
        assert await other.made((await other.ask("hu")).turn) == ["response"] * 3
    assert not fake.conversations.all
    assert all(request["store"] is False for request in fake.requests)


async def test_auto_learns_once_that_a_server_has_no_conversations(tmp_path: Path) -> None:
    """It asks one time in the life of the process."""
    async with FakeOpenAI(hosted=False) as fake, talking(tmp_path, fake) as talk:
        for text in ("one", "two", "three"):
            assert (await talk.ask(text)).text == f"You said: {text}"
        assert fake.counts["POST /{path}"] == 1


async def test_conversations_that_begin_at_once_all_learn_it(tmp_path: Path) -> None:
    """None of them fails because another was faster."""
    async with FakeOpenAI(hosted=False) as fake, talking(tmp_path, fake) as talk:
        rooms = [f"web:{number}" for number in range(5)]
        await talk.receive(*(talk.message("hi", conversation=room) for room in rooms))
        turns = await talk.store.turns.claim(len(rooms), ["web"])
        told = await asyncio.gather(*(talk.lead(turn) for turn in turns))
        assert [one.text for one in told] == ["You said: hi"] * len(rooms)


async def test_local_history_that_is_too_long_is_shortened(tmp_path: Path) -> None:
    """The oldest turns are left out, and what fitted is remembered."""
    async with FakeOpenAI(hosted=False) as fake, talking(tmp_path, fake) as talk:
        for number in range(10):
            await talk.ask(f"{number} " + "x" * 20_000)
        fake.model.longest = 120_000
        assert (await talk.ask("and now?")).text == "You said: and now?"
        seen = str(fake.requests[-1]["input"])
        assert "9 xxx" in seen
        assert "0 xxx" not in seen
        calls = len(fake.requests)
        await talk.ask("and then?")
        assert len(fake.requests) == calls + 1


async def test_local_threads_send_thoughts_that_the_server_sealed(tmp_path: Path) -> None:
    """Reasoning goes back with its call, in order."""
    async with FakeOpenAI(hosted=False) as fake, talking(tmp_path, fake) as talk:
        talk.declarations, talk.functions = (WEATHER,), {"weather": "sunny"}
        fake.script(
            Play((Thinks("hm"), Asks("weather", arguments(city="Seoul")))), Answer("Sunny."), Answer("Yes.")
        )
        await talk.ask("weather?")
        await talk.ask("really?")
        assert [item["type"] for item in fake.requests[-1]["input"]] == [
            "message",
            "reasoning",
            "function_call",
            "function_call_output",
            "message",
            "message",
        ]
