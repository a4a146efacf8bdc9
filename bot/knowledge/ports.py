"""The ports of a search index: what it keeps, what it finds, and what of it lies at a service."""

from collections.abc import Collection, Mapping, Sequence
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
    owner: str = ""  # whom to ask when it does not answer; empty when it does not say


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
    owner: str  # of the document
    score: float  # the best of a search comes first; 0 would have nothing of what is asked for, 1 all of it


@dataclass(frozen=True, slots=True)
class Upload:
    """A document as a service holds it."""

    file: str  # its id there
    collection: str
    document: Document
    ready: bool = False  # the service has indexed it
    size: int = 0  # bytes that it takes in the store; 0 until the service has said so


class Uploads(Protocol):
    """What we have at a service that searches collections, so that both sides can be kept equal.

    What is let go of here is an orphan of `Remotes` from then on, until it is deleted there too.
    """

    async def stores(self) -> Mapping[str, str]:
        """Collection -> the id of its store."""
        ...

    async def open(self, collection: str, store: str) -> None:
        """Give a collection its store."""
        ...

    async def close(self, collection: str) -> None:
        """Let go of a collection's store, and of every upload in it."""
        ...

    async def close_empty(self, collection: str) -> str:
        """Let go of a collection's store if it has no uploads; returns its id, empty when it stays."""
        ...

    async def waiting(self, collection: str, document: Document) -> str:
        """The file of a document that is uploaded and not indexed yet; empty when there is none."""
        ...

    async def add(self, upload: Upload) -> None:
        """Name an upload before it is relied on."""
        ...

    async def settle(self, file: str, size: int) -> Sequence[str]:
        """It is indexed, and takes the place of what had its path; returns the files it replaced."""
        ...

    async def drop(self, collection: str, path: str) -> Sequence[str]:
        """Let go of everything under a path; returns the files."""
        ...

    async def discard(self, file: str) -> None:
        """Let go of one upload."""
        ...

    async def unsettled(self, since: float) -> Sequence[str]:
        """What the service may find and must not: files let go of since a time, and those not indexed yet."""
        ...

    async def listed(self, collection: str) -> Sequence[Upload]:
        """A collection's uploads in the order of paths, without their sections."""
        ...

    async def pending(self, before: float) -> Sequence[str]:
        """Files that were uploaded before a time and are not indexed yet."""
        ...

    async def known(self, files: Collection[str]) -> Mapping[str, Upload]:
        """Those of these files that are ours, whole."""
        ...


class Index(Protocol):
    """Keeps documents in collections and finds passages in them."""

    async def replace(self, collection: str, document: Document) -> None:
        """Keep a document instead of what is kept under its path, all or nothing.

        Raises DocumentRefused when it cannot be searched.
        """
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

    async def sweep(self) -> None:
        """Compare what is kept here with what is kept elsewhere, and let go of what one side alone knows."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...

    async def search(self, query: str, collections: Collection[str], limit: int) -> Sequence[Passage]:
        """What answers a question or has its words, the best first; in other collections nothing is found.

        The query is a person's words in any language: nothing in it is an operator or an error.
        """
        ...


Vector = Sequence[float]
"""Where a text stands among all texts: near to what means the same."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def model(self) -> str:
        """Vectors of another model cannot be compared with these."""
        ...

    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """A vector for each text, all of one length. Raises EmbeddingsUnavailable."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Unembedded:
    """A passage without a vector."""

    passage: int  # its id
    text: str  # with the title and the place, for they say what it is about


class Vectors(Protocol):
    """Keeps the vectors of passages and finds near ones; a passage that goes takes its own along."""

    async def missing(self, model: str, after: int, limit: int) -> Sequence[Unembedded]:
        """Passages after that id which have no vector of this model, in the order of ids."""
        ...

    async def keep(self, model: str, vectors: Mapping[int, Vector]) -> None:
        """Keep vectors by passage instead of what is kept; for a passage that went meanwhile, nothing."""
        ...

    async def nearest(
        self, model: str, vector: Vector, collections: Collection[str], limit: int
    ) -> Sequence[Passage]:
        """The passages nearest to a vector, the best first; the score is the cosine."""
        ...
