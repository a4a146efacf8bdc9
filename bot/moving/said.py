"""What a platform's history says, as exchanges that a thread can be filled with; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.messages import Message
from bot.ports import Exchange


@dataclass(frozen=True, slots=True)
class Answer:
    """What the old assistant said."""

    text: str  # Markdown
    sent_at: float  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Found:
    """The history of a place."""

    said: tuple[Message | Answer, ...]  # oldest first
    channel: bool = False  # it is a channel, in which conversations begin
    private: bool = False
    others: Mapping[str, int] = field(
        default_factory=dict
    )  # bots that were left out, and how often they spoke


class History(Protocol):
    """Reads back what was said on a platform, without being connected to it as Maru is."""

    async def read(self, place: str, limit: int) -> Found:
        """The newest `limit` messages of a place.

        Raises PlatformGone where Maru cannot look, and PlatformUnreachable where it may help to try again.
        """
        ...


def exchanges(said: Sequence[Message | Answer]) -> tuple[Exchange, ...]:
    """What people said up to an answer, with that answer. One whose question is not there is left out."""
    found: list[Exchange] = []
    asked: list[Message] = []
    answers: list[str] = []
    for one in said:
        if isinstance(one, Message):
            if answers:
                found.append(Exchange(tuple(asked), "\n\n".join(answers)))
                asked, answers = [], []
            asked.append(one)
        elif asked and one.text.strip():
            answers.append(one.text.strip())
    return (*found, Exchange(tuple(asked), "\n\n".join(answers))) if asked else tuple(found)
