"""Usage becomes money, and what has no price is named instead of guessed."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import PricesError
from bot.events import Usage
from bot.ports import Spent
from bot.prices import SHIPPED, Cost, Prices, cost, load, summed
from bot.usage import lines, report


@pytest.fixture
def prices() -> Prices:
    return load()


def spent(usage: Usage, *, long: bool = False, conversation: str = "web:c", author: str = "web:ann") -> Spent:
    return Spent(conversation, author, "maru", usage, long)


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        (Usage("gpt-6.1-sol", 1_000_000, 0, 0), 2.0),
        (Usage("gpt-6.1-sol", 1_000_000, 1_000_000, 0), 0.1),
        (Usage("gpt-6.1-sol", 1_000_000, 500_000, 100_000), 1.0 + 0.05 + 1.0),
        (Usage("gpt-6.2-sol", 1_000_000, 1_000_000, 0), 2.0),
        (Usage("gpt-6.2-sol-2026-11-17", 1_000_000, 0, 0), 2.0),
        (Usage("", containers=2, web_searches=3, file_searches=4), 0.06 + 0.03 + 0.01),
    ],
)
def test_what_usage_costs(prices: Prices, usage: Usage, dollars: float) -> None:
    """Cached tokens are cheaper where a price for them is known; a dated model costs what the model does."""
    assert cost(prices, spent(usage)).dollars == pytest.approx(dollars)


def test_very_long_input_costs_more(prices: Prices) -> None:
    usage = Usage("gpt-6.1-terra", 1_000_000, 0, 1_000_000)
    assert cost(prices, spent(usage, long=True)).dollars == pytest.approx(2.0 + 7.5)


def test_pictures_cost_by_their_tokens_or_each_as_the_operator_says(prices: Prices) -> None:
    """Those of which the service says no tokens have no price."""
    drawn = Usage(
        "", pictures=2, picture_text_tokens=100, picture_image_tokens=1_000, picture_output_tokens=10_000
    )
    assert cost(prices, spent(drawn)).dollars == pytest.approx(0.0005 + 0.008 + 0.3)
    each = prices.model_copy(update={"tools": prices.tools.model_copy(update={"pictures": 0.04})})
    assert cost(each, spent(drawn)).dollars == pytest.approx(0.08)
    assert cost(prices, spent(Usage("", pictures=1))).unpriced == {"pictures"}


def test_what_has_no_price_is_named(prices: Prices) -> None:
    mine = spent(Usage("my-model", 10, 0, 10, pictures=1, web_searches=1))
    assert cost(prices, mine) == Cost(0.01, frozenset({"my-model", "pictures"}))


def test_a_file_takes_the_place_of_the_shipped_prices(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(SHIPPED.read_text().replace("containers = 0.03", "containers = 1\npictures = 2"))
    usage = spent(Usage("", containers=1, pictures=1))
    assert summed(load(path), [usage]) == Cost(3.0)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("colour = 1", "colour: there is no such key"),
        ("[tools]\ncontainers = -1", "tools.containers"),
        ("date = ", "cannot be read"),
    ],
)
def test_wrong_prices_are_refused_with_the_place(tmp_path: Path, wrong: str, told: str) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(wrong)
    with pytest.raises(PricesError, match=told):
        load(path)


@pytest.mark.parametrize(("dollars", "amount"), [(0, "$0.00"), (0.0042, "$0.0042"), (1234.5, "$1,234.50")])
def test_amounts_as_people_write_them(dollars: float, amount: str) -> None:
    assert Cost(dollars).amount == amount


def test_sums_are_by_what_is_asked_for_and_dearest_first(prices: Prices) -> None:
    entries = [
        spent(Usage("gpt-6-luna", 10, 0, 10), author="web:ben"),
        spent(Usage("gpt-6-luna", 10, 0, 10), author="web:ben", conversation="web:d"),
        spent(Usage("gpt-6.2-sol", 10, 0, 10, containers=1)),
    ]
    by_person = lines(prices, entries, "person")
    assert [(line.name, line.usage.input_tokens) for line in by_person] == [("web:ann", 10), ("web:ben", 20)]
    assert [line.name for line in lines(prices, entries, "conversation")] == ["web:c", "web:d"]
    turns = [replace(entry, turn=number) for number, entry in enumerate(entries, start=1)]
    assert [line.name for line in lines(prices, turns, "turn")] == ["T3", "T1", "T2"]


def test_the_report_tells_of_here_and_of_oneself(prices: Prices) -> None:
    entries = [
        spent(Usage("gpt-6.2-sol", 1_000_000, 0, 0, containers=2)),
        spent(Usage("own", 5, 0, 5), conversation="web:elsewhere"),
        spent(Usage("gpt-6.2-sol", 1_000_000, 0, 0), author="web:ben", conversation="web:elsewhere"),
    ]
    told = report(prices, entries, "web:c", "web:ann", "en")
    assert "this conversation: $2.06 (1,000,000 tokens read, 0 written, Python sessions: 2)" in told
    assert "everywhere: $2.06 (1,000,005 tokens read, 5 written, Python sessions: 2)" in told
    assert told.endswith("no price for it: own.")
    assert "이 대화: 없음" in report(prices, [], "web:c", "web:ann", "ko")
