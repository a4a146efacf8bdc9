"""`maru usage`: what the model service cost, by conversation, person, assistant, model or turn."""

import argparse
import asyncio

from bot import prices
from bot.cli.parser import Commands, within
from bot.clock import SystemClock
from bot.prices import TOOLS, Cost, summed
from bot.settings import Settings
from bot.stored import DAY, kept
from bot.usage import DAYS, KEYS, TOKENS, lines
from storage.sqlite.store import Store

COLUMNS = (*TOKENS, *TOOLS)
CENTURY = 36_500  # days: more than anybody looks back


def add(commands: Commands) -> None:
    usage = commands.add_parser("usage", help="show what the model service cost")
    usage.add_argument(
        "--days", type=within(float, 0, CENTURY), default=DAYS, help=f"how far to look back (default {DAYS})"
    )
    usage.add_argument("--by", choices=tuple(KEYS), default="conversation", help="what to sum up by")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Works beside a Maru that runs."""
    return asyncio.run(_show(settings, options.days, options.by))


async def _show(settings: Settings, days: float, by: str) -> int:
    """Print a table with tabs, dearest first, that other programs can read as well."""
    table = prices.load(settings.prices)
    clock = SystemClock()
    now = clock.now()
    since = now - days * DAY
    store = await Store.open(settings.database, clock)
    try:
        await store.ledger.measure()
        spent = await store.ledger.spent(since, table.long.above, turns=by == "turn")
        lying = kept(table, await store.ledger.stored(since), since, now)
    finally:
        await store.close()
    print(by, "dollars", *COLUMNS, "gb_days", sep="\t")
    for line in lines(table, spent, by, lying):
        counts = (getattr(line.usage, column) for column in COLUMNS)
        print(line.name or "-", f"{line.cost.dollars:.4f}", *counts, f"{line.gb_days:.4f}", sep="\t")
    total = sum((thing.cost for thing in lying), Cost()) + summed(table, spent)
    print(f"\n{days:g} days: {total.amount}, at the prices of {table.date} ({table.source}).")
    if total.unpriced:
        print(f"Not counted, no price is known: {', '.join(sorted(total.unpriced))}. MARU_PRICES adds one.")
    return 0
