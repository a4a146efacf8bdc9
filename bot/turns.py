"""Turns, their checkpoints and the draft of their answer."""

from dataclasses import dataclass, field, replace
from typing import Literal

from bot.events import (
    Activity,
    Call,
    Calls,
    Citation,
    CodeRun,
    Completed,
    Event,
    Failed,
    File,
    FileMade,
    Note,
    Notice,
    Outcome,
    Preview,
    Reason,
    Restarted,
    Source,
    Started,
    Stopped,
    Text,
)
from bot.messages import Author, Message
from bot.text import settled, storable

MOST_SOURCES = 20  # of one answer: nobody reads more, and every platform has to list them

State = Literal["waiting", "running", "paused", "answered", "done", "refused", "stopped", "failed"]
End = Literal["done", "refused", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Question:
    """A call that waits for a person's yes or no."""

    call: Call
    deadline: float  # seconds since the epoch; after it the answer is no
    deciders: tuple[str, ...] = ()  # author ids that may answer; empty: anybody
    asker: str = ""  # the names of those for whom it is done


@dataclass(frozen=True, slots=True)
class Mark:
    """A source's number at a position in the text."""

    position: int
    number: int  # 1 is the first of the draft's sources


@dataclass(frozen=True, slots=True)
class Draft:
    """The answer so far."""

    text: str = ""  # Markdown of the model, without marks
    activity: Activity | None = None
    sources: tuple[Source, ...] = ()
    marks: tuple[Mark, ...] = ()  # in order of position
    files: tuple[File, ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # address in the text -> digest of the file it stands for
    code: tuple[str, ...] = ()  # Python that was run for it, in order
    preview: File | None = None  # the picture that is being drawn, as far as it is
    questions: tuple[Question, ...] = ()
    end: End | Literal[""] = ""  # empty while more may come
    note: Note = ""
    reason: Reason | Literal[""] = ""  # why it failed
    notices: tuple[str, ...] = ()  # finished sentences of ours for the person, shown under the answer
    step_start: int = 0  # where the text of the running step begins
    step_marks: int = 0  # marks of earlier steps
    step_code: int = 0  # pieces of code of earlier steps

    @property
    def settled(self) -> int:
        """The length of text that no later event changes."""
        return len(self.text) if self.end else settled(self.text)

    @property
    def whole(self) -> bool:
        """Whether nothing is added for now: it has ended, or people are asked something."""
        return bool(self.end or self.questions)

    @property
    def begun(self) -> bool:
        """Whether the running step has brought something that a new beginning takes back."""
        return len(self.text) > self.step_start or len(self.code) > self.step_code

    def apply(self, event: Event) -> "Draft":
        """The draft after an event."""
        match event:
            case Text(delta):
                return replace(self, text=self.text + storable(delta), activity=None)
            case Activity():
                return replace(self, activity=event)
            case Citation():
                return self._cite(event)
            case FileMade(file, link):
                links = (*self.links, (link, file.digest)) if link else self.links
                known = any(known.digest == file.digest and known.name == file.name for known in self.files)
                files = self.files if known else (*self.files, file)
                return replace(self, files=files, links=links, preview=None)
            case Preview(file):
                return replace(self, preview=file)
            case CodeRun(code):
                return replace(self, code=(*self.code, storable(code)))
            case Notice(sentence):
                told = sentence in self.notices
                return self if told else replace(self, notices=(*self.notices, sentence))
            case Restarted():
                return self._restart()
            case Calls():
                # What the model said before its calls is a paragraph of its own.
                # Added, never taken away: an append-only stream may have sent all of it.
                blank = len(self.text) - len(self.text.rstrip("\n"))
                text = self.text + "\n\n"[blank:] if self.text.strip() else self.text
                return replace(
                    self,
                    text=text,
                    activity=None,
                    preview=None,
                    step_start=len(text),
                    step_marks=len(self.marks),
                    step_code=len(self.code),
                )
            case Completed() | Stopped() | Failed():
                return self._over(event)
            case Started():
                return self

    def _over(self, event: Completed | Stopped | Failed) -> "Draft":
        draft = replace(self, activity=None, preview=None, questions=())
        match event:
            case Completed(note=note):
                return replace(draft, end="done", note=note)
            case Stopped():
                return replace(draft, end="stopped")
            case Failed(reason):
                return replace(draft, end="failed", reason=reason)

    def _cite(self, citation: Citation) -> "Draft":
        source, position = citation.source, citation.position
        keys = [known.key for known in self.sources]
        if source.key not in keys and len(keys) >= MOST_SOURCES:
            return self
        sources = self.sources if source.key in keys else (*self.sources, source)
        number = keys.index(source.key) + 1 if source.key in keys else len(sources)
        if not citation.marked:
            return replace(self, sources=sources)
        # A mark never lands in text that an append-only stream may have sent already.
        place = len(self.text) if position < 0 else min(self.step_start + position, len(self.text))
        mark = Mark(max(place, settled(self.text)), number)
        marks = self.marks if mark in self.marks else (*self.marks, mark)
        return replace(self, sources=sources, marks=tuple(sorted(marks, key=lambda m: m.position)))

    def _restart(self) -> "Draft":
        marks = self.marks[: self.step_marks]
        last = max((mark.number for mark in marks), default=0)
        return replace(
            self,
            text=self.text[: self.step_start],
            marks=marks,
            sources=self.sources[:last],
            code=self.code[: self.step_code],
            activity=None,
            preview=None,
        )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a turn has come; each part is stored before it is acted on."""

    step: int = 0
    response: str = ""  # the id of the response that is being produced
    calls: tuple[Call, ...] = ()  # what the model waits for
    outcomes: tuple[Outcome, ...] = ()  # of those calls that have ended
    begun: frozenset[str] = frozenset()  # calls whose function was started


@dataclass(frozen=True, slots=True)
class Turn:
    """Messages of one conversation, answered together."""

    id: int
    conversation: str
    messages: tuple[Message, ...]  # in the platform's order
    state: State = "running"
    attempt: int = 0  # how often a step of it failed or died so far
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    draft: Draft = field(default_factory=Draft)
    again_of: int = 0  # the turn whose answer this one replaces
    stop: bool = False  # somebody asked to stop it
    first: bool = False  # nothing was answered in this conversation before, not even before a reset
    created_at: float = 0.0  # seconds since the epoch
    documents: tuple[str, ...] = ()  # names of attached files that are searched, also of earlier turns

    @property
    def reference(self) -> str:
        """The short id that people see and the log carries."""
        return f"T{self.id}"

    @property
    def author(self) -> Author:
        """Who asked last."""
        return self.messages[-1].author

    @property
    def origin(self) -> str:
        """The adapter's own JSON of the last message."""
        return self.messages[-1].origin
