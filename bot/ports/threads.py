"""The ports of the store for the engine's side of conversations: threads, and everything made at OpenAI."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.events import Item
from bot.messages import Attachment, Message
from bot.turns import Turn


@dataclass(frozen=True, slots=True)
class Remote:
    """Something made at OpenAI."""

    kind: Literal["conversation", "response", "file", "container", "vector_store"]
    id: str
    conversation: str
    author: str = ""
    digest: str = ""  # of the bytes, for a file


class Remotes(Protocol):
    """Names everything made at OpenAI, so that it can be deleted there again."""

    async def made(self, remote: Sequence[Remote]) -> None:
        """Name things, before they are relied on."""
        ...

    async def remote(self, conversation: str) -> Sequence[Remote]:
        """What was made for a conversation and still exists."""
        ...

    async def unwanted(self, remote: Sequence[Remote]) -> None:
        """Nothing here needs these things any more: orphans from now on."""
        ...

    async def orphans(self) -> Sequence[Remote]:
        """What still exists although nothing here needs it any more."""
        ...

    async def gone(self, remote: Sequence[Remote]) -> None:
        """Deleted there."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished or running turn as the thread should remember it."""

    turn: int
    messages: tuple[Message, ...]  # without the deleted ones, with their newest text
    answer: str  # Markdown; empty when there is none
    items: tuple[Item, ...]  # what the engine stored of it, in order
    outdated: bool = False  # the hosted copy of it, if any, is not what stands here


@dataclass(frozen=True, slots=True)
class Thread:
    """The engine's side of a conversation."""

    id: int
    conversation: str
    thread_id: str  # OpenAI's conversation; empty for a local one, and before it is made
    stale: bool  # the hosted copy may differ from the store
    assistant: str


class Threads(Protocol):
    """Maps each conversation to its thread, and knows what the thread should remember."""

    async def open(self, turn: Turn, assistant: str) -> Thread:
        """The thread that a claimed turn belongs to, also when it was closed meanwhile.

        A turn that has not begun goes to a new thread when the one it belongs to is another assistant's.
        """
        ...

    async def bind(self, thread: Thread, thread_id: str) -> Thread:
        """Give a thread its (new) OpenAI conversation; what was stored of the old copy's ids is void."""
        ...

    async def entries(self, thread: Thread, before: int, limit: int | None = None) -> Sequence[Entry]:
        """What the thread should remember of the newest `limit` turns before the turn `before`, in order."""
        ...

    async def attachments(self, conversation: str) -> Sequence[Attachment]:
        """The files that people attached in its open thread, also those of the running turn, oldest first."""
        ...

    async def copied(self, thread: Thread, turn: int, items: Sequence[Item]) -> None:
        """What the hosted copy holds of an entry now, after it was added again; it is no longer outdated."""
        ...

    async def mark(self, thread: Thread, *, stale: bool) -> None:
        """Say whether the hosted copy may differ from the store."""
        ...

    async def close(self, conversation: str) -> bool:
        """Reset: the next turn opens a new thread. False when none was open."""
        ...


class Choices(Protocol):
    """Which assistant people chose, and where."""

    async def choose(self, place: str, assistant: str) -> None:
        """For a conversation, or for a channel and with it all its conversations that have none."""
        ...

    async def channel(self, conversation: str) -> str:
        """The channel that a conversation lies in, where its name does not begin with it; else empty."""
        ...

    async def chosen(self, places: Sequence[str]) -> str:
        """The assistant of the first of these places that has one; empty when none has."""
        ...
