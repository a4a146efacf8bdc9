"""`maru knowledge gaps`: the questions that the documents did not answer."""

import argparse
import re
from datetime import datetime

from bot.cli.knowledge.looks import moment
from bot.cli.knowledge.printed import printed
from bot.cli.parser import Commands
from bot.clock import SystemClock
from bot.errors import KnowledgeError
from bot.knowledge.gaps import merged
from bot.settings import Settings
from bot.shelves import opened

DAYS = "30d"  # that are looked back on, unless somebody asks for another time
UNITS = {"m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}  # seconds
AGO = re.compile(r"(\d+(?:\.\d+)?)([mhdw])")

WHY = {
    "nothing": "nothing was found",
    "unanswered": "what was found did not answer it",
    "unhelpful": "the answer was thumbed down",
}


def add(commands: Commands) -> None:
    gaps = commands.add_parser("gaps", help="list questions that the documents did not answer")
    gaps.add_argument(
        "--since", default=DAYS, help=f"a time ago such as 12h, 7d or 4w, or a date (default {DAYS})"
    )
    gaps.add_argument(
        "--private", action="store_true", help="also the words of questions that were asked in private"
    )
    gaps.set_defaults(action_of=_gaps)


async def _gaps(settings: Settings, options: argparse.Namespace) -> int:
    clock = SystemClock()
    since = _since(options.since, clock.now())
    async with opened(settings, clock) as (store, _):
        found = await store.searches.gaps(since)
    shown = merged(gap for gap in found if options.private or not gap.private)
    for gap in shown:
        times = f", {gap.times} times" if gap.times > 1 else ""
        print(f"{moment(gap.asked_at)}\t{WHY[gap.why]}{times}\t{', '.join(gap.collections) or '-'}")
        print(*(f"  {printed(line)}" for line in gap.question.splitlines()), sep="\n")
    hidden = 0 if options.private else sum(gap.private for gap in found)
    print(f"{len(shown)} question{'' if len(shown) == 1 else 's'} since {moment(since)}.")
    if hidden:
        print(f"{hidden} more were asked in private; --private shows their words.")
    return 0


def _since(text: str, now: float) -> float:
    if ago := AGO.fullmatch(text.strip()):
        return now - float(ago[1]) * UNITS[ago[2]]
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError as error:
        raise KnowledgeError(f"--since {text}: give 12h, 7d, 4w, or a date such as 2026-11-01.") from error
