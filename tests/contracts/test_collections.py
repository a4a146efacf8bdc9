"""What every `Collections` promises."""

from dataclasses import replace

from bot.events import File
from bot.ports import Addition, Collection, Problem
from storage.sqlite.store import Store
from tests.contracts.conftest import Open
from tests.fakes.clock import ManualClock

RULES = Collection(
    "규정",
    sources=("/docs", "/more/**/*.md"),
    base_url="https://wiki.example.com",
    owner="Mina",
    readers=("slack:T1/U1",),
    channels=("slack:T1/C1",),
    every=30.0,
)


def added(name: str, content: str, author: str = "slack:T1/U1") -> Addition:
    return Addition(name, File(content * 64, name, "text/markdown", 7), author)


async def test_a_collection_is_kept_as_it_was_put(open_store: Open) -> None:
    """Also after a restart, by name."""
    async with open_store() as store:
        await store.collections.put(RULES)
        await store.collections.put(Collection("a"))
    async with open_store() as store:
        assert await store.collections.every() == [Collection("a"), RULES]


async def test_a_change_leaves_what_was_synced(store: Store, clock: ManualClock) -> None:
    """Its time and its problems."""
    await store.collections.put(RULES)
    await store.collections.synced("규정", [Problem("b.md", "is empty."), Problem("a.md", "is broken.")])
    await store.collections.put(replace(RULES, owner="Jun"))
    (kept,) = await store.collections.every()
    assert kept == replace(RULES, owner="Jun", synced_at=clock.now())
    assert await store.collections.problems("규정") == [
        Problem("a.md", "is broken."),
        Problem("b.md", "is empty."),
    ]
    await store.collections.synced("규정", [])
    assert await store.collections.problems("규정") == []


async def test_a_collection_without_a_row_gets_one_when_something_is_known_of_it(store: Store) -> None:
    """The built-in one has none before."""
    await store.collections.synced("handbook", [])
    await store.collections.add("more", added("a.md", "a"))
    assert [collection.name for collection in await store.collections.every()] == ["handbook", "more"]


async def test_an_added_document_owns_its_bytes(store: Store, clock: ManualClock) -> None:
    """Until it is dropped, or another takes its path."""
    await store.collections.add("docs", added("a.md", "a"))
    assert await store.collections.add("docs", added("b.md", "b")) == []
    assert await store.collections.additions("docs") == [
        replace(added("a.md", "a"), added_at=clock.now()),
        replace(added("b.md", "b"), added_at=clock.now()),
    ]
    assert await store.files.unowned(["a" * 64, "c" * 64]) == ["c" * 64]
    assert await store.collections.add("docs", added("a.md", "c")) == ["a" * 64]
    assert await store.collections.add("docs", added("a.md", "c")) == []
    assert await store.collections.drop("docs", "a.md") == ["c" * 64]
    assert await store.collections.drop("docs", "a.md") == []
    assert [addition.path for addition in await store.collections.additions("docs")] == ["b.md"]


async def test_bytes_that_somebody_else_owns_stay(store: Store) -> None:
    """A conversation, or another collection."""
    addition = added("a.md", "a")
    await store.files.own("web:general", 0, addition.file)
    await store.collections.add("docs", addition)
    await store.collections.add("more", addition)
    assert await store.collections.drop("docs", "a.md") == []
    assert await store.files.forget("web:general") == []
    assert await store.collections.remove("more") == ["a" * 64]


async def test_a_removed_collection_leaves_nothing(store: Store) -> None:
    """Whoever makes one of the same name begins anew."""
    await store.collections.put(RULES)
    await store.collections.synced("규정", [Problem("a.md", "is broken.")])
    await store.collections.add("규정", added("a.md", "a"))
    assert await store.collections.remove("규정") == ["a" * 64]
    assert await store.collections.remove("규정") == []
    assert await store.collections.every() == []
    await store.collections.put(Collection("규정"))
    assert await store.collections.problems("규정") == []
    assert await store.collections.additions("규정") == []


async def test_one_at_a_time_is_alone_with_a_collection(open_store: Open) -> None:
    """Others may be alone with another one meanwhile, and with this one afterwards."""
    async with open_store() as store, open_store() as other:
        async with store.collections.alone("a/b") as first:
            async with other.collections.alone("a/b") as second, other.collections.alone("c") as third:
                assert (first, second, third) == (True, False, True)
            async with other.collections.alone("a/b") as again:
                assert not again
        async with other.collections.alone("a/b") as later:
            assert later
