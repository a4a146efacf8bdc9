"""Documents that people attach and that are too long to be sent: searched in their own conversation alone."""

import logging
from dataclasses import replace
from pathlib import PurePath

from bot.errors import DocumentProtected, DocumentRefused, FileRefused
from bot.file_types import (
    DOCX,
    HEAD,
    HTML,
    MARKDOWN,
    PDF,
    PPTX,
    XLSX,
    Verdict,
    decide,
    readable,
    textual,
)
from bot.files import Files
from bot.knowledge.desk import Desk
from bot.knowledge.ports import Document, Index
from bot.knowledge.readers import FORM, PACKED, READERS, ending
from bot.messages import Attachment
from bot.ports import Threads

WHOLE = 100_000  # characters of a document that is sent; a longer one would be paid for with every turn
LONGEST = 5_000_000  # characters of a document that can be searched: a shelf of books
OWN = "conversation:"  # begins the name of a conversation's collection; names of others have no colon

RICH = {
    PDF.media_type: ".pdf",
    DOCX.media_type: ".docx",
    PPTX.media_type: ".pptx",
    XLSX.media_type: ".xlsx",
    HTML.media_type: ".html",
    MARKDOWN.media_type: ".md",
}

logger = logging.getLogger(__name__)


def own_collection(conversation: str) -> str:
    """The collection of the documents that people attached in a conversation."""
    return OWN + conversation


class AttachedDocuments:
    """Keeps each conversation's collection equal to the long documents of its open thread."""

    def __init__(self, index: Index, threads: Threads, files: Files, *, whole: int = WHOLE) -> None:
        """`whole` is how many characters are sent; with 0 nothing is sent and everything is searched."""
        self._index = index
        self._threads = threads
        self._files = files
        self._whole = whole
        self._desk = Desk()

    async def examine(
        self, file: Attachment, verdict: Verdict, *, python: bool
    ) -> tuple[Attachment, Document | None]:
        """Find out whether a kept file is to be searched; then it says so, and its document comes with it.

        With `python`, tables and other data are left to it.
        """
        form = _ending(file.name, verdict)
        sent = self._whole > 0 and readable(verdict)
        if not form or file.searched or (self._whole and python and verdict.kind == "data"):
            return file, None
        if sent and form not in PACKED and file.size <= self._whole:
            return file, None
        try:
            document = await self._read(file, form)
        except DocumentProtected:
            return replace(file, problem="file_protected"), None
        except DocumentRefused as error:
            # The model may still see something in it: scanned pages, for one.
            logger.info("an attached %s has no text that can be searched: it %s", form, error)
            return file, None
        length = sum(len(section.text) for section in document.sections)
        if sent and length <= self._whole:
            return file, None
        if length > LONGEST:
            return replace(file, problem="file_too_long"), None
        return replace(file, searched=True), document

    async def keep(self, conversation: str, document: Document) -> None:
        """Make an examined document searchable."""
        await self._index.replace(own_collection(conversation), document)

    async def align(self, conversation: str) -> tuple[str, ...]:
        """Make the collection equal to what people attached; returns the names of what can be searched."""
        collection = own_collection(conversation)
        # In this order: what is listed was attached before, so that nothing new is taken for withdrawn.
        listed = {listing.path: listing.digest for listing in await self._index.documents(collection)}
        attached = await self._threads.attachments(conversation)
        wanted = {_path(file): file for file in attached if file.searched and not file.problem}
        for path in listed.keys() - wanted.keys():
            await self._index.remove(collection, path)
        for path, file in list(wanted.items()):
            if listed.get(path) != f"{FORM}:{file.digest}" and not await self._again(conversation, file):
                del wanted[path]
        return tuple(file.name for file in wanted.values())

    async def sweep(self) -> None:
        """Let go of every document that no open thread has any more."""
        for collection in await self._index.collections():
            if collection.startswith(OWN):
                await self.align(collection.removeprefix(OWN))

    async def close(self) -> None:
        """End what reads."""
        await self._desk.rest()

    async def _again(self, conversation: str, file: Attachment) -> bool:
        """Make a document searchable that should be; False when it cannot be read any more."""
        try:
            head = await self._files.head(file.digest, HEAD)
            document = await self._read(file, _ending(file.name, decide(file.name, head, file.size)))
        except (DocumentRefused, FileRefused) as error:
            logger.warning("%s: an attached document is lost: %s", conversation, error)
            return False
        await self.keep(conversation, document)
        return True

    async def _read(self, file: Attachment, form: str) -> Document:
        content = await self._files.read(file.digest)
        # The name says how it is read; people know the document by its file's name alone.
        document = await self._desk.read(PurePath(file.name).stem + form, content)
        return replace(document, path=_path(file), title=file.name, url="")


def _path(file: Attachment) -> str:
    """The same bytes under the same name are one document, others of that name are not."""
    return f"{file.digest[:12]}/{file.name}"


def _ending(name: str, verdict: Verdict) -> str:
    """By which ending a file is read: of its content, and for text of its name. Empty: not at all."""
    if verdict.media_type in RICH:
        return RICH[verdict.media_type]
    if not textual(verdict):
        return ""
    named = ending(name)
    return named if named in READERS and named not in RICH.values() else ".txt"
