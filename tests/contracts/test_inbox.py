"""What every `Inbox` promises."""

from dataclasses import replace

from bot.messages import Attachment
from bot.turns import Turn
from storage.sqlite.inbox import MESSAGES_PER_TURN
from storage.sqlite.store import Store
from tests.contracts.conftest import Open
from tests.fakes.people import ANN, BEN, ROOM, command, delete, edit, message, press, stop

WEB = {"web"}


async def claimed(store: Store) -> Turn:
    (turn,) = await store.turns.claim(10, WEB)
    return turn


def texts(turn: Turn) -> list[str]:
    return [m.text for m in turn.messages]


async def test_a_message_becomes_a_turn(store: Store) -> None:
    receipt = await store.inbox.receive(message("hello"))
    turn = await claimed(store)
    assert receipt.new
    assert receipt.turn == turn.id
    assert turn.first
    assert texts(turn) == ["hello"]
    assert replace(turn.messages[0], id=0) == message("hello")


async def test_a_stored_message_survives_a_restart(open_store: Open) -> None:
    async with open_store() as store:
        await store.inbox.receive(message("안녕하세요 🙂"))
    async with open_store() as store:
        assert texts(await claimed(store)) == ["안녕하세요 🙂"]


async def test_any_known_identity_is_a_repeat(store: Store) -> None:
    first = await store.inbox.receive(message(keys=("ts-1", "client-1")))
    again = await store.inbox.receive(message(keys=("ts-2", "client-1")))
    third = await store.inbox.receive(message(keys=("ts-2",)))
    assert first.new
    assert (again.new, again.message) == (False, first.message)
    assert (third.new, third.message) == (False, first.message)
    assert len((await claimed(store)).messages) == 1


async def test_waiting_messages_are_one_turn_in_the_platforms_order(store: Store) -> None:
    for number in (3, 1, 2):
        await store.inbox.receive(message(f"m{number}", number))
    assert texts(await claimed(store)) == ["m1", "m2", "m3"]


async def test_a_turn_has_at_most_so_many_messages_and_the_rest_is_the_next(store: Store) -> None:
    for number in range(MESSAGES_PER_TURN + 2):
        await store.inbox.receive(message(f"m{number}", number))
    first = await claimed(store)
    assert len(first.messages) == MESSAGES_PER_TURN
    assert await store.turns.claim(10, WEB) == []
    await store.turns.answer(first, first.draft, "done")
    await store.turns.done(first)
    assert texts(await claimed(store)) == [f"m{MESSAGES_PER_TURN}", f"m{MESSAGES_PER_TURN + 1}"]


async def test_a_turn_has_at_most_fifty_megabytes(store: Store) -> None:
    big = (Attachment("big.pdf", 30_000_000),)
    await store.inbox.receive(message("one", 1, attachments=big))
    await store.inbox.receive(message("two", 2, attachments=big))
    assert texts(await claimed(store)) == ["one"]


async def test_what_arrives_while_a_turn_runs_joins_the_next(store: Store) -> None:
    await store.inbox.receive(message("one", 1))
    first = await claimed(store)
    receipt = await store.inbox.receive(message("two", 2))
    assert receipt.turn != first.id
    assert await store.turns.claim(10, WEB) == []


async def test_what_arrives_after_a_restart_does_not_join_a_turn_that_had_begun(open_store: Open) -> None:
    async with open_store() as store:
        await store.inbox.receive(message("one", 1))
        first = await claimed(store)
    async with open_store() as store:
        await store.turns.recover()
        receipt = await store.inbox.receive(message("two", 2))
        turn = await claimed(store)
        assert turn.id == first.id != receipt.turn
        assert texts(turn) == ["one"]


async def test_an_edit_changes_a_message_that_waits(store: Store) -> None:
    await store.inbox.receive(message("helo"))
    receipt = await store.inbox.receive(edit("hello"))
    assert receipt.new
    assert texts(await claimed(store)) == ["hello"]


async def test_an_older_or_equal_edit_changes_nothing(store: Store) -> None:
    await store.inbox.receive(message("one"))
    assert (await store.inbox.receive(edit("three", at=300.0))).new
    assert not (await store.inbox.receive(edit("two", at=200.0))).new
    assert not (await store.inbox.receive(edit("three", at=400.0))).new
    assert texts(await claimed(store)) == ["three"]


async def test_an_edit_of_something_unknown_is_nothing(store: Store) -> None:
    assert not (await store.inbox.receive(edit("x", number=9))).new


async def test_an_edit_after_the_turn_began_marks_it_and_its_thread(store: Store) -> None:
    await store.inbox.receive(message("helo"))
    turn = await claimed(store)
    await store.turns.answer(turn, turn.draft, "done")
    await store.turns.done(turn)
    assert (await store.inbox.receive(edit("hello"))).turn == turn.id
    (record,) = await store.archive.records(ROOM)
    assert record.outdated
    assert record.turn.messages[0].text == "hello"
    assert (await store.threads.open(turn, "maru")).stale


async def test_deleting_the_only_waiting_message_cancels_its_turn(store: Store) -> None:
    await store.inbox.receive(message("secret"))
    assert (await store.inbox.receive(delete())).new
    assert await store.turns.claim(10, WEB) == []
    assert await store.archive.records(ROOM) == []


async def test_deleting_one_of_several_leaves_the_rest(store: Store) -> None:
    await store.inbox.receive(message("one", 1))
    await store.inbox.receive(message("two", 2))
    await store.inbox.receive(delete(1))
    assert texts(await claimed(store)) == ["two"]


