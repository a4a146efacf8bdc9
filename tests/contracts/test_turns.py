"""What every `Turns` promises."""

from dataclasses import replace

from bot.events import Call, Completed, Item, Outcome, Text, Usage
from bot.ports import Spent
from bot.turns import Checkpoint, Question, Turn
from storage.sqlite.store import Store
from tests.contracts.conftest import Open
from tests.fakes.clock import ManualClock
from tests.fakes.people import ROOM, message, press, stop

WEB = {"web"}
CALL = Call("call_1", "weather", "{}")


async def claimed(store: Store) -> Turn:
    (turn,) = await store.turns.claim(10, WEB)
    return turn


async def asked(store: Store, text: str = "hello", number: int = 1) -> Turn:
    await store.inbox.receive(message(text, number))
    return await claimed(store)


async def paused(store: Store, clock: ManualClock, seconds: float = 60.0) -> Turn:
    turn = await asked(store)
    draft = replace(turn.draft, questions=(Question(CALL, clock.now() + seconds),))
    turn = replace(turn, draft=draft, checkpoint=Checkpoint(step=1, calls=(CALL,)))
    await store.turns.pause(turn)
    return turn


async def test_other_conversations_do_not_wait(store: Store) -> None:
    for number in range(3):
        await store.inbox.receive(message(conversation=f"web:{number}", keys=(f"k{number}",)))
    assert len(await store.turns.claim(2, WEB)) == 2
    assert len(await store.turns.claim(2, WEB)) == 1


async def test_turns_of_platforms_that_are_not_connected_wait(store: Store) -> None:
    await store.inbox.receive(message(conversation="slack:T1/C1"))
    assert await store.turns.claim(10, WEB) == []
    assert len(await store.turns.claim(10, {"slack"})) == 1


async def test_a_checkpoint_survives_a_kill_and_counts_as_an_attempt(open_store: Open) -> None:
    async with open_store() as store:
        turn = await asked(store)
        turn = replace(
            turn,
            draft=turn.draft.apply(Text("half an ans")),
            checkpoint=Checkpoint(
                2, "resp_1", (CALL,), (Outcome("call_1", "done", "sunny"),), frozenset({"call_1"})
            ),
        )
        await store.turns.checkpoint(turn)
    async with open_store() as store:
        assert await store.turns.recover() == []
        again = await claimed(store)
        assert again == replace(turn, attempt=1)
        assert (await store.threads.open(again, "maru")).stale


async def test_a_released_turn_goes_on_without_a_failed_attempt(open_store: Open) -> None:
    async with open_store() as store:
        turn = await asked(store)
        await store.turns.release(turn)
    async with open_store() as store:
        await store.turns.recover()
        assert (await claimed(store)).attempt == 0


async def test_release_after_the_answer_changes_nothing(store: Store) -> None:
    turn = await asked(store)
    await store.turns.answer(turn, turn.draft, "done")
    await store.turns.release(turn)
    assert await store.turns.claim(10, WEB) == []


async def test_an_answered_turn_is_handed_out_after_a_kill_to_be_posted(open_store: Open) -> None:
    async with open_store() as store:
        turn = await asked(store)
        draft = turn.draft.apply(Text("42")).apply(Completed())
        await store.turns.answer(turn, draft, "done")
    async with open_store() as store:
        (left,) = await store.turns.recover()
        assert (left.state, left.draft) == ("answered", draft)
        await store.turns.done(left)
        assert await store.turns.recover() == []
        (record,) = await store.archive.records(ROOM)
        assert record.state == "done"


async def test_the_next_turn_waits_until_the_answer_is_posted(store: Store) -> None:
    turn = await asked(store, "one", 1)
    await store.inbox.receive(message("two", 2))
    await store.turns.answer(turn, turn.draft, "done")
    assert await store.turns.claim(10, WEB) == []
    await store.turns.done(turn)
    assert [m.text for m in (await claimed(store)).messages] == ["two"]


async def test_the_end_of_a_step_is_stored_whole(store: Store) -> None:
    turn = await asked(store)
    thread = await store.threads.open(turn, "maru")
    after = replace(turn, checkpoint=Checkpoint(step=1, calls=(CALL,)))
    await store.turns.step_done(after, [Item("function_call", "fc_1", "{}")], Usage("m", 10, 5, 3))
    await store.turns.answer(
        after, after.draft, "done", [Item("message", "msg_1", "{}")], Usage("m", 20, 0, 4)
    )
    (entry,) = await store.threads.entries(thread, turn.id + 1)
    assert [item.remote_id for item in entry.items] == ["fc_1", "msg_1"]
    assert await store.ledger.spent(0.0, 100) == [
        Spent(ROOM, "web:ann", "maru", Usage("m", 30, 5, 7), long=False)
    ]


