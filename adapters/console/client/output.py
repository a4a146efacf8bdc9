"""What every output of the client can do, and the plain one for pipes and files."""

from itertools import count
from typing import Protocol, TextIO

from adapters.console.client.markdown import clean, with_numbers
from adapters.console.client.shelf import Shelf
from adapters.console.protocol import Answer
from bot.events import Source
from bot.files import human_size
from bot.wording import closing


class Output(Protocol):
    """Where a conversation is shown."""

    moving: bool  # whether more of an answer, or of waiting, can be seen

    def asked(self, text: str, files: tuple[str, ...]) -> None:
        """Somebody wrote something."""
        ...

    def wait(self, doing: str) -> None:
        """Show that something is going on, until anything else is shown. May be called again and again."""
        ...

    def show(self, answer: Answer, *, stopping: bool = False) -> None:
        """Show more of an answer; the whole of it once its draft has ended. One answer at a time."""
        ...

    def tell(self, text: str) -> None:
        """Show a sentence, in Markdown."""
        ...

    def rest(self) -> None:
        """Nothing moves from here on, until something is shown again."""
        ...


class Plain:
    """The `Output` of a pipe: each answer once it is whole, as the Markdown it is."""

    moving = False

    def __init__(self, stream: TextIO, shelf: Shelf) -> None:
        self._stream = stream
        self._shelf = shelf
        self._number = count()

    def asked(self, text: str, files: tuple[str, ...]) -> None:
        """Whoever wrote into the pipe knows."""

    def wait(self, doing: str) -> None:
        """Nobody looks."""

    def show(self, answer: Answer, *, stopping: bool = False) -> None:  # noqa: ARG002 - nobody looks
        if answer.draft.end:
            self.tell("\n\n".join(paragraphs(answer, self._shelf)))

    def tell(self, text: str) -> None:
        blank = "\n" if next(self._number) else ""
        print(blank + clean(text).strip(), file=self._stream, flush=True)

    def rest(self) -> None:
        """Nothing ever moves."""


def paragraphs(answer: Answer, shelf: Shelf) -> list[str]:
    """A finished answer as plain Markdown."""
    draft = answer.draft
    found = [with_numbers(draft.text, draft.marks).replace("\\[", "[").strip()]
    found.append("\n".join(source_line(number, source) for number, source in enumerate(draft.sources, 1)))
    found.append("\n".join(f"{o.name} ({human_size(o.size)}): {o.path}" for o in shelf.offers(answer)))
    found += closing(draft, answer.reference, answer.language)
    return [paragraph for paragraph in found if paragraph]


def source_line(number: int, source: Source) -> str:
    """One source, below an answer."""
    return clean(
        f"[{number}] " + " · ".join(part for part in (source.title, source.place, source.url) if part)
    )
