"""What every `Parts`, `FileRows`, `Ledger` and `Archive` promises."""

from dataclasses import replace

from bot.events import File
from bot.knowledge.ports import Document, Upload
from bot.ports import Part, Remote, Stored
from storage.sqlite.store import Store
from tests.fakes.clock import ManualClock
from tests.fakes.people import BEN, ROOM, delete, message

WEB = {"web"}
FILE = File("d" * 64, "chart.png", "image/png", 10, "picture")


async def test_a_part_is_intended_then_posted_then_dropped(store: Store) -> None:
    turn = (await store.inbox.receive(message())).turn
    await store.parts.put(turn, Part(1, "", "hel"))
    await store.parts.put(turn, Part(0, "p0", "first"))
    await store.parts.put(turn, Part(1, "p1", "hello"))
    assert await store.parts.parts(turn) == [Part(0, "p0", "first"), Part(1, "p1", "hello")]
    await store.parts.drop(turn, 1)
    assert await store.parts.parts(turn) == [Part(0, "p0", "first")]


async def test_bytes_belong_to_each_conversation_that_has_them(store: Store) -> None:
    await store.files.own(ROOM, 0, FILE)
    await store.files.own("web:other", 0, FILE)
    assert sorted(await store.files.owner(FILE.digest)) == ["web:other", ROOM]
    assert await store.files.unowned([FILE.digest, "e" * 64]) == ["e" * 64]
    assert await store.files.forget(ROOM) == []
    assert await store.files.forget("web:other") == [FILE.digest]
    assert await store.files.owner(FILE.digest) == []


async def test_conversations_are_listed_newest_first_with_a_title(store: Store, clock: ManualClock) -> None:
    for number, text in enumerate(["first\nthing", "second thing"]):
        await store.inbox.receive(message(text, number, conversation=f"web:{number}"))
        await clock.advance(1)
    await store.inbox.receive(message("elsewhere", 9, conversation="slack:T1/C1"))
    listed = await store.archive.conversations("web:", 10)
    assert [(s.conversation, s.title, s.busy) for s in listed] == [
        ("web:1", "second thing", True),
        ("web:0", "first thing", True),
    ]
    await store.archive.rename("web:0", "  Plans  ")
    assert (await store.archive.conversations("web:0", 10))[0].title == "Plans"


async def test_a_conversation_is_known_until_it_is_forgotten(store: Store) -> None:
    """By its whole name: one that only begins with it is another one."""
    await store.inbox.receive(message("private", 1, conversation=f"{ROOM}/U1"))
    assert not await store.archive.known(ROOM)
    await store.inbox.receive(message("one", 2))
    assert await store.archive.known(ROOM)
    await store.archive.forget(ROOM, 9)
    assert not await store.archive.known(ROOM)
    assert await store.archive.known(f"{ROOM}/U1")


async def test_a_file_can_be_added_to_an_answer_that_is_over(store: Store) -> None:
    """Not while it is made: then its own draft has the say."""
    await store.inbox.receive(message("one", 1))
    (turn,) = await store.turns.claim(1, WEB)
    more = replace(turn, draft=replace(turn.draft, files=(FILE,)))
    await store.archive.attach(more, FILE)
    (record,) = await store.archive.records(ROOM)
    assert (record.turn.draft.files, await store.files.owner(FILE.digest)) == ((), [])
    await store.turns.answer(turn, turn.draft, "done")
    await store.turns.done(turn)
    for _ in range(2):
        await store.archive.attach(more, FILE)
    (record,) = await store.archive.records(ROOM)
    assert record.turn.draft.files == (FILE,)
    assert await store.files.owner(FILE.digest) == [ROOM]


async def test_the_conversation_of_an_answer_is_found_by_what_the_platform_calls_it(store: Store) -> None:
    await store.inbox.receive(message("one", 1))
    (turn,) = await store.turns.claim(1, WEB)
    await store.parts.put(turn.id, Part(1, "m1", "One."))
    await store.parts.put(turn.id, Part(2, "", "Two."))
    assert await store.archive.answered_in("web", ("m0", "m1")) == ROOM
    assert await store.archive.answered_in("web", ("m2",)) == ""
    assert await store.archive.answered_in("slack", ("m1",)) == ""
    await store.archive.forget(ROOM, 9)
    assert await store.archive.answered_in("web", ("m1",)) == ""


async def test_deleted_messages_leave_the_history(store: Store) -> None:
    await store.inbox.receive(message("one", 1))
    await store.inbox.receive(message("two", 2))
    await store.turns.claim(1, WEB)
    await store.inbox.receive(delete(1))
    (record,) = await store.archive.records(ROOM)
    assert [m.text for m in record.turn.messages] == ["two"]


async def test_history_is_read_from_its_end(store: Store) -> None:
    turns = []
    for number in range(4):
        turns.append((await store.inbox.receive(message(str(number), number))).turn)
        (turn,) = await store.turns.claim(1, WEB)
        await store.turns.answer(turn, turn.draft, "done")
        await store.turns.done(turn)
    newest = await store.archive.records(ROOM, limit=2)
    assert [record.turn.id for record in newest] == turns[2:]
    assert [record.last for record in newest] == [False, True]
    earlier = await store.archive.records(ROOM, limit=1, before=turns[2])
    assert [(record.turn.id, record.last) for record in earlier] == [(turns[1], False)]
    assert [record.turn.id for record in await store.archive.records(ROOM)] == turns


