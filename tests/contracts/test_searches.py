"""What every `Searches` promises."""

from collections.abc import Sequence
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.events import Source
from bot.messages import Author, Delete, Message, Press
from bot.ports import Gap
from bot.turns import Draft, Turn
from storage.sqlite.store import Store
from tests.fakes.clock import ManualClock

COUNT = count(1)
ANN = Author("slack:T1/U1", "Ann")


async def claimed(store: Store, key: str, text: str, conversation: str = "slack:T1/C1/1") -> Turn:
    """A turn that is being answered, for one message."""
    message = Message(conversation, (key,), key, ANN, text, 0.0)
    receipt = await store.inbox.receive(message)
    turns: Sequence[Turn] = await store.turns.claim(10, ["slack"])
    (turn,) = [turn for turn in turns if turn.id == receipt.turn]
    return turn


async def answered(
    store: Store, key: str, text: str, found: dict[str, bool] | None = None, *sources: Source
) -> Turn:
    """A turn that is answered after a search; None did not search."""
    turn = await claimed(store, key, text)
    await store.threads.open(turn, "maru")
    if found is not None:
        await store.searches.note(turn.id, found)
    await store.turns.answer(turn, Draft(f"Answer {key}.", sources=sources, end="done"), "done")
    await store.turns.done(turn)
    return turn


async def remembered(store: Store, turn: Turn) -> list[str]:
    thread = await store.threads.open(turn, "maru")
    return [entry.answer for entry in await store.threads.entries(thread, turn.id)]


async def gaps(store: Store, since: float = 0.0) -> list[tuple[str, str]]:
    return [(gap.question, gap.why) for gap in await store.searches.gaps(since)]


async def test_what_may_still_be_known_stays_in_the_thread(store: Store) -> None:
    """Whatever was searched without finding anything does not matter."""
    await answered(store, "1", "Hello")
    await answered(store, "2", "Trains?", {"open": True, "secret": False})
    turn = await claimed(store, "3", "And planes?")
    assert not await store.searches.withdraw(turn, ["open"])
    assert await remembered(store, turn) == ["Answer 1.", "Answer 2."]


async def test_a_withdrawn_source_takes_its_answer_and_what_followed_along(store: Store) -> None:
    """What came before goes into the new thread, which is the same assistant's."""
    await answered(store, "1", "Hello")
    await answered(store, "2", "Salaries?", {"secret": True})
    await answered(store, "3", "Say that again.")
    turn = await claimed(store, "4", "And now?")
    before = await store.threads.open(turn, "maru")
    assert await store.searches.withdraw(turn, ["open"])
    after = await store.threads.open(turn, "maru")
    assert after.id != before.id
    assert (after.thread_id, after.assistant) == ("", "maru")
    assert await remembered(store, turn) == ["Answer 1."]
    assert not await store.searches.withdraw(turn, ["open"])


async def test_what_was_found_once_stays_found(store: Store) -> None:
    """A second search of the same turn that finds nothing does not undo the first."""
    turn = await answered(store, "1", "Salaries?", {"secret": True})
    await store.searches.note(turn.id, {"secret": False})
    assert await store.searches.withdraw(await claimed(store, "2", "Again?"), [])


