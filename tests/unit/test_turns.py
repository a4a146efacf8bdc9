"""A draft after each event: what is shown of an answer while it grows, and when it has ended."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import (
    Activity,
    Call,
    Calls,
    Citation,
    Completed,
    Event,
    Failed,
    File,
    FileMade,
    Restarted,
    Source,
    Started,
    Stopped,
    Text,
)
from bot.text import settled
from bot.turns import Draft, Mark, Question, Turn
from tests.fakes.people import ANN, BEN, message

HANDBOOK = Source("handbook#1", "Handbook", "Leave")
WIKI = Source("wiki#1", "Wiki")
CHART = File("d1", "chart.png", "image/png", 10, "picture")
TABLE = File("d2", "table.csv", "text/csv", 20)
CALL = Call("call-1", "weather", "{}")
ASKING = Draft(text="Half", activity=Activity("waiting"), questions=(Question(CALL, 9.0),))

PIECES = [
    "word ",
    "단어 ",
    "漢字",
    "*",
    "**",
    "`",
    "```\n",
    "\n",
    "\n\n",
    "[",
    "](",
    ")",
    "| a |\n",
    "|---|\n",
    "- ",
    "# ",
]
SOURCES = st.sampled_from([HANDBOOK, WIKI])
GROWING = st.one_of(
    st.sampled_from(PIECES).map(Text),
    st.builds(Citation, SOURCES, st.integers(-1, 60)),
    st.sampled_from(
        [Activity("searching"), Started("resp_1"), FileMade(CHART), FileMade(TABLE, "sandbox:/t")]
    ),
    st.just(Calls((CALL,))),
)
ENDS = st.sampled_from([Completed(), Completed(note="cut"), Stopped(), Failed("broken", "")])


def draft(*events: Event) -> Draft:
    """What the events add up to."""
    found = Draft()
    for event in events:
        found = found.apply(event)
    return found


# -- event by event ----------------------------------------------------------------------------


def test_text_is_added_and_ends_what_was_being_done() -> None:
    assert draft(Text("Hel"), Activity("searching"), Text("lo")) == Draft(text="Hello")


def test_an_activity_is_shown_until_the_next() -> None:
    assert draft(Activity("thinking"), Activity("python")).activity == Activity("python")


def test_an_id_changes_nothing_that_is_shown() -> None:
    assert draft(Text("Hello"), Started("resp_1")) == draft(Text("Hello"))


def test_a_source_is_listed_once_and_numbered_by_its_first_mark() -> None:
    """However often, and in whatever order of places, it is cited."""
    found = draft(
        Text("One. "), Citation(WIKI), Text("Two. "), Citation(HANDBOOK), Text("Three. "), Citation(WIKI)
    )
    assert found.sources == (WIKI, HANDBOOK)
    assert found.marks == (Mark(5, 1), Mark(10, 2), Mark(17, 1))


def test_marks_stand_in_the_order_of_their_places() -> None:
    found = draft(Text("One two three four"), Citation(WIKI), Citation(HANDBOOK, 14))
    assert found.marks == (Mark(14, 2), Mark(18, 1))


def test_the_same_mark_is_set_once() -> None:
    assert draft(Text("One "), Citation(WIKI), Citation(WIKI)).marks == (Mark(4, 1),)


def test_a_place_counts_from_the_beginning_of_its_step() -> None:
    """The engine knows of no earlier step; a place behind the text is its end."""
    found = draft(
        Text("First."), Calls((CALL,)), Text("Second one"), Citation(WIKI, 10), Citation(HANDBOOK, 99)
    )
    assert found.text == "First.\n\nSecond one"
    assert found.marks == (Mark(18, 1), Mark(18, 2))


def test_a_mark_that_comes_late_stands_where_nothing_was_sent_yet() -> None:
    """Its own place may be in an append-only stream already."""
    text = "The first sentence is long. The se"
    assert draft(Text(text), Citation(WIKI, 5)).marks == (Mark(settled(text), 1),)


def test_a_file_is_listed_once() -> None:
    """By content and name; the address in the text is remembered."""
    found = draft(
        FileMade(CHART), FileMade(CHART, "sandbox:/mnt/chart.png"), FileMade(replace(CHART, name="copy.png"))
    )
    assert [file.name for file in found.files] == ["chart.png", "copy.png"]
    assert found.links == (("sandbox:/mnt/chart.png", "d1"),)


def test_what_is_said_before_calls_is_a_paragraph_of_its_own() -> None:
    found = draft(Text("I look it up."), Calls((CALL,)), Text("It rains."))
    assert found.text == "I look it up.\n\nIt rains."
    assert found.step_start == len("I look it up.\n\n")


def test_calls_without_words_leave_no_gap() -> None:
    assert draft(Activity("thinking"), Calls((CALL,))) == Draft()


def test_a_restart_takes_back_what_the_step_said() -> None:
    """Earlier steps keep their text, marks and sources; a source is not numbered twice."""
    earlier = draft(Text("First. "), Citation(WIKI), Text("More."), Calls((CALL,)))
    again: list[Event] = [Text("Second."), Citation(HANDBOOK)]
    found = earlier
    for event in (*again, Activity("searching"), Restarted()):
        found = found.apply(event)
    assert found == earlier
    for event in again:
        found = found.apply(event)
    assert found.sources == (WIKI, HANDBOOK)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Completed(note="filtered"), Draft(text="Half", end="done", note="filtered")),
        (Stopped(), Draft(text="Half", end="stopped")),
        (Failed("quota", "402"), Draft(text="Half", end="failed", reason="quota")),
    ],
)
def test_an_end_keeps_the_text_and_says_how_it_ended(event: Event, expected: Draft) -> None:
    """Nothing is being done or asked any more."""
    assert ASKING.apply(event) == expected


# -- for every answer --------------------------------------------------------------------------


@given(st.lists(GROWING, max_size=30), ENDS)
def test_what_is_settled_stays(events: list[Event], end: Event) -> None:
    """Its length never shrinks and its text never changes, so that a stream may send it."""
    found = Draft()
    for event in (*events, end):
        before, found = found, found.apply(event)
        assert found.settled >= before.settled
        assert found.text.startswith(before.text[: before.settled])
    assert found.settled == len(found.text)


@given(st.lists(GROWING, max_size=30), SOURCES, st.integers(-1, 60))
def test_a_mark_never_lands_in_settled_text(events: list[Event], source: Source, position: int) -> None:
    """Nor behind the end; those that stood there before do not move."""
    before = draft(*events)
    after = before.apply(Citation(source, position))
    new = [mark for mark in after.marks if mark not in before.marks]
    assert [mark for mark in after.marks if mark not in new] == list(before.marks)
    assert all(before.settled <= mark.position <= len(before.text) for mark in new)


@given(st.lists(GROWING, max_size=30))
def test_marks_are_in_order_within_the_text_and_name_a_source(events: list[Event]) -> None:
    found = draft(*events)
    places = [mark.position for mark in found.marks]
    assert places == sorted(places)
    assert all(0 <= place <= len(found.text) for place in places)
    assert {mark.number for mark in found.marks} == set(range(1, len(found.sources) + 1))


@given(
    st.lists(GROWING, max_size=20),
    st.lists(GROWING.filter(lambda event: not isinstance(event, Calls)), max_size=20),
)
def test_a_replayed_step_says_the_same(earlier: list[Event], step: list[Event]) -> None:
    """A resumed response comes again from its beginning."""
    begun = draft(*earlier, Calls((CALL,)))
    once = begun
    for event in step:
        once = once.apply(event)
    twice = once.apply(Restarted())
    for event in step:
        twice = twice.apply(event)
    assert (twice.text, twice.sources, twice.marks, twice.files) == (
        once.text,
        once.sources,
        once.marks,
        once.files,
    )


# -- turns -------------------------------------------------------------------------------------


def test_a_turn_is_its_last_message_for_the_platform() -> None:
    """Who asked last is answered, where they asked."""
    turn = Turn(12, "web:room", (message(number=1), message(number=2, author=BEN, origin='{"place": 2}')))
    assert (turn.reference, turn.author, turn.origin) == ("T12", BEN, '{"place": 2}')
    assert turn.messages[0].author == ANN
