"""What lies at the model service for a time, as money: GB times days, and what of that is free."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.ports import Stored
from bot.prices import Cost, Prices

DAY = 86_400.0  # seconds
GB = 1_000_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """How long how much lay there for one conversation or collection."""

    owner: str
    gb_days: float
    cost: Cost


def kept(prices: Prices, stored: Sequence[Stored], since: float, now: float) -> list[Kept]:
    """Summed up for each owner, between two times.

    What is free each day is free for all together: each owner pays the same share of the rest.
    """
    amounts: defaultdict[str, float] = defaultdict(float)
    costs: defaultdict[str, Cost] = defaultdict(Cost)
    first = min((thing.since for thing in stored), default=now)
    for begin, end in _days(max(since, first), now):
        free = prices.storage.free * (end - begin) / DAY
        for kind in ("file", "vector_store"):
            own = _amounts([thing for thing in stored if thing.kind == kind], begin, end)
            total = sum(own.values())
            # Only vector stores have an allowance.
            charged = max(0.0, total - free) / total if kind == "vector_store" and total else 1.0
            for owner, amount in own.items():
                amounts[owner] += amount
                costs[owner] += _cost(prices, kind, amount * charged)
    return [Kept(owner, amount, costs[owner]) for owner, amount in amounts.items()]


def _days(since: float, now: float) -> Iterator[tuple[float, float]]:
    """The days of a time; the first and the last may be parts of one."""
    begin = since
    while begin < now:
        end = min((begin // DAY + 1) * DAY, now)
        yield begin, end
        begin = end


def _amounts(stored: Sequence[Stored], begin: float, end: float) -> dict[str, float]:
    """GB times days of each owner between two times."""
    found: defaultdict[str, float] = defaultdict(float)
    for thing in stored:
        seconds = min(thing.until, end) - max(thing.since, begin)
        if seconds > 0:
            found[thing.owner] += thing.size / GB * seconds / DAY
    return found


def _cost(prices: Prices, kind: str, gb_days: float) -> Cost:
    price = prices.storage.files if kind == "file" else prices.storage.vector_stores
    if price is None:
        return Cost(unpriced=frozenset({f"storage of {kind.replace('_', ' ')}s"})) if gb_days else Cost()
    return Cost(gb_days * price)
