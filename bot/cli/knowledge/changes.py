"""`maru knowledge add` and `remove`: what collections there are, where from, and for whom."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from bot.assistants import load
from bot.cli.parser import Commands
from bot.clock import SystemClock
from bot.errors import KnowledgeError
from bot.knowledge.library import Library
from bot.knowledge.naming import name_of
from bot.knowledge.sources import absolute, missing
from bot.places import identified
from bot.ports import Collection
from bot.settings import Settings
from bot.shelves import opened

T = TypeVar("T")


def add(commands: Commands) -> None:
    adding = commands.add_parser("add", help="make a collection, add documents to it, or change it")
    adding.add_argument("name", help="its name; handbook is the one that shipped assistants search")
    adding.add_argument("paths", nargs="*", metavar="PATH", help="a folder, a file, or a pattern in quotes")
    adding.add_argument("--base-url", help="where people read the documents: the links of the sources")
    adding.add_argument("--owner", help="whom to ask when the documents do not answer")
    adding.add_argument(
        "--channel",
        action="append",
        help="search it only there, such as slack:T1/C1; may be repeated; empty: everywhere",
    )
    adding.add_argument(
        "--reader",
        action="append",
        help="search it only for this person or group, such as slack:T1/U1, and where nobody else reads; "
        "may be repeated; empty: for everybody",
    )
    adding.add_argument(
        "--backend", help="which index keeps it: local (the default), or openai: uploaded to vector stores"
    )
    adding.add_argument(
        "--every", type=float, metavar="MINUTES", help="sync it that often while Maru runs; 0: never"
    )
    adding.set_defaults(action_of=_add)
    removing = commands.add_parser("remove", help="let go of a collection, or of something in it")
    removing.add_argument("name")
    removing.add_argument(
        "paths", nargs="*", metavar="PATH", help="only this source, or this document that was added in chat"
    )
    removing.set_defaults(action_of=_remove)


async def _add(settings: Settings, options: argparse.Namespace) -> int:
    name = name_of(options.name)
    if not all(path.strip() for path in options.paths):
        raise KnowledgeError("A path is empty. Name a folder, a file, or a pattern in quotes.")
    sources = [absolute(path) for path in options.paths]
    if gone := [source for source in sources if missing(source)]:
        raise KnowledgeError("\n".join(f"There is no file or folder {path}." for path in gone))
    if options.every is not None and not 0 <= options.every < float("inf"):
        raise KnowledgeError("--every is a number of minutes; 0 is never.")
    if options.base_url and not options.base_url.startswith(("http://", "https://")):
        raise KnowledgeError("--base-url begins with http:// or https://.")
    assistants = load(settings.folder("assistants"))
    async with opened(settings, SystemClock()) as (store, library):
        known = {one.name: one for one in await store.collections.every()}
        changed = _changed(known.get(name, Collection(name)), sources, options)
        await library.put(changed)
    print(f"{name}: {', '.join(changed.sources) or 'no sources'}")
    print(f"Run `maru knowledge sync {name}` to read what is new.")
    if not any(name in assistant.knowledge for assistant in assistants.values()):
        folder = settings.folder("assistants")
        print(f"No assistant searches it yet: add it to the line knowledge = [...] of one in {folder}.")
    return 0


def _changed(known: Collection, sources: Sequence[str], options: argparse.Namespace) -> Collection:
    """A collection as the options say; what they do not name stays."""
    return replace(
        known,
        sources=tuple(dict.fromkeys((*known.sources, *sources))),
        backend=_or(options.backend, known.backend),
        base_url=_or(options.base_url, known.base_url),
        owner=_or(options.owner, known.owner),
        channels=_or(_ids("--channel", options.channel, "slack:T1/C1"), known.channels),
        readers=_or(_ids("--reader", options.reader, "slack:T1/U1"), known.readers),
        every=_or(options.every, known.every),
    )


def _or(given: T | None, known: T) -> T:
    return known if given is None else given


def _ids(option: str, values: Sequence[str] | None, like: str) -> tuple[str, ...] | None:
    """What an option was given, also with commas; an empty value alone is none at all."""
    if values is None:
        return None
    every = (one.strip().rstrip("/") for value in values for one in value.split(","))
    ids = tuple(dict.fromkeys(filter(None, every)))
    if wrong := [one for one in ids if not identified(one)]:
        raise KnowledgeError(f"{option} {wrong[0]}: give an id with its platform, such as {like}.")
    return ids


async def _remove(settings: Settings, options: argparse.Namespace) -> int:
    name = name_of(options.name)
    async with opened(settings, SystemClock()) as (_, library):
        if not options.paths:
            await library.remove(name)
            kept = (
                f" Its folder {settings.folder('knowledge')} stays in it." if name == library.builtin else ""
            )
            print(f"{name}: removed.{kept}")
            return 0
        for path in options.paths:
            await _remove_one(library, name, path)
            print(f"{name}: removed {path}.")
    return 0


async def _remove_one(library: Library, name: str, path: str) -> None:
    """A document that was added in chat, or a source with what came from it."""
    if not await library.drop(name, path) and not await library.drop_source(name, absolute(path)):
        raise KnowledgeError(f"{name} has no source or added document {path}. `maru knowledge show {name}`.")
