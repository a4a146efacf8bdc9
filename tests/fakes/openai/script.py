"""What a test tells the model to do next, one entry for each call of it."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Literal

End = Literal["completed", "failed", "incomplete", "nested_error", "flat_error", "silence"]
Cut = Literal["", "eof", "drop", "reset"]


class Gate:
    """Holds a response back until a test opens it."""

    def __init__(self) -> None:
        self._reached = asyncio.Event()
        self._opened = asyncio.Event()

    def reach(self) -> asyncio.Event:
        """The response has come this far; it waits for the returned event."""
        self._reached.set()
        return self._opened

    async def reached(self) -> None:
        """Return once the response waits here."""
        await self._reached.wait()

    def open(self) -> None:
        """Let the response go on."""
        self._opened.set()


@dataclass(frozen=True, slots=True)
class Says:
    """A message of the model."""

    text: str
    phase: Literal["commentary", "final_answer"] | None = None
    annotations: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Refuses:
    """A message that is a refusal."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinks:
    """A reasoning item."""

    summary: str = ""


@dataclass(frozen=True, slots=True)
class Asks:
    """A call of one of the caller's functions."""

    name: str
    arguments: str = "{}"
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Searches:
    """A web search."""

    query: str


@dataclass(frozen=True, slots=True)
class Looks:
    """A search in the caller's documents."""

    query: str


@dataclass(frozen=True, slots=True)
class Computes:
    """Python that runs in a container, and the files it leaves there."""

    code: str
    files: tuple[tuple[str, str, bytes], ...] = ()  # id, name, content


@dataclass(frozen=True, slots=True)
class Draws:
    """A picture, and how it looks before it is finished."""

    data: bytes
    partial: tuple[bytes, ...] = ()  # as many of them are told as the request wants
    prompt: str = ""  # what was drawn, as the model put it


@dataclass(frozen=True, slots=True)
class Consults:
    """A tool of an MCP server. Where it needs a yes the response ends with the question."""

    server: str  # its label
    tool: str
    arguments: str = "{}"


Output = Says | Refuses | Thinks | Asks | Searches | Looks | Computes | Draws | Consults


@dataclass(frozen=True, slots=True)
class Play:
    """One response: what it consists of, and how it goes wrong."""

    outputs: tuple[Output, ...]
    end: End = "completed"
    after: int | None = None  # words after which the end, or the cut, comes; None: after everything
    code: str = "server_error"  # of the error or the reason of incompleteness
    message: str = ""  # of the error
    cut: Cut = ""  # the connection breaks; the response itself goes on
    hold: Gate | None = None  # waits there after `held` words
    held: int = 0
    to: str = ""  # only for a call whose last user text contains this


@dataclass(frozen=True, slots=True)
class Fails:
    """The call is refused with an HTTP status before anything is made."""

    status: int
    code: str | None = None
    type: str = "invalid_request_error"
    message: str = "No."
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    to: str = ""


@dataclass(frozen=True, slots=True)
class Drops:
    """The connection is reset and nothing is made."""

    to: str = ""


Act = Play | Fails | Drops


def Answer(text: str, *, hold: Gate | None = None, held: int = 0, to: str = "") -> Play:  # noqa: N802 - reads as the class it makes
    """A plain answer."""
    return Play((Says(text),), hold=hold, held=held, to=to)


def Calls(*asks: Asks, text: str = "") -> Play:  # noqa: N802 - reads as the class it makes
    """Function calls, perhaps after some words."""
    return Play((*((Says(text),) if text else ()), *asks))


def BreaksOff(text: str = "one two three four five six", *, after: int = 3, how: Cut = "drop") -> Play:  # noqa: N802 - reads as the class it makes
    """The connection breaks after some words, and the response goes on without the caller."""
    return Play((Says(text),), cut=how, after=after)


def arguments(**values: object) -> str:
    """Arguments of a call as the model writes them."""
    return json.dumps(values)