async def test_answering_twice_changes_nothing(store: Store) -> None:
    turn = await asked(store)
    for _ in range(2):
        await store.turns.answer(
            turn, turn.draft, "done", [Item("message", "msg_1", "{}")], Usage("m", 1, 0, 1)
        )
    assert [spent.usage for spent in await store.ledger.spent(0.0, 100)] == [Usage("m", 1, 0, 1)]


async def test_a_paused_turn_holds_its_conversation_and_goes_on_when_decided(
    open_store: Open, clock: ManualClock
) -> None:
    async with open_store() as store:
        turn = await paused(store, clock)
        await store.inbox.receive(message("meanwhile", 2))
        assert await store.turns.claim(10, WEB) == []
        assert (await store.inbox.receive(press("approve", turn.id, "call_1"))).new
    async with open_store() as store:
        again = await claimed(store)
        assert again.id == turn.id
        assert again.attempt == 0
        assert again.checkpoint.calls == (CALL,)
        assert await store.decisions.decisions(turn.id) == {"call_1": "approve"}


async def test_the_first_decision_counts(store: Store, clock: ManualClock) -> None:
    turn = await paused(store, clock)
    await store.inbox.receive(press("decline", turn.id, "call_1"))
    assert not (await store.inbox.receive(press("approve", turn.id, "call_1"))).new
    assert await store.decisions.decisions(turn.id) == {"call_1": "decline"}


async def test_only_those_named_decide(store: Store, clock: ManualClock) -> None:
    turn = await asked(store)
    question = Question(CALL, clock.now() + 60, deciders=("web:boss",))
    await store.turns.pause(replace(turn, draft=replace(turn.draft, questions=(question,))))
    assert (await store.inbox.receive(press("approve", turn.id, "call_1"))).refusal == "not_yours"
    assert await store.decisions.decisions(turn.id) == {}


async def test_a_deadline_makes_a_paused_turn_claimable(store: Store, clock: ManualClock) -> None:
    turn = await paused(store, clock, seconds=60)
    assert await store.turns.due() == clock.now() + 60
    assert await store.turns.claim(10, WEB) == []
    await clock.advance(61)
    assert await store.turns.due() is None
    assert (await claimed(store)).id == turn.id


async def test_stop_makes_a_paused_turn_claimable(store: Store, clock: ManualClock) -> None:
    turn = await paused(store, clock)
    assert (await store.inbox.receive(stop())).stopped
    assert (await claimed(store)).stop
    assert (await store.threads.open(turn, "maru")).thread_id == ""


async def test_a_stop_in_the_moment_of_the_pause_is_not_lost(store: Store, clock: ManualClock) -> None:
    turn = await asked(store)
    await store.inbox.receive(stop())
    question = Question(CALL, clock.now() + 60)
    await store.turns.pause(replace(turn, draft=replace(turn.draft, questions=(question,))))
    assert (await claimed(store)).stop


async def test_a_paused_turn_asks_again_after_a_restart(open_store: Open, clock: ManualClock) -> None:
    async with open_store() as store:
        turn = await paused(store, clock)
    async with open_store() as store:
        await store.turns.recover()
        again = await claimed(store)
        assert (again.id, again.attempt, len(again.draft.questions)) == (turn.id, 0, 1)


async def test_a_decision_in_the_moment_of_the_restart_is_not_lost(
    open_store: Open, clock: ManualClock
) -> None:
    async with open_store() as store:
        await paused(store, clock)
    async with open_store() as store:
        await store.turns.recover()
        again = await claimed(store)
        assert (await store.inbox.receive(press("approve", again.id, "call_1"))).new
        await store.turns.pause(again)
        assert (await claimed(store)).id == again.id


async def test_a_held_conversation_waits(store: Store) -> None:
    """Unless its turn was taken before: that one goes on."""
    await store.inbox.receive(message("one"))
    assert await store.turns.claim(10, WEB, (), {ROOM}) == []
    (turn,) = await store.turns.claim(10, WEB)
    await store.turns.release(turn)
    assert [again.id for again in await store.turns.claim(10, WEB, (), {ROOM})] == [turn.id]
