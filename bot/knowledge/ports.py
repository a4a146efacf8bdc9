"""The port of the local search index: what it keeps, and what it finds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.texts import Language


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a document small enough to be quoted."""

    place: str  # headings that lead to it, with " › " between; or a page; may be empty
    text: str  # Markdown


@dataclass(frozen=True, slots=True)
class Document:
    """A document ready to be searched."""

    path: str  # in its collection, with forward slashes
    digest: str  # the same digest is the same document
    title: str
    language: Language
    sections: tuple[Section, ...]
    url: str = ""  # where people can read it; empty when nobody said


@dataclass(frozen=True, slots=True)
class Listing:
    """A document in a list."""

    path: str
    digest: str
    title: str
    language: Language


@dataclass(frozen=True, slots=True)
class Passage:
    """A section that was found."""

    collection: str
    path: str
    number: int  # its place in the document; 0 is the first
    title: str  # of the document
    place: str
    text: str
    url: str
    language: Language
    score: float  # the best of a search comes first; 0 would have nothing of what is asked for, 1 all of it


class Index(Protocol):
    """Keeps documents in collections and finds passages in them."""

    async def replace(self, collection: str, document: Document) -> None:
        """Keep a document instead of what is kept under its path, all or nothing."""
        ...

    async def remove(self, collection: str, path: str) -> None:
        """Let go of a document; one that is not there is gone already."""
        ...

    async def documents(self, collection: str) -> Sequence[Listing]:
        """What a collection has, in the order of paths."""
        ...

    async def collections(self) -> Sequence[str]:
        """The collections that have documents, in order."""
        ...

    async def search(self, query: str, collections: Collection[str], limit: int) -> Sequence[Passage]:
        """What answers a question or has its words, the best first; in other collections nothing is found.

        The query is a person's words in any language: nothing in it is an operator or an error.
        Passages in the language of the question come before equally good ones in another.
        """
        ...
