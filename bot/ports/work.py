"""The ports of the store for what has to be done: the inbox, turns, parts and decisions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.events import Item, Usage
from bot.messages import Attachment, Command, Incoming, Message, Receipt
from bot.turns import Draft, End, Turn


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

    async def claim(
        self,
        limit: int,
        platforms: Collection[str],
        led: Collection[int] = (),
        held: Collection[str] = (),
    ) -> Sequence[Turn]:
        """Take waiting turns of idle conversations on these platforms, oldest first; they run now.

        Those in `led` are left: they became claimable before whoever leads them had let go.
        So are the conversations in `held`, unless their turn was taken before and goes on.
        """
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


class Decisions(Protocol):
    """What people decided about calls that needed their yes."""

    async def decisions(self, turn: int) -> Mapping[str, Literal["approve", "decline"]]:
        """Call id -> decision, of those decided."""
        ...
