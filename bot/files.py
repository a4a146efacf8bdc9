"""Keeps the bytes of files, in and out, in a folder by their content."""

import asyncio
import errno
import hashlib
import os
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from bot.errors import FileRefused, StoreError, StoreFull, StoreReadOnly
from bot.file_types import Verdict, decide, readable

__all__ = [
    "FILE_BYTES",
    "TURN_BYTES",
    "TURN_FILES",
    "Files",
    "Kept",
    "Verdict",
    "decide",
    "human_size",
    "readable",
]

FILE_BYTES = 50_000_000  # OpenAI takes files below 50 MB,
TURN_BYTES = 50_000_000  # and 50 MB in one request
TURN_FILES = 20

BUFFER = 1_048_576  # bytes; a smaller file is written in one go
ABANDONED = 3_600.0  # seconds without a write, after which an unfinished file belongs to a dead process
DIGEST = re.compile(r"[0-9a-f]{64}")
UNITS = ("B", "KB", "MB", "GB", "TB", "PB", "EB")
ROUNDED_UP = 999.95  # and more is written in the next unit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that are on the disk for good."""

    digest: str  # SHA-256
    size: int


class Files:
    """A folder of files named by the SHA-256 of their bytes; the same bytes are kept once.

    What `keep` returned survives a crash. When the disk does not do its part, a StoreError says why.
    """

    def __init__(self, folder: Path, sync: Callable[[int], None] = os.fsync) -> None:
        """`sync` makes what was written to a descriptor durable."""
        self._folder = folder
        self._incoming = folder / "incoming"
        self._sync = sync
        with _explained(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._incoming.mkdir(exist_ok=True)
            _sweep(self._incoming)

    async def keep(self, chunks: AsyncIterator[bytes], limit: int, name: str = "") -> Kept:
        """Keep a stream. Over `limit` bytes it raises FileRefused, and nothing is kept."""
        arriving = _Arriving(self._folder, self._incoming, self._sync)
        try:
            async for chunk in chunks:
                arriving.add(chunk)
                if arriving.size > limit:
                    raise FileRefused("file_too_large", name, f"more than {limit} bytes")
                if len(arriving.buffer) >= BUFFER:
                    await self._off_loop(arriving.write)
            return await self._off_loop(arriving.place)
        finally:
            await self._off_loop(arriving.discard)
            if isinstance(chunks, AsyncGenerator):
                await chunks.aclose()

    async def keep_bytes(self, data: bytes) -> Kept:
        """Keep bytes that are at hand."""
        arriving = _Arriving(self._folder, self._incoming, self._sync)
        arriving.add(data)
        try:
            return await self._off_loop(arriving.place)
        finally:
            await self._off_loop(arriving.discard)

    async def read(self, digest: str) -> bytes:
        """All bytes. Raises FileRefused when they are not kept any more."""
        return await self.head(digest, -1)

    async def head(self, digest: str, length: int) -> bytes:
        """The first `length` bytes. Raises FileRefused when they are not kept any more."""
        path = self.path(digest)

        def read() -> bytes:
            with path.open("rb") as file:
                return file.read(length)

        try:
            return await self._off_loop(read)
        except FileNotFoundError as error:
            raise FileRefused("file_lost", digest, "its bytes are not kept any more") from error

    async def delete(self, digests: Iterable[str], idle: float = 0.0) -> None:
        """Forget these bytes, as far as they are kept and were not kept again in the last `idle` seconds."""
        paths = [self.path(digest) for digest in digests]
        before = time.time() - idle

        def unlink() -> None:
            for path in paths:
                with suppress(FileNotFoundError):
                    if not idle or path.stat().st_mtime < before:
                        path.unlink()

        await self._off_loop(unlink)

    async def older_than(self, seconds: float) -> list[str]:
        """What was last kept longer ago than that."""
        before = time.time() - seconds

        def look() -> list[str]:
            found = self._folder.glob("[0-9a-f][0-9a-f]/*")
            return [
                path.name for path in found if DIGEST.fullmatch(path.name) and path.stat().st_mtime < before
            ]

        return await self._off_loop(look)

    def path(self, digest: str) -> Path:
        """Where the bytes are when they are kept. Raises ValueError for anything but a SHA-256 in hex."""
        if not DIGEST.fullmatch(digest):
            raise ValueError(f"not a SHA-256: {digest!r}")
        return self._folder / digest[:2] / digest

    async def _off_loop(self, work: Callable[[], T]) -> T:
        """Do file work in a thread; whoever is cancelled meanwhile still waits for its end."""
        with _explained(self._folder):
            task = asyncio.ensure_future(asyncio.to_thread(work))
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                await asyncio.wait([task])
                with suppress(OSError):  # the cancellation goes first
                    task.result()
                raise


class _Arriving:
    """Bytes on their way in; they touch the disk only from `write` or `place` on."""

    def __init__(self, folder: Path, incoming: Path, sync: Callable[[int], None]) -> None:
        self.buffer = bytearray()
        self.size = 0
        self._folder = folder
        self._path = incoming / uuid4().hex
        self._sync = sync
        self._digest = hashlib.sha256()
        self._begun = False

    def add(self, chunk: bytes) -> None:
        self.buffer += chunk
        self.size += len(chunk)

    def write(self) -> None:
        self._digest.update(self.buffer)
        self._append()

    def place(self) -> Kept:
        """Make the bytes durable under their name."""
        self._digest.update(self.buffer)
        digest = self._digest.hexdigest()
        folder = self._folder / digest[:2]
        if not (folder / digest).exists():
            self._append(sync=True)
            folder.mkdir(exist_ok=True)
            self._path.replace(folder / digest)
            self._begun = False
            self._sync_folder(folder)
        else:
            os.utime(folder / digest)  # kept again just now
        return Kept(digest, self.size)

    def discard(self) -> None:
        if self._begun:
            self._path.unlink(missing_ok=True)

    def _append(self, *, sync: bool = False) -> None:
        self._begun = True
        with self._path.open("ab") as file:
            file.write(self.buffer)
            if sync:
                file.flush()
                self._sync(file.fileno())
        self.buffer.clear()

    def _sync_folder(self, folder: Path) -> None:
        """Make a new name in a folder durable, where the system knows how."""
        if os.name != "posix":
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            self._sync(descriptor)
        finally:
            os.close(descriptor)


def human_size(size: int) -> str:
    """A number of bytes as people write it: "3.2 MB"."""
    value, unit = float(size), 0
    while value >= ROUNDED_UP:
        value, unit = value / 1_000, unit + 1
    return f"{value:.1f}".removesuffix(".0") + f" {UNITS[unit]}"


def _sweep(incoming: Path) -> None:
    # Another process may keep files in the same folder right now.
    for path in incoming.iterdir():
        if time.time() - path.stat().st_mtime > ABANDONED:
            path.unlink(missing_ok=True)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn the system's errors into ones that say what to do."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        match error.errno:
            case errno.ENOSPC | errno.EDQUOT:
                raise StoreFull(f"There is no room left for files in {folder}. Free some space.") from error
            case errno.EROFS | errno.EACCES | errno.EPERM:
                raise StoreReadOnly(
                    f"Files cannot be kept in {folder}: it cannot be written. "
                    "Give Maru the right to write there, or set MARU_FILES to another folder."
                ) from error
            case errno.EEXIST | errno.ENOTDIR:
                raise StoreError(
                    f"Files cannot be kept in {folder}: it is no folder. Move it away, or set "
                    "MARU_FILES to another."
                ) from error
            case _:
                raise StoreError(f"Files cannot be kept in {folder}: {error}.") from error