async def test_forgetting_erases_what_was_said_but_knows_the_identities(store: Store) -> None:
    await store.inbox.receive(message("one", 1))
    await store.inbox.receive(message("two", 2))
    assert await store.archive.forget(ROOM, 9) == 2
    assert await store.archive.records(ROOM) == []
    assert await store.archive.conversations("web:", 10) == []
    assert await store.turns.claim(10, WEB) == []
    assert not (await store.inbox.receive(message("one", 1))).new
    assert (await store.inbox.receive(message("three", 3))).new


async def test_what_is_asked_after_it_is_not_forgotten(store: Store) -> None:
    """A turn that came after the wish to forget stays, with its thread."""
    await store.inbox.receive(message("one", 1))
    (turn,) = await store.turns.claim(10, WEB)
    later = await store.inbox.receive(message("two", 2))
    assert await store.archive.forget(ROOM, turn.id) == 1
    (record,) = await store.archive.records(ROOM)
    assert record.turn.id == later.turn
    assert [one.text for one in record.turn.messages] == ["two"]
    assert [one.conversation for one in await store.archive.conversations("web:", 10)] == [ROOM]


async def test_what_lies_at_the_service_is_measured_from_when_to_when(
    store: Store, clock: ManualClock
) -> None:
    """Also once it is deleted there, and once its bytes are forgotten here."""
    begun = clock.now()
    await store.inbox.receive(message())
    await store.files.own(ROOM, 0, FILE)
    there = Remote("file", "file-1", ROOM, digest=FILE.digest)
    await store.remotes.made([there, Remote("conversation", "conv_1", ROOM)])
    await clock.advance(100)
    await store.ledger.measure()
    assert await store.ledger.stored(0.0) == [Stored("file", ROOM, 10, begun, begun + 100)]
    assert await store.files.forget(ROOM) == [FILE.digest]
    await store.remotes.unwanted([there])
    await store.ledger.measure()
    await clock.advance(100)
    await store.remotes.gone([there])
    await clock.advance(100)
    await store.ledger.measure()
    assert await store.ledger.stored(0.0) == [Stored("file", ROOM, 10, begun, begun + 200)]
    assert await store.ledger.stored(begun + 250) == []


async def test_a_persons_conversations_are_those_they_wrote_in(store: Store) -> None:
    await store.inbox.receive(message("mine", 1, conversation="web:1"))
    await store.inbox.receive(message("theirs", 2, conversation="web:2", author=BEN))
    listed = await store.archive.conversations("web:", 10, BEN.id)
    assert [summary.conversation for summary in listed] == ["web:2"]


async def test_a_conversation_begins_with_its_first_position(store: Store) -> None:
    assert await store.archive.begun(ROOM) == ""
    await store.inbox.receive(message("later", 2))
    await store.inbox.receive(message("first", 1))
    assert await store.archive.begun(ROOM) == "00000001"


async def test_what_lies_in_vector_stores_is_measured_file_by_file(store: Store, clock: ManualClock) -> None:
    """From when it is there until it is replaced or removed."""
    begun = clock.now()
    document = Document("rules.md", "d" * 64, "Rules", "en", ())
    await store.uploads.open("docs", "vs_1")
    await store.uploads.add(Upload("file-1", "docs", document))
    await store.ledger.measure()
    assert await store.ledger.stored(0.0) == []
    await store.uploads.settle("file-1", 1_000)
    await clock.advance(100)
    await store.uploads.add(Upload("file-2", "docs", document))
    await store.uploads.settle("file-2", 2_000)
    await store.ledger.measure()
    await clock.advance(100)
    await store.uploads.close("docs")
    await store.ledger.measure()
    assert await store.ledger.stored(0.0) == [
        Stored("vector_store", "knowledge:docs", 2_000, begun + 100, begun + 200)
    ]


async def test_a_store_is_let_go_of_only_while_nothing_is_meant_for_it(store: Store) -> None:
    """Another process may upload a document just when the last one is removed."""
    document = Document("rules.md", "d" * 64, "Rules", "en", ())
    assert await store.uploads.close_empty("docs") == ""
    await store.uploads.open("docs", "vs_1")
    await store.uploads.add(Upload("file-1", "docs", document))
    assert await store.uploads.close_empty("docs") == ""
    assert await store.uploads.stores() == {"docs": "vs_1"}
    await store.uploads.discard("file-1")
    assert await store.uploads.close_empty("docs") == "vs_1"
    assert await store.uploads.stores() == {}
    assert {remote.id for remote in await store.remotes.orphans()} == {"file-1", "vs_1"}


async def test_an_upload_from_before_a_crash_is_known_until_it_is_indexed(store: Store) -> None:
    document = Document("rules.md", "d" * 64, "Rules", "en", ())
    assert await store.uploads.waiting("docs", document) == ""
    await store.uploads.add(Upload("file-1", "docs", document))
    assert await store.uploads.waiting("docs", document) == "file-1"
    assert await store.uploads.waiting("docs", replace(document, digest="e" * 64)) == ""
    assert await store.uploads.waiting("law", document) == ""
    await store.uploads.settle("file-1", 10)
    assert await store.uploads.waiting("docs", document) == ""
