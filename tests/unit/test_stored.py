"""What lies at the model service costs by GB and day; what is free is shared."""

import pytest

from bot.ports import Stored
from bot.prices import Prices, load
from bot.stored import DAY, GB, kept
from bot.usage import lines, report

START = 20_000 * DAY


@pytest.fixture
def prices() -> Prices:
    return load()


def store(owner: str, gb: float, begin: float, end: float) -> Stored:
    return Stored("vector_store", owner, int(gb * GB), START + begin * DAY, START + end * DAY)


def costs(
    prices: Prices, *stored: Stored, since: float = 0.0, now: float = 10.0
) -> dict[str, tuple[float, float]]:
    found = kept(prices, stored, START + since * DAY, START + now * DAY)
    return {one.owner: (round(one.gb_days, 6), round(one.cost.dollars, 6)) for one in found}


def test_the_first_gigabyte_costs_nothing(prices: Prices) -> None:
    assert costs(prices, store("docs", 0.5, 0, 10)) == {"docs": (5.0, 0.0)}


def test_what_is_above_it_costs_by_the_day(prices: Prices) -> None:
    assert costs(prices, store("docs", 3, 0, 10)) == {"docs": (30.0, 2.0)}


def test_what_is_free_is_shared_by_all(prices: Prices) -> None:
    """Three GB of four are charged."""
    assert costs(prices, store("docs", 3, 0, 1), store("web:c", 1, 0, 1)) == {
        "docs": (3.0, 0.225),
        "web:c": (1.0, 0.075),
    }


def test_only_the_time_that_is_asked_for_counts(prices: Prices) -> None:
    """Also where it begins or ends within a day, and where something grew."""
    grown = store("docs", 2, -5, 0.5), store("docs", 3, 0.5, 20)
    assert costs(prices, *grown, since=0.25, now=0.75) == {"docs": (1.25, 0.075)}
    assert costs(prices, store("docs", 3, -9, -1)) == {}


def test_what_is_free_on_one_day_does_not_help_on_another(prices: Prices) -> None:
    """Two GB for a day and none on the next is one GB charged."""
    assert costs(prices, store("docs", 2, 0, 1), now=2) == {"docs": (2.0, 0.1)}


def test_without_a_price_it_is_named(prices: Prices) -> None:
    unknown = prices.model_copy(update={"storage": prices.storage.model_copy(update={"vector_stores": None})})
    [one] = kept(unknown, [store("docs", 2, 0, 1)], START, START + DAY)
    assert one.cost.unpriced == {"storage of vector stores"}


def test_it_stands_in_the_sums_and_in_the_report(prices: Prices) -> None:
    found = kept(prices, [store("web:c", 2, 0, 10), store("docs", 1, 0, 10)], START, START + 10 * DAY)
    here, docs = lines(prices, [], "conversation", found)
    assert (here.name, here.cost.amount, round(here.gb_days)) == ("web:c", "$1.33", 20)
    assert (docs.name, docs.cost.amount, round(docs.gb_days)) == ("docs", "$0.67", 10)
    [together] = lines(prices, [], "person", found)
    assert (together.name, together.cost.amount, round(together.gb_days)) == ("(storage)", "$2.00", 30)
    told = report(prices, [], "web:c", "web:ann", "en", stored=found)
    assert "this conversation: $1.33 (0 tokens read, 0 written, stored there: 20 GB × days)" in told
    assert "everywhere: nothing" in told


@pytest.mark.parametrize(
    ("gb", "told"), [(1e-7, "<0.001 GB"), (0.0123, "0.0123 GB"), (12_345.6, "12,346 GB")]
)
def test_how_much_lies_there_is_told_without_an_exponent(prices: Prices, gb: float, told: str) -> None:
    found = kept(prices, [store("web:c", gb, 0, 1)], START, START + DAY)
    assert f"stored there: {told} × days" in report(prices, [], "web:c", "web:ann", "en", stored=found)


def test_looking_back_further_than_there_is_anything_takes_no_time(prices: Prices) -> None:
    """A million years are not gone through day by day."""
    assert costs(prices, store("docs", 3, 0, 10), since=-365e6) == {"docs": (30.0, 2.0)}
