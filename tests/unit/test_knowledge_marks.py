"""Marks in a model's text become citations, however the text comes in."""

import json
from collections.abc import AsyncGenerator, Iterable

from hypothesis import given
from hypothesis import strategies as st

from bot.events import Call, Calls, Citation, Completed, Event, Outcome, Restarted, Source, Stopped, Text
from bot.functions import SEARCH
from bot.knowledge.marks import Shown, cited
from bot.turns import Checkpoint, Draft

LEAVE, LUNCH = Source("docs:leave.md#0", "Leave"), Source("docs:lunch.md#0", "Lunch")


def shown() -> tuple[Shown, str, str]:
    passages = Shown()
    return passages, passages.mark("c", LEAVE), passages.mark("c", LUNCH)


async def draft(passages: Shown, events: Iterable[Event], conversation: str = "c") -> Draft:
    """What people see of these events of a model."""

    async def said() -> AsyncGenerator[Event, None]:
        for event in events:
            yield event

    seen = Draft()
    async for event in cited(said(), lambda key: passages.source(conversation, key)):
        seen = seen.apply(event)
    return seen


def marked(seen: Draft) -> str:
    """The text with numbers where its marks are."""
    text = seen.text
    for mark in reversed(seen.marks):
        text = f"{text[: mark.position]}[{mark.number}]{text[mark.position :]}"
    return text


@given(st.lists(st.integers(1, 30), max_size=30))
async def test_however_it_is_cut_the_answer_is_the_same(lengths: list[int]) -> None:
    """A mark may come in any number of pieces."""
    passages, leave, lunch = shown()
    text = f"15일이에요 {leave}. Noon{lunch}{leave}, 【공지】 stays.{lunch}"
    events: list[Event] = []
    for length in lengths:
        events.append(Text(text[:length]))
        text = text[length:]
    seen = await draft(passages, [*events, Text(text), Completed()])
    assert marked(seen) == "15일이에요[1]. Noon[2][1], 【공지】 stays.[2]"
    assert seen.sources == (LEAVE, LUNCH)


PIECES = st.lists(
    st.one_of(st.integers(0, 5), st.sampled_from(["Noon", " 15일 ", "\n\n- ", "【공지】", "【k"]))
)


@given(PIECES, st.integers(1, 9))
async def test_each_source_is_listed_once_in_the_order_of_its_first_mark(
    pieces: list[int | str], length: int
) -> None:
    """Whatever stands between the marks, and whichever of them name nothing."""
    known = [Source(f"docs:{number}.md#0", f"Page {number}") for number in range(4)]
    passages = Shown()
    marks = [passages.mark("c", source) for source in known] + ["【k00000000】", passages.mark("d", LEAVE)]
    text = "".join(marks[piece] if isinstance(piece, int) else piece for piece in pieces)
    cut = [Text(text[at : at + length]) for at in range(0, len(text), length)]
    seen = await draft(passages, [*cut, Completed()])
    cited: list[Source] = []
    here: set[int] = set()  # a number stands once in one place
    for piece in pieces:
        if isinstance(piece, str):
            here.clear()
        elif piece < len(known) and piece not in here:
            cited.append(known[piece])
            here.add(piece)
    assert list(seen.sources) == list(dict.fromkeys(cited))
    assert [seen.sources[mark.number - 1] for mark in seen.marks] == cited
    assert [mark.position for mark in seen.marks] == sorted(mark.position for mark in seen.marks)
    for mark in marks:
        assert mark not in seen.text


async def test_several_keys_in_one_pair_of_brackets_are_several_sources() -> None:
    """Models like to gather them."""
    passages, leave, lunch = shown()
    seen = await draft(passages, [Text(f"Both {leave[:-1]}, {lunch[1:]}."), Completed()])
    assert marked(seen) == "Both[1][2]."


async def test_an_invented_mark_is_not_seen() -> None:
    """It would lead nowhere."""
    passages, _, _ = shown()
    seen = await draft(passages, [Text("Yes 【k00000000】."), Completed()])
    assert (seen.text, seen.sources) == ("Yes.", ())


async def test_a_passage_of_another_conversation_is_no_source() -> None:
    """What was shown there may not be known here."""
    passages, leave, _ = shown()
    seen = await draft(passages, [Text(f"Yes {leave}."), Completed()], "other")
    assert (seen.text, seen.sources) == ("Yes.", ())


def test_after_a_crash_the_passages_are_known_from_the_checkpoint() -> None:
    """What the model was shown before is in the outcome of its call."""
    before = Shown()
    source = Source("docs:leave.md#0", "Leave", "Days", "https://example.com", "15 days.")
    told = json.dumps({"passages": [before.told("c", source)]})
    checkpoint = Checkpoint(calls=(Call("1", SEARCH, "{}"),), outcomes=(Outcome("1", "done", told),))
    after = Shown()
    after.recall("c", checkpoint)
    key = before.mark("c", source).strip("【】")
    assert after.source("c", key) == source


def test_a_failed_search_shows_nothing() -> None:
    """Its outcome is an error."""
    checkpoint = Checkpoint(
        calls=(Call("1", SEARCH, "{}"),), outcomes=(Outcome("1", "failed", '{"error": "no"}'),)
    )
    shown = Shown()
    shown.recall("c", checkpoint)
    assert shown.source("c", "k00000000") is None


async def test_brackets_that_never_close_are_text() -> None:
    """Nothing the model wrote is lost at the end, whichever end it is."""
    passages, _, _ = shown()
    for end in (Completed(), Stopped(), Calls(())):
        seen = await draft(passages, [Text("See 【k12"), end])
        assert seen.text.rstrip("\n") == "See 【k12"


async def test_what_is_said_anew_is_cited_anew() -> None:
    """Half a mark from before is forgotten."""
    passages, leave, _ = shown()
    seen = await draft(passages, [Text("Old 【k1"), Restarted(), Text(f"New{leave}."), Completed()])
    assert marked(seen) == "New[1]."


async def test_citations_of_the_service_stay_where_they_belong() -> None:
    """Their positions count the marks that are gone."""
    passages, leave, _ = shown()
    web = Source("https://example.com", "Example")
    text = f"One {leave} two"
    events: list[Event] = [Text(text), Citation(web, len(text)), Text(" three"), Completed()]
    assert marked(await draft(passages, events)) == "One[1] two[2] three"
