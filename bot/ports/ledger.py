"""The port of the store for what was spent, thought of and done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.events import Usage


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
