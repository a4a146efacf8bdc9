"""What every `Installations` promises."""

from storage.sqlite.store import Store
from tests.contracts.conftest import Open


async def test_an_installation_is_replaced_and_deleted_by_place_and_app(open_store: Open) -> None:
    async with open_store() as store:
        await store.installations.save("app", "T1", "old")
        await store.installations.save("app", "T1", "new")
        await store.installations.save("app", "E1", "company")
        await store.installations.save("other", "T1", "theirs")
        await store.installations.join("app", "T2", "E1")
    async with open_store() as store:
        assert await store.installations.places("app") == {"T1": "new", "E1": "company"}
        await store.installations.join("app", "T3", "E1")
        await store.installations.leave("app", "T3")
        assert await store.installations.members("app") == {"T2": "E1"}
        await store.installations.delete("app", "E1")
        await store.installations.delete("app", "T1")
        assert await store.installations.members("app") == {}
        assert await store.installations.find("app", "T1") is None
        assert await store.installations.find("other", "T1") == "theirs"


async def test_a_state_is_good_once_and_for_a_while(store: Store) -> None:
    await store.installations.issue("one", 10.0)
    await store.installations.issue("late", 10.0)
    assert await store.installations.consume("one", 9.0)
    assert not await store.installations.consume("one", 9.0)
    assert not await store.installations.consume("never issued", 9.0)
    assert not await store.installations.consume("late", 10.0)
