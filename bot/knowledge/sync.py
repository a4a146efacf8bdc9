"""Keeps a collection of the index equal to a folder."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.clock import Clock
from bot.errors import DocumentRefused
from bot.knowledge.folder import Found, Problem, files
from bot.knowledge.ports import Document, Index
from bot.knowledge.readers import digest, read

FRESH = 3.0  # seconds for which a folder is taken to be unchanged

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync did."""

    written: tuple[str, ...] = ()  # paths that are new or changed
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()


class Folder:
    """A folder and the collection that follows it."""

    def __init__(self, index: Index, collection: str, root: Path, clock: Clock) -> None:
        self.collection = collection
        self._index = index
        self._root = root
        self._clock = clock
        self._lock = asyncio.Lock()
        self._checked = float("-inf")
        self._stamps: dict[str, tuple[int, int, int]] = {}  # of files that were read, also of bad ones
        self._bad: dict[str, Problem] = {}
        self._reported: Sequence[Problem] = ()

    async def refresh(self) -> None:
        """Notice what changed in the folder, unless that was looked at a moment ago."""
        async with self._lock:
            age = self._clock.now() - self._checked
            if not 0 <= age < FRESH:
                await self._sync()

    async def sync(self) -> Report:
        """Make the collection equal to the folder.

        Files are compared by content, changed ones are replaced and missing ones removed; one that
        cannot be used is in the report and not in the index. A folder that is missing as a whole is a
        problem and removes nothing: it may come back.
        """
        async with self._lock:
            return await self._sync()

    async def _sync(self) -> Report:
        found, problems = await asyncio.to_thread(files, self._root)
        if not await asyncio.to_thread(self._root.is_dir):
            return self._report(Report(problems=tuple(problems)))
        known = {listing.path: listing.digest for listing in await self._index.documents(self.collection)}
        written: list[str] = []
        for file in found:
            if self._stamps.get(file.path) == file.stamp:
                continue
            result = await asyncio.to_thread(_load, file, known.get(file.path, ""))
            if isinstance(result, Problem):
                self._bad[file.path] = result
            else:
                self._bad.pop(file.path, None)
                if result:
                    await self._index.replace(self.collection, result)
                    written.append(file.path)
            self._stamps[file.path] = file.stamp
        paths = {file.path for file in found}
        self._stamps = {path: stamp for path, stamp in self._stamps.items() if path in paths}
        self._bad = {path: problem for path, problem in self._bad.items() if path in paths}
        removed = sorted(known.keys() - (paths - self._bad.keys()))
        for path in removed:
            await self._index.remove(self.collection, path)
        self._checked = self._clock.now()
        return self._report(
            Report(
                written=tuple(written),
                removed=tuple(removed),
                unchanged=len(paths) - len(written) - len(self._bad),
                problems=(*problems, *self._bad.values()),
            )
        )

    def _report(self, report: Report) -> Report:
        if report.written or report.removed:
            log.info(
                "%s: %d documents indexed, %d removed, %d unchanged",
                self.collection,
                len(report.written),
                len(report.removed),
                report.unchanged,
            )
        for problem in report.problems:
            if problem not in self._reported:
                log.warning("%s: %s %s", self.collection, problem.path, problem.reason)
        self._reported = report.problems
        return report


def _load(file: Found, known: str) -> Document | Problem | None:
    """The document of a file; None when it is the one that is known."""
    try:
        content = file.file.read_bytes()
        return None if digest(content) == known else read(file.path, content)
    except OSError as error:
        return Problem(file.path, f"cannot be read ({error.strerror}).")
    except DocumentRefused as error:
        return Problem(file.path, str(error))
