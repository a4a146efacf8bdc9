"""`maru assistants`: shows them, and chooses which one answers in a conversation or channel."""

import argparse
import asyncio
from collections.abc import Mapping

from bot import function_files
from bot.assistants import Assistant, load
from bot.cli.parser import Commands
from bot.clock import SystemClock
from bot.environment import for_functions
from bot.errors import AssistantError
from bot.files import Files
from bot.places import identified, places
from bot.settings import Settings
from bot.shelves import opened
from storage.sqlite.store import Store

UNKNOWN = ": there is no such collection. Make it with `maru knowledge add`, or take it out."
MISSING = ": there is no such function. Write it, or take it out."


def add(commands: Commands) -> None:
    assistants = commands.add_parser("assistants", help="show the assistants, and choose one for a place")
    assistants.add_argument(
        "place", nargs="?", default="", help="a conversation or channel, such as slack:T1/C1"
    )
    assistants.add_argument("name", nargs="?", default="", help="the assistant that answers there then")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Raises AssistantError for a wrong file or name, and FunctionError for a wrong file of functions."""
    found = load(settings.folder("assistants"))
    if not options.place:
        return asyncio.run(_show(settings, found))
    return asyncio.run(_choose(settings, found, options.place.rstrip("/"), options.name))


async def _show(settings: Settings, found: Mapping[str, Assistant]) -> int:
    """The status says whether they only name functions and collections that exist."""
    functions = function_files.load(
        settings.folder("functions"), Files(settings.file_folder), for_functions()
    )
    async with opened(settings, SystemClock()) as (_, library):
        collections = {collection.name for collection in await library.collections()}
    wrong = 0
    for assistant in found.values():
        print(f"{assistant.name} – {assistant.description}")
        for name in assistant.functions:
            missing = name not in functions
            wrong += missing
            print(f"  {name}{MISSING if missing else ''}")
        for name in assistant.knowledge:
            if name not in collections:
                wrong += 1
                print(f"  {name}{UNKNOWN}")
        for server in assistant.mcp:
            print(f"  {server.label} (MCP): {', '.join(server.tools) or 'all its tools'}")
    return 1 if wrong else 0


async def _choose(settings: Settings, found: Mapping[str, Assistant], place: str, name: str) -> int:
    if not identified(place):
        raise AssistantError(f"{place} is no place. Write one such as slack:T1/C1 or discord:G1/C1.")
    around = places(place)
    pinned = next((settings.channels[outer] for outer in around if outer in settings.channels), "")
    if name and name not in found:
        raise AssistantError(f"There is no assistant {name}. There are: {', '.join(found)}.")
    if name and pinned:
        raise AssistantError(f"MARU_CHANNELS sets {pinned} for {place}. Change that setting instead.")
    store = await Store.open(settings.database, SystemClock())
    try:
        if name:
            await store.choices.choose(place, name)
        chosen = pinned or await store.choices.chosen(around)
    finally:
        await store.close()
    print(f"{place}: {chosen or 'the default assistant'}")
    return 0
