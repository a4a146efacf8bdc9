"""`maru knowledge list`, `show` and `search`: what there is, and what a question finds."""

import argparse
from collections.abc import Iterable
from datetime import datetime

from bot.assistants import load
from bot.cli.knowledge.printed import printed
from bot.cli.parser import Commands, within
from bot.clock import SystemClock
from bot.knowledge.library import BUILTIN, LOCAL
from bot.knowledge.naming import name_of
from bot.ports import Collection
from bot.settings import Settings
from bot.shelves import opened

FOUND, MOST = 6, 100  # passages of a search: as many as a model is shown, and as one can ask for


def add(commands: Commands) -> None:
    commands.add_parser("list", help="list the collections").set_defaults(action_of=_list)
    showing = commands.add_parser("show", help="show one with its documents and problems")
    showing.add_argument("name")
    showing.set_defaults(action_of=_show)
    searching = commands.add_parser("search", help="search as an assistant does, whoever may read it")
    searching.add_argument("question")
    searching.add_argument("--collection", action="append", help="only there; may be repeated")
    searching.add_argument(
        "--limit", type=within(int, 1, MOST), default=FOUND, help=f"passages (default {FOUND})"
    )
    searching.set_defaults(action_of=_search)


async def _list(settings: Settings, options: argparse.Namespace) -> int:  # noqa: ARG001 - every action gets them
    """A table with tabs, that other programs can read as well."""
    async with opened(settings, SystemClock()) as (store, library):
        await library.refresh()
        print("collection", "documents", "problems", "backend", "synced", "channels", "readers", sep="\t")
        for one in await library.collections():
            print(
                one.name,
                len(await library.documents([one.name])),
                len(await store.collections.problems(one.name)),
                one.backend,
                moment(one.synced_at),
                _joined(one.channels, "everywhere"),
                _joined(one.readers, "everybody"),
                sep="\t",
            )
    return 0


async def _show(settings: Settings, options: argparse.Namespace) -> int:
    name = name_of(options.name)
    async with opened(settings, SystemClock()) as (store, library):
        await library.refresh()
        for label, value in _about(settings, await library.collection(name)):
            print(f"{label}: {value}")
        added = {addition.path: addition for addition in await store.collections.additions(name)}
        listings = await library.documents([name])
        print(f"\n{len(listings)} documents")
        for listing in listings:
            by = f"\tadded by {added[listing.path].author}" if listing.path in added else ""
            print(f"  {printed(listing.path)}\t{printed(listing.title)}{by}")
        if problems := await store.collections.problems(name):
            print(f"\n{len(problems)} could not be used")
            for problem in problems:
                print(f"  {printed(problem.path)}: {problem.reason}")
    return 0


def _about(settings: Settings, collection: Collection) -> Iterable[tuple[str, str]]:
    assistants = load(settings.folder("assistants")).values()
    searched = [assistant.name for assistant in assistants if collection.name in assistant.knowledge]
    yield "collection", collection.name
    yield "backend", collection.backend
    yield "sources", _joined(collection.sources, "none")
    yield "address", collection.base_url or "none"
    yield "owner", collection.owner or "nobody"
    yield "channels", _joined(collection.channels, "everywhere")
    yield "readers", _joined(collection.readers, "everybody")
    yield "assistants", _joined(searched, "none: add it to the line knowledge = [...] of one")
    alone = "by itself" if collection.name == BUILTIN and collection.backend == LOCAL else "when asked for"
    yield "sync", f"every {collection.every:g} minutes" if collection.every else alone
    yield "synced", moment(collection.synced_at)


async def _search(settings: Settings, options: argparse.Namespace) -> int:
    async with opened(settings, SystemClock()) as (_, library):
        if options.collection:
            names = [(await library.collection(name_of(name))).name for name in options.collection]
        else:
            names = [collection.name for collection in await library.collections()]
        found = await library.search(options.question, options.limit, names)
    for number, passage in enumerate(found, 1):
        place = f" › {passage.place}" if passage.place else ""
        print(f"{number}. {printed(passage.title + place)} ({passage.score:.2f})")
        print(f"   {passage.collection}/{printed(passage.path)} {passage.url}".rstrip())
        print(*(f"   | {printed(line)}" for line in passage.text.splitlines()), sep="\n", end="\n\n")
    if not found:
        print("Nothing was found.")
    return 0


def _joined(values: Iterable[str], otherwise: str) -> str:
    return ", ".join(values) or otherwise


def moment(at: float) -> str:
    """A time as a person at this machine reads it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M") if at else "never"
