"""So many answers grow at the same time, and more are posted whole."""

from bot.growth_limit import GrowthLimit


def test_one_more_may_grow_when_another_is_over() -> None:
    growing = GrowthLimit(2)
    assert [growing.begin(), growing.begin(), growing.begin()] == [True, True, False]
    growing.end()
    assert growing.begin()


def test_without_limits_all_may() -> None:
    growing = GrowthLimit(0, on=False)
    assert growing.begin()
