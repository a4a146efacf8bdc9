"""The ports of the store for what is remembered: threads, what was made, spent and said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.events import File, Item, Usage
from bot.messages import Attachment, Message
from bot.turns import State, Turn


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


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used in one conversation for one person, by one assistant with one model."""

    conversation: str
    author: str
    assistant: str
    usage: Usage  # summed up
    long: bool  # steps with very much input
    turn: int = 0  # 0: of all turns


@dataclass(frozen=True, slots=True)
class Stored:
    """Something that lay at the model service, with one size, for a time."""

    kind: Literal["file", "vector_store"]
    owner: str  # the conversation, or the collection, that it was made for
    size: int  # bytes
    since: float  # seconds since the epoch
    until: float  # now, for what is there still


class Ledger(Protocol):
    """What was spent, thought of, and done."""

    async def feedback(self, turn: int) -> Mapping[str, str]:
        """Author id -> "helpful" or "unhelpful"."""
        ...

    async def spent(self, since: float, long: int, *, turns: bool = False) -> Sequence[Spent]:
        """Summed up since a time; steps with more than `long` tokens of input apart, for they cost more.

        With `turns`, each turn for itself.
        """
        ...

    async def stored(self, since: float) -> Sequence[Stored]:
        """What lay at the model service since a time."""
        ...

    async def measure(self) -> None:
        """Note how much lies there now; what is not asked for while it is there is not known later."""
        ...

    async def note(self, what: str, conversation: str, author: str, detail: str) -> None:
        """Write one line of the audit: who did what, where."""
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
    """Reads conversations back, and erases them."""

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
