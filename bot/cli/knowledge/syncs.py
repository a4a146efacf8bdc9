"""`maru knowledge sync` and `watch`: make collections equal to their sources."""

import argparse
import asyncio
from collections.abc import Sequence

from bot.cli.knowledge.printed import printed
from bot.cli.knowledge.progress import Shown
from bot.cli.parser import Commands
from bot.clock import SystemClock
from bot.knowledge.library import Library
from bot.knowledge.naming import name_of
from bot.knowledge.reports import Report
from bot.settings import Settings
from bot.shelves import opened

TURN = 0.2  # seconds between two tries while another process syncs
LOOK = 2.0  # seconds between two looks of `watch`


def add(commands: Commands) -> None:
    syncing = commands.add_parser("sync", help="read what is new, and let go of what is gone")
    watching = commands.add_parser("watch", help="sync, and go on whenever something changes")
    for parser in (syncing, watching):
        parser.add_argument("names", nargs="*", metavar="NAME", help="only these collections")
    syncing.add_argument("--watch", action="store_true", help="go on whenever something changes")
    syncing.set_defaults(action_of=_sync)
    watching.set_defaults(action_of=_watch)


async def _sync(settings: Settings, options: argparse.Namespace) -> int:
    """The status says whether every file could be used."""
    if options.watch:
        return await _watch(settings, options)
    async with opened(settings, SystemClock()) as (_, library):
        reports = [await _one(library, name) for name in await _names(library, options.names)]
    return 1 if any(report.problems for report in reports) else 0


async def _watch(settings: Settings, options: argparse.Namespace) -> int:
    """Until it is stopped."""
    async with opened(settings, SystemClock()) as (_, library):
        names = await _names(library, options.names)
        for name in names:
            await _one(library, name)
        print(f"Watching {', '.join(names)}. Stop with Ctrl-C.", flush=True)
        while True:
            await asyncio.sleep(LOOK)
            for name in await _names(library, options.names):
                report = await library.sync(name)
                if report and (report.written or report.removed):
                    _tell(name, report)


async def _names(library: Library, names: Sequence[str]) -> list[str]:
    if names:
        return [(await library.collection(name_of(name))).name for name in names]
    return [collection.name for collection in await library.collections()]


async def _one(library: Library, name: str) -> Report:
    waits = False
    while True:
        with Shown() as shown:
            report = await library.sync(name, shown)
        if report:
            _tell(name, report)
            return report
        if not waits:
            print(f"{name}: another Maru is syncing it; waiting until that is done.", flush=True)
            waits = True
        await asyncio.sleep(TURN)


def _tell(name: str, report: Report) -> None:
    print(
        f"{name}: {len(report.written)} read, {len(report.removed)} removed, {report.unchanged} unchanged, "
        f"{len(report.problems)} could not be used",
        flush=True,
    )
    for problem in report.problems:
        print(f"  {printed(problem.path)}: {problem.reason}", flush=True)
