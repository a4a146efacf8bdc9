"""What every `Pasts` promises."""

from dataclasses import replace
from itertools import count

from bot.messages import Delete, Edit, Message
from bot.ports import Exchange, Past
from storage.sqlite.store import Store
from tests.fakes.people import message

CHANNEL, THREAD, OTHER = "slack:T1/C1", "slack:T1/C1/171.2", "slack:T1/C1/181.3"
SLACK = {"slack"}
NUMBERS = count(100)


def said(text: str, number: int, conversation: str = "slack:T1/C1/old") -> Message:
    return message(text, number, conversation=conversation)


def past(place: str, **more: bool) -> Past:
    exchanges = (Exchange((said("one", 1), said("two", 2)), "yes"), Exchange((said("three", 3),)))
    return Past(place, "thread_1", exchanges, **more)


async def remembered(
    store: Store, conversation: str, *, private: bool = False
) -> list[tuple[list[str], str]]:
    """What a question asked there now goes on with."""
    await store.inbox.receive(replace(said("new", next(NUMBERS), conversation), private=private))
    claimed = await store.turns.claim(10, SLACK)
    turn = next(turn for turn in claimed if turn.conversation == conversation)
    if turn.first:
        await store.pasts.take_over(turn)
    thread = await store.threads.open(turn, "maru")
    entries = await store.threads.entries(thread, turn.id)
    return [([message.text for message in entry.messages], entry.answer) for entry in entries]


async def test_a_question_in_a_filled_conversation_goes_on_with_its_past(store: Store) -> None:
    assert await store.pasts.moved(THREAD) == ""
    assert await store.pasts.fill(past(THREAD)) == "filled"
    assert await store.pasts.moved(THREAD) == "thread_1"
    assert await remembered(store, THREAD) == [(["one", "two"], "yes"), (["three"], "")]
    assert await remembered(store, OTHER) == []


async def test_filling_it_again_changes_nothing(store: Store) -> None:
    await store.pasts.fill(past(THREAD))
    assert await store.pasts.fill(past(THREAD)) == "moved"
    assert len(await remembered(store, THREAD)) == 2


async def test_nothing_that_was_filled_waits_for_an_answer(store: Store) -> None:
    await store.pasts.fill(past(THREAD))
    assert await store.turns.claim(10, SLACK) == []
    assert await store.turns.recover() == []
    assert not (await store.inbox.receive(said("one", 1))).new


async def test_where_maru_has_begun_to_talk_nothing_is_filled(store: Store) -> None:
    await store.inbox.receive(said("hello", 9, THREAD))
    assert await store.pasts.fill(past(THREAD)) == "begun"
    assert await store.pasts.moved(THREAD) == ""


async def test_the_first_conversation_in_a_filled_channel_goes_on_with_its_past(store: Store) -> None:
    """Those that begin later begin anew; one that goes on already keeps what it has."""
    assert await remembered(store, OTHER) == []
    assert await store.pasts.fill(past(CHANNEL, channel=True)) == "filled"
    assert [summary.conversation for summary in await store.archive.conversations("slack:", 9)] == [OTHER]
    assert await remembered(store, THREAD) == [(["one", "two"], "yes"), (["three"], "")]
    assert len(await store.archive.records(THREAD)) == 3
    assert await remembered(store, f"{CHANNEL}/191.4") == []
    assert len(await store.archive.records(OTHER)) == 1
    assert await store.pasts.fill(past(CHANNEL, channel=True)) == "moved"


async def test_a_channels_past_goes_to_nobody_alone(store: Store) -> None:
    """A private conversation that lies in the channel does not get it."""
    await store.pasts.fill(past(CHANNEL, channel=True))
    assert await remembered(store, f"{CHANNEL}/U1", private=True) == []
    assert len(await remembered(store, THREAD)) == 2


async def test_an_edit_and_a_deletion_reach_what_was_filled(store: Store) -> None:
    """Also before a conversation has taken it over."""
    await store.pasts.fill(past(CHANNEL, channel=True))
    await store.inbox.receive(Edit(THREAD, said("one", 1).keys, "ONE", 1e10))
    await store.inbox.receive(Delete(THREAD, said("three", 3).keys))
    assert await remembered(store, THREAD) == [(["ONE", "two"], "yes")]


async def test_what_was_filled_can_be_forgotten(store: Store) -> None:
    await store.pasts.fill(past(THREAD))
    newest = (await store.archive.records(THREAD))[-1].turn.id
    assert await store.archive.forget(THREAD, newest) == 3
    assert await store.archive.records(THREAD) == []
    assert await store.pasts.fill(past(THREAD)) == "moved"
