"""The ports of the core: what it needs from platforms, engines and stores, and no more."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self

from bot.assistants import Assistant
from bot.events import Call, Event, File, Item, Outcome, Usage
from bot.messages import Attachment, Author, Command, Incoming, Message, Person, Quoted, Receipt
from bot.turns import Draft, End, Question, State, Turn

Receive = Callable[[Incoming], Awaitable[Receipt]]
"""Stores what came in. Once it returns, the platform may be told "received"."""


# -- platforms ---------------------------------------------------------------------------------


class Reply(Protocol):
    """The answer of one turn as it stands on the platform. Shows typing and status while entered."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing that Maru is at work. What is posted stays as it is."""
        ...

    def show(self, draft: Draft) -> None:
        """Bring the platform closer to `draft` soon; never waits, may skip, never raises."""
        ...

    async def finish(self, draft: Draft) -> None:
        """Make the platform equal to `draft`, also when part of it was posted before a crash.

        Raises PlatformUnreachable when another try may help and PlatformGone when none will.
        """
        ...


class Adapter(Protocol):
    """One platform."""

    @property
    def platform(self) -> str:
        """The name before the colon of its conversations."""
        ...

    async def run(self, receive: Receive) -> None:
        """Connect, and hand over what people do until cancelled. Reconnects by itself."""
        ...

    @property
    def ready(self) -> bool:
        """Whether it is connected now."""
        ...

    def reply(self, turn: Turn) -> Reply: ...

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of an attachment. Raises FileRefused or PlatformUnreachable."""
        ...

    async def history(self, conversation: str, before: str, limit: int) -> Sequence[Quoted]:
        """What others wrote there before `before` (a position), oldest first."""
        ...

    async def whisper(self, conversation: str, origin: str, text: str) -> None:
        """Tell the person behind `origin` something, privately where the platform can."""
        ...

    async def person(self, author: Author) -> Person: ...


# -- engines -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Declaration:
    """A function as the model sees it."""

    name: str
    description: str
    parameters: str  # JSON schema
    strict: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """What one step of the engine works with."""

    turn: Turn  # its messages, checkpoint (with the outcomes of calls) and draft
    assistant: Assistant
    declarations: tuple[Declaration, ...] = ()
    prior: tuple[Quoted, ...] = ()  # what was said on the platform before Maru came


class Engine(Protocol):
    """Thinks. Owns the threads: what the model remembers of each conversation."""

    def step(self, request: Request) -> AsyncGenerator[Event, None]:
        """One call of the model, as events; the last is Completed, Calls, Stopped or Failed.

        On the first step of a turn the thread is made equal to the store before.
        """
        ...

    def resume(self, request: Request) -> AsyncGenerator[Event, None]:
        """The events of the response in the turn's checkpoint, from its beginning.

        Where it cannot be taken up again, the step is made anew.
        """
        ...

    async def cancel(self, turn: Turn) -> None:
        """Stop the response in the turn's checkpoint; its stream then ends with Stopped. Never raises."""
        ...

    async def forget(self, remote: Sequence["Remote"]) -> Sequence["Remote"]:
        """Delete things made at the service; returns those that are gone now."""
        ...

    async def close(self) -> None: ...


class Functions(Protocol):
    """The functions that the model may call."""

    def declarations(self, assistant: Assistant) -> tuple[Declaration, ...]: ...

    def question(self, call: Call, turn: Turn) -> Question | None:
        """What must be asked before this call may run; None when it may run at once."""
        ...

    async def run(self, call: Call, turn: Turn) -> Outcome:
        """Run it. What goes wrong is told to the model in the outcome; never raises."""
        ...


# -- stores ------------------------------------------------------------------------------------


class Inbox(Protocol):
    """Keeps what comes in."""

    async def receive(self, incoming: Incoming) -> Receipt:
        """Store it durably, or find that it is known. One call is one transaction."""
        ...

    async def commands(self) -> Sequence[Command]:
        """Those not yet carried out, oldest first."""
        ...

    async def command_done(self, command: Command) -> None: ...

    async def fetched(self, message: Message, attachments: Sequence[Attachment]) -> None:
        """Remember what became of a message's attachments."""
        ...


