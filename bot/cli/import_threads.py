"""`maru import threads`: fills new threads with what was said on the platforms before Maru came."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bot.cli.histories import histories
from bot.clock import Clock, SystemClock
from bot.errors import PlatformError, PlatformUnreachable
from bot.moving.mapping import Line, read
from bot.moving.said import Answer, Found, History, exchanges
from bot.ports import Past
from bot.settings import Settings
from storage.sqlite.store import Store

MESSAGES, MOST = 200, 2_000  # of each place, the newest: unless somebody says otherwise, and at most
WAITS = (1.0, 5.0, 15.0)  # seconds between tries to reach a platform


def run(settings: Settings, file: Path, *, bots: Sequence[str], limit: int, dry: bool) -> int:
    """Works beside a Maru that runs. The status says whether every line is done."""
    lines, problems = read(file)
    for problem in problems:
        print(problem)
    return asyncio.run(_fill(settings, lines, bots, limit, dry=dry)) or bool(problems)


async def _fill(
    settings: Settings, lines: Sequence[Line], bots: Sequence[str], limit: int, *, dry: bool
) -> int:
    clock = SystemClock()
    left = 0
    async with AsyncExitStack() as stack:
        store = await Store.open(settings.database, clock)
        stack.push_async_callback(store.close)
        known = await histories(settings, store, clock, bots, stack)
        for line in lines:
            done, told = await _line(
                store, known.get(line.place.partition(":")[0]), line, limit, clock, dry=dry
            )
            print(
                f"{line.where}: {line.place}: {told}"
                if line.place not in line.where
                else f"{line.where}: {told}"
            )
            left += not done
    return 1 if left else 0


async def _line(
    store: Store, history: History | None, line: Line, limit: int, clock: Clock, *, dry: bool
) -> tuple[bool, str]:
    """Whether a line is done, and what there is to say about it."""
    if old := await store.pasts.moved(line.place):
        if old == line.old:
            return True, "moved in already."
        return False, f"moved in already, from {old}. A place has one past."
    if history is None:
        return (
            False,
            "that platform is not switched on, or has no history to read. Set its token, or remove the line.",
        )
    try:
        found = await _read(history, line.place, limit, clock)
    except PlatformUnreachable as error:
        return False, f"the platform cannot be reached ({error}). Run this again later."
    except PlatformError as error:
        return False, f"Maru cannot look there ({error}). Let it in there, or mend the line."
    past = Past(line.place, line.old, exchanges(found.said), channel=found.channel, private=found.private)
    if not past.exchanges:
        return False, f"nobody has said anything there that could be moved.{_others(found)}"
    if dry:
        return True, f"would be filled ({_counted(past, found)}"
    match await store.pasts.fill(past):
        case "filled":
            return True, f"filled ({_counted(past, found)}"
        case "begun":
            return False, "Maru has talked there already, and goes on with that. Nothing was moved."
        case "moved":
            return True, "moved in already."


async def _read(history: History, place: str, limit: int, clock: Clock) -> Found:
    for wait in WAITS:
        try:
            return await history.read(place, limit)
        except PlatformUnreachable as error:
            await clock.sleep(max(wait, error.after))
    return await history.read(place, limit)


def _counted(past: Past, found: Found) -> str:
    messages = sum(len(exchange.messages) for exchange in past.exchanges)
    answers = sum(bool(exchange.answer) for exchange in past.exchanges)
    first, last = (_day(found.said[place].sent_at) for place in (0, -1))
    goes = " The next question asked in that channel goes on with it." if past.channel else ""
    none = "" if any(isinstance(one, Answer) for one in found.said) else _others(found)
    return f"messages: {messages}, answers: {answers}, from {first} to {last}).{goes}{none}"


def _others(found: Found) -> str:
    if not found.others:
        return ""
    names = ", ".join(f"{name} ({count})" for name, count in found.others.items())
    return f" Other bots were left out: {names}. If one of them is the old assistant, name it with --bot."


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at))
