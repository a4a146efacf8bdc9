"""What every `Choices` promises."""

from storage.sqlite.store import Store


async def test_the_first_place_with_a_choice_counts(store: Store) -> None:
    assert await store.choices.chosen(["a/b", "a"]) == ""
    await store.choices.choose("a", "cook")
    assert await store.choices.chosen(["a/b", "a"]) == "cook"
    await store.choices.choose("a/b", "law")
    assert await store.choices.chosen(["a/b", "a"]) == "law"
    assert await store.choices.chosen(["a/c", "a"]) == "cook"
    assert await store.choices.chosen([]) == ""


async def test_a_later_choice_takes_the_place_of_an_earlier_one(store: Store) -> None:
    await store.choices.choose("a", "cook")
    await store.choices.choose("a", "law")
    assert await store.choices.chosen(["a"]) == "law"
