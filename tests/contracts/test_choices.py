"""What every `Choices` promises."""

from dataclasses import replace

from bot.places import within
from storage.sqlite.store import Store
from tests.fakes.people import ROOM, message


async def test_the_first_place_with_a_choice_counts(store: Store) -> None:
    assert await store.choices.chosen(["a/b", "a"]) == ""
    await store.choices.choose("a", "cook")
    assert await store.choices.chosen(["a/b", "a"]) == "cook"
    await store.choices.choose("a/b", "law")
    assert await store.choices.chosen(["a/b", "a"]) == "law"
    assert await store.choices.chosen(["a/c", "a"]) == "cook"
    assert await store.choices.chosen([]) == ""


async def test_the_channel_of_a_conversation_is_that_of_its_newest_message(store: Store) -> None:
    assert await store.choices.channel(ROOM) == ""
    await store.inbox.receive(replace(message("hi", 1), channel="web:hall"))
    assert await store.choices.channel(ROOM) == "web:hall"
    assert within(ROOM, "web:hall") == [ROOM, "web:hall"]
    assert within("d:G/M", "d:G/C") == ["d:G/M", "d:G/C", "d:G"]
    assert within("s:T/C/1", "") == ["s:T/C/1", "s:T/C", "s:T"]


async def test_a_later_choice_takes_the_place_of_an_earlier_one(store: Store) -> None:
    await store.choices.choose("a", "cook")
    await store.choices.choose("a", "law")
    assert await store.choices.chosen(["a"]) == "law"
