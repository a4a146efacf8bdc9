"""The port of the store for what was said in a place before Maru came, taken over from its platform."""

from dataclasses import dataclass
from typing import Literal, Protocol

from bot.messages import Message
from bot.turns import Turn


@dataclass(frozen=True, slots=True)
class Exchange:
    """What people said, and what was answered."""

    messages: tuple[Message, ...]
    answer: str = ""  # Markdown


@dataclass(frozen=True, slots=True)
class Past:
    """What was said in a conversation or channel, oldest first."""

    place: str  # "slack:T1/C1/171.2", or "slack:T1/C1" for a whole channel
    old: str  # the thread it had in the Assistants API
    exchanges: tuple[Exchange, ...]
    channel: bool = False  # the next conversation that begins in this place goes on with it
    private: bool = False  # nobody but one person and Maru reads there


class Pasts(Protocol):
    """Fills new threads with what was said before."""

    async def moved(self, place: str) -> str:
        """The old thread whose place was filled already; empty when it was not."""
        ...

    async def fill(self, past: Past) -> Literal["filled", "moved", "begun"]:
        """Make a finished conversation of it, whole or not at all, that the next question goes on with.

        Nothing is done where the place was filled already, or where Maru has begun to talk.
        """
        ...

    async def take_over(self, turn: Turn) -> bool:
        """Let the first turn of a conversation go on with the past of the channel that it lies in.

        False when that has none, or another conversation has it.
        """
        ...
