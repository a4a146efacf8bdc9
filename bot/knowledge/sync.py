"""Keeps a collection of an index equal to its sources."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from bot.clock import Clock
from bot.errors import DocumentRefused
from bot.files import Files
from bot.knowledge.batches import batches, together
from bot.knowledge.desk import Desk
from bot.knowledge.folder import Found, largest
from bot.knowledge.ports import Document, Index
from bot.knowledge.readers import digest
from bot.knowledge.reports import Progress, Report, Watcher, unwatched
from bot.knowledge.sources import documents
from bot.ports import Addition, Collection, Collections, Problem

FRESH = 3.0  # seconds for which the sources are taken to be unchanged
NOTED = 60.0  # seconds after which it is noted again that nothing changed

log = logging.getLogger(__name__)


class Follower:
    """A collection and the documents that it follows."""

    def __init__(
        self,
        collection: Collection,
        *,
        index: Index,
        desk: Desk,
        collections: Collections,
        files: Files,
        clock: Clock,
    ) -> None:
        self.collection = collection
        self._index = index
        self._desk = desk
        self._collections = collections
        self._files = files
        self._clock = clock
        self._lock = asyncio.Lock()
        self._checked = self._noted = float("-inf")
        self._stamps: dict[str, tuple[int | str, ...]] = {}  # of files that were read, also of bad ones
        self._bad: dict[str, Problem] = {}
        self._reported: tuple[Problem, ...] = ()

    async def refresh(self) -> None:
        """Notice what changed in the sources, unless that was looked at a moment ago."""
        async with self._lock:
            age = self._clock.now() - self._checked
            if not 0 <= age < FRESH:
                await self._alone(unwatched)

    async def sync(self, watcher: Watcher = unwatched) -> Report | None:
        """Make the collection equal to its sources; None when another process is about to.

        Files are compared by content, changed ones are replaced and missing ones removed; one that
        cannot be used is in the report and not in the index. Each file counts from when it is done, so
        a sync that was cut short goes on where it was. A source that is missing as a whole is a problem,
        and then nothing is removed: it may come back.
        """
        async with self._lock:
            return await self._alone(watcher)

    async def accept(self, addition: Addition) -> Sequence[str]:
        """Index and own a document that was just added.

        Returns digests of bytes that nobody owns now. Raises DocumentRefused, with nothing changed then.
        """
        name = self.collection.name
        async with self._lock:
            try:
                document = await self._load(self._found(addition), "")
                if document:
                    await self._index.replace(name, document)
            finally:
                await self._desk.rest()
            return await self._collections.add(name, addition)

    def _found(self, added: Addition) -> Found:
        file = added.file
        return Found(added.path, self._files.path(file.digest), (file.digest,), file.size, public=False)

    async def _alone(self, watcher: Watcher) -> Report | None:
        known = self._reported
        async with self._collections.alone(self.collection.name) as mine:
            if not mine:
                return None
            try:
                report = await self._sync(watcher)
            finally:
                await self._desk.rest()
        now = self._clock.now()
        news = report.written or report.removed or report.problems != known
        if news or not 0 <= now - self._noted < NOTED:
            await self._collections.synced(self.collection.name, report.problems)
            self._noted = now
        return report

    async def _sync(self, watcher: Watcher) -> Report:
        name = self.collection.name
        found, problems, complete = await asyncio.to_thread(documents, self.collection.sources)
        found = self._with(found, await self._added())
        known = {listing.path: listing.digest for listing in await self._index.documents(name)}
        written = await self._bring(found, known, watcher)
        paths = {file.path for file in found}
        self._stamps = {path: stamp for path, stamp in self._stamps.items() if path in paths}
        self._bad = {path: problem for path, problem in self._bad.items() if path in paths}
        gone = known.keys() - (paths - self._bad.keys()) if complete else known.keys() & self._bad.keys()
        await together(self._index.remove(name, path) for path in sorted(gone))
        self._checked = self._clock.now()
        return self._report(
            Report(
                written=tuple(written),
                removed=tuple(sorted(gone)),
                unchanged=len(paths) - len(written) - len(self._bad),
                problems=(*problems, *self._bad.values()),
            )
        )

    async def _bring(
        self, found: Sequence[Found], known: Mapping[str, str], watcher: Watcher
    ) -> Sequence[str]:
        """Bring what is new or changed into the index, and say which that was."""
        progress = Progress(self.collection.name, len(found), sum(file.size for file in found), 0, 0)
        written: list[str] = []
        for batch in batches(found):
            watcher(progress)
            new = [file for file in batch if not self._settled(file, known)]
            taken = await together(self._take(file, known.get(file.path, "")) for file in new)
            written += [file.path for file, was_new in zip(new, taken, strict=True) if was_new]
            progress = replace(
                progress,
                files_done=progress.files_done + len(batch),
                bytes_done=progress.bytes_done + sum(file.size for file in batch),
            )
        watcher(progress)
        return written

    def _settled(self, file: Found, known: Mapping[str, str]) -> bool:
        """Whether a file was read as it is now; another process may have taken it out of the index since."""
        there = file.path in known or file.path in self._bad
        return there and self._stamps.get(file.path) == file.stamp

    async def _added(self) -> list[Found]:
        return [self._found(added) for added in await self._collections.additions(self.collection.name)]

    @staticmethod
    def _with(found: Sequence[Found], added: Sequence[Found]) -> list[Found]:
        """What people sent goes before a file of the same path: they are told that it counts."""
        every = {file.path: file for file in (*found, *added)}
        return [every[path] for path in sorted(every)]

    async def _take(self, file: Found, known: str) -> bool:
        """Bring a file into the index. False when it is there already, or cannot be used."""
        self._bad.pop(file.path, None)
        self._stamps.pop(file.path, None)
        document = None
        try:
            document = await self._load(file, known)
            if document:
                await self._index.replace(self.collection.name, document)
        except OSError as error:
            # It gets no stamp: whether it can be read tomorrow does not show in the file.
            self._bad[file.path] = Problem(file.path, f"cannot be read ({error.strerror}).")
            return False
        except DocumentRefused as error:
            self._bad[file.path] = Problem(file.path, str(error))
            document = None
        self._stamps[file.path] = file.stamp
        return document is not None

    async def _load(self, file: Found, known: str) -> Document | None:
        """The document of a file; None when it is the one that is known."""
        content = await asyncio.to_thread(_content, file)
        address = self._address(file)
        mark = digest(content, address)
        if mark == known:
            return None
        document = await self._desk.read(file.path, content)
        return replace(document, digest=mark, url=document.url or address)

    def _address(self, file: Found) -> str:
        base = self.collection.base_url
        return f"{base.rstrip('/')}/{quote(file.path)}" if base and file.public else ""

    def _report(self, report: Report) -> Report:
        if report.written or report.removed:
            log.info(
                "%s: %d documents indexed, %d removed, %d unchanged",
                self.collection.name,
                len(report.written),
                len(report.removed),
                report.unchanged,
            )
        for problem in report.problems:
            if problem not in self._reported:
                log.warning("%s: %s %s", self.collection.name, problem.path, problem.reason)
        self._reported = report.problems
        return report


def _content(file: Found) -> bytes:
    with file.file.open("rb") as opened:
        content = opened.read(largest(file.path) + 1)
    if len(content) > largest(file.path):  # it has grown since it was found
        raise DocumentRefused("document_too_large", most=largest(file.path))
    return content
