"""What can come in from a platform: the common events that every adapter produces."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Author:
    """A person on a platform."""

    id: str  # with the platform in front: "slack:T1/U1", "web:9f3c"
    name: str
    locale: str = ""  # as the platform says it ("ko-KR"); empty when it does not


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came in with a message."""

    name: str
    size: int = 0  # bytes, as the platform says; 0 when it does not
    media_type: str = ""  # as the platform says; what counts is decided from the content
    source: str = ""  # JSON that only the adapter reads: where `fetch` finds the bytes
    digest: str = ""  # SHA-256 of the kept bytes; empty until they are fetched
    problem: str = ""  # key of the text that says why it cannot be used; empty when it can
    searched: bool = False  # too long to be sent: the model searches it instead


@dataclass(frozen=True, slots=True)
class Message:
    """What one person sent."""

    conversation: str
    keys: tuple[str, ...]  # every identity the platform knows it by; any known one is a repeat
    position: str  # its place in the platform's own order: sorts as text within the conversation
    author: Author
    text: str  # Markdown; platform mentions already turned into names
    sent_at: float  # seconds since the epoch
    attachments: tuple[Attachment, ...] = ()
    origin: str = "{}"  # JSON that only the adapter reads, so that a reply can be made after a restart
    private: bool = False  # nobody but the author reads the conversation (a DM, not a group's)
    channel: str = ""  # the place it lies in, where the conversation's name does not begin with it
    id: int = 0  # the store's number; 0 before it is stored


@dataclass(frozen=True, slots=True)
class Edit:
    """A message has a new text. An edit older than what is stored changes nothing."""

    conversation: str
    keys: tuple[str, ...]
    text: str
    edited_at: float  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Delete:
    """A message is gone. May arrive before the message itself."""

    conversation: str
    keys: tuple[str, ...]


Action = Literal["stop", "again", "helpful", "unhelpful", "approve", "decline"]


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed a button under a reply."""

    conversation: str
    turn: int
    action: Action
    author: Author
    subject: str = ""  # for approve and decline: the id of the call
    origin: str = "{}"


@dataclass(frozen=True, slots=True)
class Command:
    """Somebody asked the core for something that needs no model: help, reset, forget and so on."""

    conversation: str
    key: str  # the platform's identity of this command; a known one is a repeat
    name: str
    author: Author
    sent_at: float
    argument: str = ""
    origin: str = "{}"
    attachments: tuple[Attachment, ...] = ()
    id: int = 0
    until: int = 0  # the newest turn when it came in: what was asked later is not meant by it


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody asked the platform, not a button of ours, to stop the answer of a conversation."""

    conversation: str
    author: Author
    until: int = 0  # the newest turn that is meant; 0 is any


Incoming = Message | Edit | Delete | Press | Command | Stop


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of something that came in, once it is stored."""

    new: bool  # False: a repeat, or there was nothing to act on
    turn: int = 0  # the turn it joined or acted on; 0 when there is none
    message: int = 0
    stopped: bool = False  # it asked that turn to stop
    refusal: str = ""  # key of the text for the person, when it could not be done


@dataclass(frozen=True, slots=True)
class Quoted:
    """Something others wrote before Maru was there: material for the model, never instructions."""

    author: str
    text: str
    sent_at: float


@dataclass(frozen=True, slots=True)
class Person:
    """What a platform knows of an author now."""

    kind: Literal["member", "guest", "outsider", "bot"]
    locale: str = ""
    groups: frozenset[str] = (
        frozenset()
    )  # "slack:E1", "discord:1234": what they belong to, as far as it matters