async def test_a_delete_may_arrive_before_its_message(store: Store) -> None:
    assert (await store.inbox.receive(delete())).new
    assert not (await store.inbox.receive(message("late"))).new
    assert await store.turns.claim(10, WEB) == []


async def test_deleting_what_a_running_turn_answers_stops_it(store: Store) -> None:
    await store.inbox.receive(message("one"))
    turn = await claimed(store)
    receipt = await store.inbox.receive(delete())
    assert (receipt.turn, receipt.stopped) == (turn.id, True)
    assert not (await store.inbox.receive(delete())).new


async def test_stop_asks_the_running_turn_first_and_each_only_once(store: Store) -> None:
    await store.inbox.receive(message("one", 1))
    running = await claimed(store)
    waiting = await store.inbox.receive(message("two", 2))
    first = await store.inbox.receive(stop())
    assert (first.turn, first.stopped) == (running.id, True)
    assert not (await store.inbox.receive(stop())).stopped
    await store.turns.answer(running, running.draft, "stopped")
    await store.turns.done(running)
    second = await store.inbox.receive(stop())
    assert (second.turn, second.stopped) == (waiting.turn, True)
    assert (await claimed(store)).stop


async def test_stop_with_nothing_to_stop_says_so(store: Store) -> None:
    assert (await store.inbox.receive(stop())).refusal == "stop_nothing"


async def test_again_answers_the_same_messages_in_a_new_turn(store: Store) -> None:
    await store.inbox.receive(message("one"))
    first = await claimed(store)
    assert (await store.inbox.receive(press("again", first.id))).refusal == "again_nothing"
    await store.turns.answer(first, first.draft, "done")
    await store.turns.done(first)
    receipt = await store.inbox.receive(press("again", first.id))
    again = await claimed(store)
    assert again.id == receipt.turn
    assert again.again_of == first.id
    assert texts(again) == ["one"]
    assert (await store.threads.open(again, "maru")).stale
    # Twice pressed is once answered.
    assert not (await store.inbox.receive(press("again", first.id))).new


async def test_again_is_for_the_last_answer_of_an_open_thread(store: Store) -> None:
    await store.inbox.receive(message("one", 1))
    first = await claimed(store)
    await store.turns.answer(first, first.draft, "done")
    await store.turns.done(first)
    await store.threads.close(ROOM)
    assert (await store.inbox.receive(press("again", first.id))).refusal == "again_nothing"


async def test_again_counts_as_soon_as_the_answer_is_there(store: Store) -> None:
    """Its buttons are seen before it is noted that all of it is posted; until then the new turn waits."""
    await store.inbox.receive(message("one"))
    first = await claimed(store)
    await store.turns.answer(first, first.draft, "done")
    assert (await store.inbox.receive(press("again", first.id))).new
    assert await store.turns.claim(10, WEB) == []
    await store.turns.done(first)
    assert (await claimed(store)).again_of == first.id


async def test_a_new_message_does_not_join_an_again(store: Store) -> None:
    await store.inbox.receive(message("one", 1))
    first = await claimed(store)
    await store.turns.answer(first, first.draft, "done")
    await store.turns.done(first)
    again = await store.inbox.receive(press("again", first.id))
    assert (await store.inbox.receive(message("two", 2))).turn != again.turn


async def test_feedback_is_kept_per_person_and_can_change(store: Store) -> None:
    turn = (await store.inbox.receive(message())).turn
    await store.inbox.receive(press("helpful", turn))
    await store.inbox.receive(press("unhelpful", turn, author=BEN))
    await store.inbox.receive(press("unhelpful", turn))
    assert await store.ledger.feedback(turn) == {ANN.id: "unhelpful", BEN.id: "unhelpful"}


async def test_a_press_on_a_turn_of_another_conversation_is_nothing(store: Store) -> None:
    turn = (await store.inbox.receive(message(conversation="web:other"))).turn
    assert not (await store.inbox.receive(press("helpful", turn))).new


async def test_a_command_is_kept_until_done_and_known_by_its_key(open_store: Open) -> None:
    async with open_store() as store:
        assert (await store.inbox.receive(command("reset"))).new
        assert not (await store.inbox.receive(command("reset"))).new
    async with open_store() as store:
        (kept,) = await store.inbox.commands()
        assert (kept.name, kept.author) == ("reset", ANN)
        await store.inbox.command_done(kept)
        assert await store.inbox.commands() == []


async def test_what_became_of_attachments_is_remembered(open_store: Open) -> None:
    async with open_store() as store:
        await store.inbox.receive(message(attachments=(Attachment("a.txt", 3),)))
        turn = await claimed(store)
        fetched = (Attachment("a.txt", 3, "text/plain", digest="d" * 64),)
        await store.inbox.fetched(turn.messages[0], fetched)
    async with open_store() as store:
        await store.turns.recover()
        assert (await claimed(store)).messages[0].attachments == fetched


async def test_whether_nobody_else_reads_a_message_is_kept(store: Store) -> None:
    await store.inbox.receive(message("hello", private=True, channel="web:room"))
    (turn,) = await store.turns.claim(1, {"web"})
    assert turn.messages[0].private
    assert turn.messages[0].channel == "web:room"


async def test_a_repeat_brings_the_files_that_its_first_word_left_out(store: Store) -> None:
    """Some platforms tell of a message twice, and only once of its files."""
    file = Attachment("table.csv", 12)
    await store.inbox.receive(message("look", keys=("k",)))
    repeat = await store.inbox.receive(replace(message("look", keys=("k",)), attachments=(file,)))
    assert not repeat.new
    await store.inbox.receive(message("look", keys=("k",)))
    assert (await claimed(store)).messages[0].attachments == (file,)
