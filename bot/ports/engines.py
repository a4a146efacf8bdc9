"""The ports of what thinks: the engine, and the functions that the model may call."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.assistants import Assistant
from bot.events import Call, Event, Outcome
from bot.messages import Quoted
from bot.ports.threads import Remote
from bot.turns import Question, Turn


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
    collections: tuple[str, ...] = ()  # that may be searched for this turn
    previews: bool = False  # pictures are shown while they are drawn
    owners: tuple[str, ...] = ()  # whom to ask when the collections do not answer


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

    async def forget(self, remote: Sequence[Remote]) -> Sequence[Remote]:
        """Delete things made at the service; returns those that are gone now."""
        ...

    async def close(self) -> None: ...


class Functions(Protocol):
    """The functions that the model may call."""

    def declarations(self, assistant: Assistant, turn: Turn) -> tuple[Declaration, ...]: ...

    def question(self, call: Call, turn: Turn, assistant: Assistant) -> Question | None:
        """What must be asked before this call may run; None when it may run at once."""
        ...

    async def run(self, call: Call, turn: Turn, assistant: Assistant) -> Outcome:
        """Run it, if this assistant may call it. What goes wrong is told to the model; never raises.

        A call for an MCP server is not run but allowed, which may be said again after a crash.
        """
        ...