NAMES = st.frozensets(st.sampled_from(["open", "law", "pay"]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(talk=st.lists(st.tuples(NAMES, NAMES), max_size=8))
async def test_nothing_is_known_that_may_not_be(
    store: Store, talk: list[tuple[frozenset[str], frozenset[str]]]
) -> None:
    """However access and what is found change: only what came before the first withdrawn answer stays."""
    conversation = f"slack:T1/C1/{next(COUNT)}"
    known: list[tuple[str, frozenset[str]]] = []  # answers in the thread, with what they may come from
    for allowed, found in talk:
        turn = await claimed(store, f"{conversation}/{next(COUNT)}", "And?", conversation)
        await store.searches.withdraw(turn, allowed)
        first = next((place for place, (_, used) in enumerate(known) if not used <= allowed), len(known))
        known = known[:first]
        assert await remembered(store, turn) == [answer for answer, _ in known]
        await store.searches.note(turn.id, dict.fromkeys(found & allowed, True))
        answer = f"Answer {turn.id}."
        await store.turns.answer(turn, Draft(answer, end="done"), "done")
        await store.turns.done(turn)
        known.append((answer, found & allowed))


async def test_what_was_reset_meanwhile_stays_so(store: Store) -> None:
    """The turn was taken up before the reset, so it is answered with what came before it, and alone."""
    await answered(store, "1", "Hello")
    await answered(store, "2", "Salaries?", {"secret": True})
    turn = await claimed(store, "3", "And now?")
    await store.threads.close(turn.conversation)
    assert await store.searches.withdraw(turn, [])
    assert await remembered(store, turn) == ["Answer 1."]
    await store.turns.answer(turn, Draft("Answer 3.", end="done"), "done")
    await store.turns.done(turn)
    assert await remembered(store, await claimed(store, "4", "Who are you?")) == []


async def test_other_conversations_keep_their_threads(store: Store) -> None:
    await answered(store, "1", "Salaries?", {"secret": True})
    other = await claimed(store, "2", "Hello", "slack:T1/C1/2")
    assert not await store.searches.withdraw(other, [])


async def test_a_turn_that_was_forgotten_meanwhile_is_no_error(store: Store) -> None:
    await store.searches.note(99, {"open": True})
    assert await store.searches.gaps(0.0) == []


async def test_questions_without_a_source_are_gaps(store: Store, clock: ManualClock) -> None:
    """Newest first, with what was searched; those that were answered from a source are none."""
    await answered(store, "1", "Hello")
    await answered(store, "2", "Trains?", {"open": True}, Source("open:a.md#0", "Trains"))
    await answered(store, "3", "Planes?", {"open": True})
    await clock.advance(60)
    turn = await answered(store, "4", "Ships?", {"open": False, "more": False})
    await answered(store, "5", "Submarines?", {})
    assert await gaps(store) == [
        ("Submarines?", "nothing"),
        ("Ships?", "nothing"),
        ("Planes?", "unanswered"),
    ]
    assert await gaps(store, clock.now()) == [("Submarines?", "nothing"), ("Ships?", "nothing")]
    assert (await store.searches.gaps(0.0))[1] == Gap(
        turn=turn.id,
        conversation="slack:T1/C1/1",
        author=ANN.id,
        question="Ships?",
        private=False,
        why="nothing",
        collections=("more", "open"),
        asked_at=clock.now(),
    )


async def test_what_was_thumbed_down_is_a_gap(store: Store) -> None:
    """Whether documents were searched for it or not, also when it is asked again."""
    first = await answered(store, "1", "Trains?", {"open": True}, Source("open:a.md#0", "Trains"))
    second = await answered(store, "2", "Jokes?")
    for turn in (first, second):
        await store.inbox.receive(Press(turn.conversation, turn.id, "unhelpful", ANN))
    assert await gaps(store) == [("Jokes?", "unhelpful"), ("Trains?", "unhelpful")]
    await store.inbox.receive(Press(second.conversation, second.id, "again", ANN))
    assert await gaps(store) == [("Jokes?", "unhelpful"), ("Trains?", "unhelpful")]


async def test_what_was_deleted_or_forgotten_is_no_gap(store: Store) -> None:
    """Nothing of the words is left."""
    await answered(store, "1", "Trains?", {"open": False})
    await answered(store, "2", "Planes?", {"open": False})
    await store.inbox.receive(Delete("slack:T1/C1/1", ("1",)))
    assert await gaps(store) == [("Planes?", "nothing")]
    await store.archive.forget("slack:T1/C1/1", 99)
    assert await gaps(store) == []
