"""The ports of the store for what was said: reading it back, erasing it, and the bytes that belong to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.events import File
from bot.turns import State, Turn


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation in a list."""

    conversation: str
    title: str
    updated_at: float  # seconds since the epoch
    busy: bool  # a turn waits, runs or is paused


@dataclass(frozen=True, slots=True)
class Record:
    """A turn as history shows it."""

    turn: Turn
    state: State
    outdated: bool  # a message of it was edited or deleted after it was taken up
    feedback: str  # "helpful", "unhelpful" or empty: the newest
    last: bool  # it is the newest of its thread, so it can be answered again
    thread: int


class Archive(Protocol):
    """Reads conversations back, adds to them, and erases them."""

    async def known(self, conversation: str) -> bool:
        """Whether anything was said there that was not forgotten."""
        ...

    async def begun(self, conversation: str) -> str:
        """The position of the first message there; empty when nothing was said that was not forgotten."""
        ...

    async def conversations(self, prefix: str, limit: int, author: str = "") -> Sequence[Summary]:
        """Those whose name begins with `prefix`, newest first; with an author id those of that person."""
        ...

    async def records(
        self, conversation: str, *, limit: int | None = None, before: int | None = None
    ) -> Sequence[Record]:
        """What was said there, in order; deleted messages and replaced answers are left out.

        The newest `limit` of them, older than the turn `before`; everything when neither is given.
        """
        ...

    async def answered_in(self, platform: str, refs: Collection[str]) -> str:
        """The conversation of an answer that stands on a platform under one of these refs, or empty."""
        ...

    async def rename(self, conversation: str, title: str) -> None: ...

    async def attach(self, turn: Turn, file: File) -> None:
        """Add a file to the answer of a turn that is over; its draft has it already."""
        ...

    async def forget(self, conversation: str, until: int) -> int:
        """Erase a conversation up to the turn `until`; returns how many messages that were."""
        ...


class FileRows(Protocol):
    """Who owns which kept bytes."""

    async def own(self, conversation: str, turn: int, file: File) -> None: ...

    async def owner(self, digest: str) -> Sequence[str]:
        """The conversations that own these bytes."""
        ...

    async def unowned(self, digests: Sequence[str]) -> Sequence[str]:
        """Those of these bytes that no conversation owns."""
        ...

    async def forget(self, conversation: str) -> Sequence[str]:
        """Let go of a conversation's files that nothing said there names; returns digests nobody owns now."""
        ...