class Turns(Protocol):
    """Turns and their checkpoints. Every call is one transaction."""

    async def recover(self) -> Sequence[Turn]:
        """At start: make turns that a dead process was leading claimable, which counts as an attempt.

        Returns the answered ones that remain to be posted.
        """
        ...

    async def claim(self, limit: int, platforms: Collection[str]) -> Sequence[Turn]:
        """Take waiting turns of idle conversations on these platforms, oldest first; they run now."""
        ...

    async def checkpoint(self, turn: Turn) -> None:
        """Store attempt, checkpoint and draft of a running turn."""
        ...

    async def step_done(self, turn: Turn, items: Sequence[Item], usage: Usage | None) -> None:
        """Store the end of a step: checkpoint, draft, thread items and usage, all or nothing."""
        ...

    async def pause(self, turn: Turn) -> None:
        """A running turn waits for the decisions its draft asks for."""
        ...

    async def answer(
        self, turn: Turn, draft: Draft, end: End, items: Sequence[Item] = (), usage: Usage | None = None
    ) -> None:
        """Store the finished draft of a running turn, with its last items; it only remains to be posted."""
        ...

    async def done(self, turn: Turn) -> None:
        """An answered turn is posted, or cannot be posted any more."""
        ...

    async def release(self, turn: Turn) -> None:
        """Hand a running turn over to the next start, as it is; not a failed attempt."""
        ...

    async def due(self) -> float | None:
        """When the next deadline of a paused turn is; turns past theirs become claimable."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One platform message's worth of a reply."""

    number: int
    ref: str  # what the platform calls it; empty while it is only intended
    text: str  # what is, or is about to be, posted


class Parts(Protocol):
    """What of a reply is on the platform."""

    async def parts(self, turn: int) -> Sequence[Part]: ...

    async def put(self, turn: int, part: Part) -> None:
        """Remember a part: before it is sent without a ref, afterwards with it."""
        ...

    async def drop(self, turn: int, number: int) -> None: ...


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
        """The thread that a claimed turn belongs to, also when it was closed meanwhile."""
        ...

    async def bind(self, thread: Thread, thread_id: str) -> Thread:
        """Give a thread its (new) OpenAI conversation; what was stored of the old copy's ids is void."""
        ...

    async def entries(self, thread: Thread, before: int) -> Sequence[Entry]:
        """What the thread should remember of turns before the turn `before`, in order."""
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

    async def orphans(self) -> Sequence[Remote]:
        """What still exists although its conversation was erased here."""
        ...

    async def gone(self, remote: Sequence[Remote]) -> None:
        """Deleted there."""
        ...


class Ledger(Protocol):
    """What was spent, thought of, and done."""

    async def feedback(self, turn: int) -> Mapping[str, str]:
        """Author id -> "helpful" or "unhelpful"."""
        ...

    async def usage(self, since: float) -> Sequence[tuple[str, Usage]]:
        """Per conversation and model, summed up since a time."""
        ...

    async def note(self, what: str, conversation: str, author: str, detail: str) -> None:
        """Write one line of the audit: who did what, where."""
        ...


class Decisions(Protocol):
    """What people decided about calls that needed their yes."""

    async def decisions(self, turn: int) -> Mapping[str, Literal["approve", "decline"]]:
        """Call id -> decision, of those decided."""
        ...


class FileRows(Protocol):
    """Who owns which kept bytes."""

    async def own(self, conversation: str, turn: int, file: File) -> None: ...

    async def owner(self, digest: str) -> Sequence[str]:
        """The conversations that own these bytes."""
        ...

    async def forget(self, conversation: str) -> Sequence[str]:
        """Let go of a conversation's files; returns digests that nobody owns any more."""
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

    async def conversations(self, prefix: str, limit: int) -> Sequence[Summary]:
        """Those whose name begins with `prefix`, newest first."""
        ...

    async def records(self, conversation: str) -> Sequence[Record]:
        """Everything said there, in order; deleted messages and replaced answers are left out."""
        ...

    async def rename(self, conversation: str, title: str) -> None: ...

    async def forget(self, conversation: str) -> int:
        """Erase a conversation; returns how many messages it had."""
        ...
