"""The ports of the store for the team's knowledge: its collections, and what was searched in them."""

from collections.abc import Collection as Several
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.events import File
from bot.turns import Turn


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents that are searched together, and who may search them."""

    name: str
    backend: str = "local"  # which index keeps it
    sources: tuple[str, ...] = ()  # folders, files and patterns such as /docs/**/*.md; absolute
    base_url: str = ""  # people read a document there, at its path; empty when nobody said
    owner: str = ""  # whom to ask when the documents do not answer, as people write it
    readers: tuple[str, ...] = ()  # author ids and groups that may search it; empty: everybody
    channels: tuple[str, ...] = ()  # places where it may be searched; empty: everywhere
    every: float = 0.0  # minutes between two syncs while Maru runs; 0: only when it is asked for
    synced_at: float = 0.0  # seconds since the epoch; 0: never


@dataclass(frozen=True, slots=True)
class Problem:
    """A file or folder that cannot be used."""

    path: str
    reason: str  # a sentence for the operator, without the path


@dataclass(frozen=True, slots=True)
class Addition:
    """A document that somebody added in chat; its bytes are kept with those of all files."""

    path: str  # its name, unique in the collection
    file: File
    author: str  # the id of who sent it
    added_at: float = 0.0  # seconds since the epoch


class Collections(Protocol):
    """Keeps what collections there are, and what a sync found out."""

    async def every(self) -> Sequence[Collection]:
        """All of them, by name."""
        ...

    async def put(self, collection: Collection) -> None:
        """Make or change one; when it was synced stays as it was."""
        ...

    async def remove(self, name: str) -> Sequence[str]:
        """Let go of it and of what was added to it; returns digests of bytes that nobody owns now."""
        ...

    async def synced(self, name: str, problems: Sequence[Problem]) -> None:
        """A sync reached its end now. A collection that has no row yet gets one."""
        ...

    async def problems(self, name: str) -> Sequence[Problem]:
        """What the last sync could not use."""
        ...

    async def add(self, name: str, addition: Addition) -> Sequence[str]:
        """Own a document, instead of another one with this path; a collection without a row gets one.

        Returns digests of bytes that nobody owns now.
        """
        ...

    async def additions(self, name: str) -> Sequence[Addition]:
        """What was added in chat, by path."""
        ...

    async def drop(self, name: str, path: str) -> Sequence[str]:
        """Let go of an added document; returns digests of bytes that nobody owns now."""
        ...

    def alone(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Whether nobody else, in this or another process, is in here for that collection.

        Whoever dies in here is out of it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that the documents did not answer, or not well."""

    turn: int
    conversation: str
    author: str  # the id of who asked
    question: str
    private: bool  # it was asked where nobody else reads
    why: Literal[
        "nothing", "unanswered", "unhelpful"
    ]  # found · found, but no source was named · thumbed down
    collections: tuple[str, ...]  # that were searched
    asked_at: float  # seconds since the epoch


class Searches(Protocol):
    """Remembers which collections each turn used. It goes when the turn is forgotten."""

    async def note(self, turn: int, found: Mapping[str, bool]) -> None:
        """A turn searched these collections, each with whether something was found there.

        None at all is a search in which nothing could be looked at. What was found once stays found.
        """
        ...

    async def withdraw(self, turn: Turn, allowed: Several[str]) -> bool:
        """Take from the model what a running turn may not know: True when there was something.

        When an earlier turn of its thread found something in a collection that is not allowed any more,
        the turn begins a new thread. Into that go the turns before the first such one: what came after
        may repeat what it said.
        """
        ...

    async def gaps(self, since: float) -> Sequence[Gap]:
        """Questions since a time that got no source, or a thumb down; newest first."""
        ...
