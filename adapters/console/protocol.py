"""What the console's server and client tell each other: one JSON object per line, both ways."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.messages import Action
from bot.texts import Language
from bot.turns import Draft

LINE_BYTES = 64 * 1_048_576  # the longest line; the asyncio default of 64 KB is less than a long answer


# -- from the client ---------------------------------------------------------------------------
# `key` is made by the client and unique. The server answers each with a `Received` of that key, so
# a client that lost its connection sends again what was not answered: a known key is a repeat.


@dataclass(frozen=True, slots=True)
class Hello:
    """Opens a connection; nothing else is read before it."""

    token: str
    conversation: str  # the bare name, such as "main"
    locale: str = ""
    seen: int | None = None  # the last turn whose answer the client has whole; None: it has just been started
    kind: Literal["hello"] = "hello"


@dataclass(frozen=True, slots=True)
class Said:
    """The person wrote something."""

    key: str
    text: str
    paths: tuple[str, ...] = ()  # absolute paths of files; client and server share a machine
    kind: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class Edited:
    """The message `message` has a new text."""

    key: str
    message: str
    text: str
    kind: Literal["edited"] = "edited"


@dataclass(frozen=True, slots=True)
class Deleted:
    """The message `message` is taken back."""

    key: str
    message: str
    kind: Literal["deleted"] = "deleted"


@dataclass(frozen=True, slots=True)
class Pressed:
    """What would be a button elsewhere."""

    key: str
    turn: int
    action: Action
    call: str = ""  # for approve and decline
    kind: Literal["pressed"] = "pressed"


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command of the core."""

    key: str
    name: str
    argument: str = ""
    kind: Literal["commanded"] = "commanded"


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Ctrl-C."""

    key: str
    kind: Literal["interrupted"] = "interrupted"


# -- from the server ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    """What became of what the client sent."""

    key: str
    new: bool = True
    turn: int = 0  # the turn whose answer is to be expected; 0 when there is none
    problem: str = ""  # the sentence for the person when it could not be done
    kind: Literal["received"] = "received"


@dataclass(frozen=True, slots=True)
class Asked:
    """A message as the conversation has it."""

    key: str
    text: str
    files: tuple[str, ...] = ()  # names


@dataclass(frozen=True, slots=True)
class Answer:
    """A turn as it stands; a later one of the same turn replaces it. Final when its draft has ended."""

    turn: int
    reference: str
    asked: tuple[Asked, ...]
    draft: Draft
    language: Language  # of the person who asked
    paths: tuple[str, ...] = ()  # where the draft's files are on this machine, in their order
    kind: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the person; `key` names what it is about."""

    key: str
    text: str  # Markdown
    kind: Literal["notice"] = "notice"


@dataclass(frozen=True, slots=True)
class Welcome:
    """The token was right, and everything the client has missed is said."""

    kind: Literal["welcome"] = "welcome"


Request = Said | Edited | Deleted | Pressed | Commanded | Interrupted
FromClient = Hello | Request
FromServer = Received | Answer | Notice | Welcome

FROM_CLIENT: TypeAdapter[FromClient] = TypeAdapter(Annotated[FromClient, Field(discriminator="kind")])
FROM_SERVER: TypeAdapter[FromServer] = TypeAdapter(Annotated[FromServer, Field(discriminator="kind")])


def client_line(message: FromClient) -> bytes:
    return FROM_CLIENT.dump_json(message) + b"\n"


def server_line(message: FromServer) -> bytes:
    return FROM_SERVER.dump_json(message) + b"\n"
