"""What can happen in a step of the engine; what must not happen is an exception instead."""

from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "unreachable",  # no connection, or it broke off
    "overloaded",  # the service asks for patience
    "rate_limited",
    "quota",  # no money left: an operator must act
    "key",  # the API key is wrong or lacks a right: an operator must act
    "model",  # unknown or retired model: an operator must act
    "threads",  # hosted threads are demanded of a service that has none: an operator must act
    "busy",  # the thread stayed locked
    "too_long",  # the thread no longer fits the model, also after it was shortened
    "rejected",  # the service refuses this content for what it is
    "image",  # a picture cannot be read
    "broken",  # the service failed
    "interrupted",  # Maru was cut short too often
    "endless",  # the model went on calling functions
    "bug",  # Maru failed
]

ALT_CHARS = 1_000  # of a description: what every platform takes

Note = Literal["", "cut", "filtered", "recovered"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from."""

    key: str  # the same key is the same source
    title: str
    place: str = ""  # heading or page
    url: str = ""  # empty when the collection knows no address
    passage: str = ""  # the quoted text, where the engine has it


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes out; its bytes are kept before it is named here."""

    digest: str  # SHA-256 of the bytes
    name: str
    media_type: str
    size: int  # bytes
    role: Literal["picture", "file"] = "file"
    alt: str = ""  # what a picture shows, for those who cannot see it; at most ALT_CHARS


@dataclass(frozen=True, slots=True)
class Call:
    """The model asks for a function, or to be allowed a tool of an MCP server."""

    id: str
    name: str
    arguments: str  # JSON as the model wrote it; may be broken
    server: str = ""  # label of the MCP server that does it once it is allowed; empty: a function of ours


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call."""

    call: str
    status: Literal["done", "failed", "declined", "interrupted"]
    output: str  # what the model is told
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What one step used."""

    model: str
    input_tokens: int = 0
    cached_tokens: int = 0  # the part of input_tokens that was cached
    output_tokens: int = 0
    containers: int = 0  # sessions of Python that were begun for it
    web_searches: int = 0
    file_searches: int = 0
    pictures: int = 0  # that were drawn
    picture_text_tokens: int = 0  # of what they were drawn from
    picture_image_tokens: int = 0  # of pictures that they were drawn from
    picture_output_tokens: int = 0  # of the pictures themselves; 0 when the service does not say


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a thread, in the engine's own form."""

    kind: str  # "message", "reasoning", "function_call" …
    remote_id: str  # OpenAI's id; empty where there is none
    body: str  # JSON that only the engine reads


@dataclass(frozen=True, slots=True)
class Started:
    """The step has an id by which it can be cancelled and taken up again."""

    response: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """All text of this step so far is void; it comes again from the beginning."""


@dataclass(frozen=True, slots=True)
class Text:
    """More text of the answer."""

    delta: str


@dataclass(frozen=True, slots=True)
class Activity:
    """What is being done right now."""

    kind: Literal[
        "thinking", "searching", "browsing", "python", "drawing", "function", "asking", "waiting", "reading"
    ]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """The text at this position comes from a source."""

    source: Source
    position: int = -1  # in the step's text; -1 is its end so far
    marked: bool = True  # False: the text itself shows the source there, and needs no number


@dataclass(frozen=True, slots=True)
class FileMade:
    """The model made a file."""

    file: File
    link: str = ""  # the address in the text that stands for it (`sandbox:/mnt/data/x`)


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture while it is drawn; the next one, or the whole picture, takes its place."""

    file: File


@dataclass(frozen=True, slots=True)
class CodeRun:
    """The model ran this Python."""

    code: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A finished sentence of ours for the person, shown under the answer."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Completed:
    """The answer is whole, or as whole as the note says. Ends the step and the turn."""

    items: tuple[Item, ...] = ()
    usage: Usage | None = None
    note: Note = ""


@dataclass(frozen=True, slots=True)
class Calls:
    """The step ends, and functions must run before the next one."""

    calls: tuple[Call, ...]
    items: tuple[Item, ...] = ()
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The step was cancelled. Ends the step and the turn."""

    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The step failed. `again` says that another attempt may help, after `after` seconds."""

    reason: Reason
    detail: str  # for the operator's log: never a secret, never a person's words
    again: bool = False
    after: float = 0.0  # seconds
    usage: Usage | None = None


Event = (
    Started
    | Restarted
    | Text
    | Activity
    | Citation
    | FileMade
    | Preview
    | CodeRun
    | Notice
    | Completed
    | Calls
    | Stopped
    | Failed
)
