"""`maru usage`: what the model service cost, by conversation, person, assistant or model."""

import argparse
import asyncio

from bot import prices
from bot.cli.parser import Commands
from bot.clock import SystemClock
from bot.prices import summed
from bot.settings import Settings
from bot.usage import DAY, DAYS, KEYS, lines
from storage.sqlite.store import Store

COLUMNS = (
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "containers",
    "web_searches",
    "file_searches",
    "pictures",
)


def add(commands: Commands) -> None:
    usage = commands.add_parser("usage", help="show what the model service cost")
    usage.add_argument("--days", type=float, default=DAYS, help=f"how far to look back (default {DAYS})")
    usage.add_argument("--by", choices=tuple(KEYS), default="conversation", help="what to sum up by")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Works beside a Maru that runs."""
    return asyncio.run(_show(settings, options.days, options.by))


async def _show(settings: Settings, days: float, by: str) -> int:
    """Print a table with tabs, dearest first, that other programs can read as well."""
    table = prices.load(settings.prices)
    clock = SystemClock()
    store = await Store.open(settings.database, clock)
    try:
        spent = await store.ledger.spent(clock.now() - days * DAY, table.long.above)
    finally:
        await store.close()
    print(by, "dollars", *COLUMNS, sep="\t")
    for line in lines(table, spent, by):
        counts = (getattr(line.usage, column) for column in COLUMNS)
        print(line.name or "-", f"{line.cost.dollars:.4f}", *counts, sep="\t")
    total = summed(table, spent)
    print(f"\n{days:g} days: {total.amount}, at the prices of {table.date} ({table.source}).")
    if total.unpriced:
        print(f"Not counted, no price is known: {', '.join(sorted(total.unpriced))}. MARU_PRICES adds one.")
    return 0
