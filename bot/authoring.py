"""What a function of the team may import: `function` for its options, `Context`, `Answer` and `NewFile`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.messages import Author

TIME_LIMIT = 60.0  # seconds a function may take unless it says otherwise
OPTIONS = "__maru_options__"  # the attribute by which a function carries its options

Any_ = TypeVar("Any_", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, and where. A function gets it by having a parameter of this type; the model never sees it."""

    author: Author  # who asked last
    authors: tuple[Author, ...]  # everybody whose messages are answered together
    conversation: str  # "slack:T1/C1/171.2"
    turn: str  # the short id that people see and the log carries
    settings: Mapping[str, str] = field(default_factory=dict)  # the environment over `.env`


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that a function makes for the people of the conversation."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A result with files: the value is for the model, the files are for the people."""

    value: object
    files: Sequence[NewFile] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """How a function may be used."""

    approval: bool = False
    deciders: tuple[str, ...] = ()
    time_limit: float = TIME_LIMIT


def function(
    *, approval: bool = False, deciders: Sequence[str] = (), time_limit: float = TIME_LIMIT
) -> Callable[[Any_], Any_]:
    """Set the options of a function; without it, a function has the defaults.

    With `approval` somebody has to say yes before each call: one of the `deciders` (author ids), or where
    none is named, whoever asked. After `time_limit` seconds a call is given up.
    """
    options = Options(approval, tuple(deciders), time_limit)

    def mark(called: Any_) -> Any_:
        setattr(called, OPTIONS, options)
        return called

    return mark
