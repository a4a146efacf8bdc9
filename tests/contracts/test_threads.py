"""What every `Threads` and `Remotes` promises."""

from dataclasses import replace

from bot.events import Completed, Item, Text
from bot.messages import Attachment
from bot.ports import Remote
from bot.turns import Checkpoint, Turn
from storage.sqlite.store import Store
from tests.fakes.people import ROOM, delete, edit, message, press

WEB = {"web"}
CONVERSATION = Remote("conversation", "conv_1", ROOM, "web:ann")


async def answered(store: Store, text: str, number: int, end: str = "done") -> Turn:
    if text:
        await store.inbox.receive(message(text, number))
    (turn,) = await store.turns.claim(10, WEB)
    draft = turn.draft.apply(Text(f"re: {turn.messages[0].text}")).apply(Completed())
    await store.turns.answer(turn, draft, end, [Item("message", f"msg_{turn.id}", "{}")])  # type: ignore[arg-type]  # any end
    await store.turns.done(turn)
    return turn


async def test_turns_of_a_conversation_share_its_thread_until_it_is_closed(store: Store) -> None:
    one, two = await answered(store, "one", 1), await answered(store, "two", 2)
    first = await store.threads.open(one, "maru")
    assert first == await store.threads.open(two, "maru")
    assert (first.conversation, first.assistant, first.stale) == (ROOM, "maru", False)
    assert await store.threads.close(ROOM)
    assert not await store.threads.close(ROOM)
    three = await answered(store, "three", 3)
    second = await store.threads.open(three, "maru")
    assert second.id != first.id
    assert not three.first
    # A turn stays with the thread it began in.
    assert (await store.threads.open(one, "maru")).id == first.id


async def test_another_assistant_gets_a_thread_of_its_own(store: Store) -> None:
    one = await answered(store, "one", 1)
    first = await store.threads.open(one, "maru")
    await store.inbox.receive(message("two", 2))
    (two,) = await store.turns.claim(10, WEB)
    second = await store.threads.open(two, "cook")
    assert (second.id != first.id, second.assistant, second.thread_id) == (True, "cook", "")
    assert await store.threads.open(two, "cook") == second
    assert await store.threads.entries(second, two.id) == []
    # What has begun ends in its thread.
    begun = replace(two, checkpoint=Checkpoint(step=1))
    assert (await store.threads.open(begun, "law")).id == second.id


async def test_entries_are_what_was_said_before_in_order(store: Store) -> None:
    one, two = await answered(store, "one", 1), await answered(store, "two", 2)
    thread = await store.threads.open(two, "maru")
    before, _ = entries = await store.threads.entries(thread, two.id + 1)
    assert [entry.turn for entry in entries] == [one.id, two.id]
    assert (before.answer, before.outdated) == ("re: one", False)
    assert [m.text for m in before.messages] == ["one"]
    assert [item.remote_id for item in before.items] == [f"msg_{one.id}"]
    assert len(await store.threads.entries(thread, two.id)) == 1
    assert [entry.turn for entry in await store.threads.entries(thread, two.id + 1, 1)] == [two.id]


async def test_edits_and_deletes_reach_the_entries(store: Store) -> None:
    one, two = await answered(store, "one", 1), await answered(store, "two", 2)
    thread = await store.threads.open(two, "maru")
    await store.inbox.receive(edit("uno", 1))
    await store.inbox.receive(delete(2))
    (entry,) = await store.threads.entries(thread, two.id + 1)
    assert (entry.turn, entry.messages[0].text, entry.outdated) == (one.id, "uno", True)
    assert (await store.threads.open(two, "maru")).stale


async def test_attached_files_are_found_until_their_message_is_deleted_or_the_thread_closed(
    store: Store,
) -> None:
    one, two = Attachment("one.csv", digest="1" * 64), Attachment("two.csv", digest="2" * 64)
    await store.inbox.receive(message("one", 1, attachments=(one,)))
    await answered(store, "", 1)
    await store.inbox.receive(message("two", 2, attachments=(two,)))
    await store.turns.claim(1, WEB)
    assert await store.threads.attachments(ROOM) == [one, two]
    assert await store.threads.attachments("web:elsewhere") == []
    await store.inbox.receive(delete(1))
    assert await store.threads.attachments(ROOM) == [two]
    await store.threads.close(ROOM)
    assert await store.threads.attachments(ROOM) == []


async def test_copied_entries_are_no_longer_outdated(store: Store) -> None:
    one = await answered(store, "one", 1)
    await store.inbox.receive(edit("uno", 1))
    thread = await store.threads.open(one, "maru")
    await store.threads.copied(thread, one.id, [Item("message", "msg_new", "{}")])
    await store.threads.mark(thread, stale=False)
    (entry,) = await store.threads.entries(thread, one.id + 1)
    assert not entry.outdated
    assert [item.remote_id for item in entry.items] == ["msg_new"]
    assert not (await store.threads.open(one, "maru")).stale
    # For people the answer is still the one to the old question.
    (record,) = await store.archive.records(ROOM)
    assert record.outdated


async def test_a_replaced_answer_is_no_entry(store: Store) -> None:
    one = await answered(store, "one", 1)
    await store.inbox.receive(press("again", one.id))
    again = await answered(store, "", 1)
    thread = await store.threads.open(again, "maru")
    assert [entry.turn for entry in await store.threads.entries(thread, again.id + 1)] == [again.id]
    assert [record.turn.id for record in await store.archive.records(ROOM)] == [again.id]


async def test_a_stopped_turn_makes_its_thread_stale(store: Store) -> None:
    one = await answered(store, "one", 1, "stopped")
    assert (await store.threads.open(one, "maru")).stale


async def test_binding_to_a_new_conversation_voids_old_ids(store: Store) -> None:
    one = await answered(store, "one", 1)
    thread = await store.threads.bind(await store.threads.open(one, "maru"), "conv_1")
    assert thread.thread_id == "conv_1"
    assert await store.threads.open(one, "maru") == thread
    (entry,) = await store.threads.entries(thread, one.id + 1)
    assert [item.remote_id for item in entry.items] == [""]


async def test_what_was_made_is_named_until_it_is_gone(store: Store) -> None:
    await store.remotes.made([CONVERSATION, Remote("file", "file_1", ROOM, digest="d")])
    await store.remotes.made([CONVERSATION])
    assert await store.remotes.remote(ROOM) == [CONVERSATION, Remote("file", "file_1", ROOM, digest="d")]
    await store.remotes.gone([CONVERSATION])
    assert [remote.id for remote in await store.remotes.remote(ROOM)] == ["file_1"]


async def test_what_is_not_wanted_any_more_is_an_orphan_although_its_conversation_goes_on(
    store: Store,
) -> None:
    await answered(store, "one", 1)
    await store.remotes.made([CONVERSATION])
    assert await store.remotes.orphans() == []
    await store.remotes.unwanted([CONVERSATION])
    await answered(store, "two", 2)
    assert [remote.id for remote in await store.remotes.orphans()] == ["conv_1"]
    assert await store.remotes.remote(ROOM) == []
