"""One SQLite connection that writes: transactions run whole, and those that wait together commit together.

aiosqlite is one thread that owns the connection. Each store method hands it one plain function that
does a whole transaction, so a cancelled `await` can never leave a transaction open. Under load one
COMMIT, and so one fsync, covers everything that was waiting for it. What reads for long has a second
connection, which holds nothing up.
"""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bot.errors import StoreDamaged, StoreError, StoreFull, StoreReadOnly

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

BATCH = 500  # transactions that share a commit, at most
PRIVATE = 0o600  # rights of a new file
BUSY_TIMEOUT = 5_000  # milliseconds to wait for another process's write
SEARCH_CACHE = 32_000  # KiB of the file that the second connection keeps in memory


class Database:
    """A database file. Opened by `connect`, closed by `close`."""

    def __init__(self, path: Path, connection: aiosqlite.Connection, searching: aiosqlite.Connection) -> None:
        self.path = path
        self._connection = connection
        self._searching = searching
        self._queue: asyncio.Queue[tuple[Work[Any], asyncio.Future[Any]] | None] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write(), name="database writer")

    @classmethod
    async def connect(cls, path: Path) -> "Database":
        """Open or create the file. Raises StoreError with what to do when that is not possible."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # What people say is for Maru's user alone; SQLite gives its other files the same rights.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE))
        except OSError as error:
            raise StoreReadOnly(
                f"{path} cannot be opened ({error.strerror}). Give Maru write access to it and its folder."
            ) from error
        connection, searching = _connection(path), _connection(path)
        try:
            await connection
            await searching
        except sqlite3.Error as error:
            raise explain(error, path) from error
        database = cls(path, connection, searching)
        try:
            await database.read(_prepare)
            await database.search(_prepare_searching)
        except BaseException:
            await database.close()
            raise
        return database

    async def write(self, work: Work[T]) -> T:
        """Run a transaction. When this returns, its effect survives a crash of the machine.

        A cancelled caller does not cancel it.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((work, future))
        return await asyncio.shield(future)

    async def read(self, work: Work[T]) -> T:
        """Run a function that only reads, and shortly; it sees every write that has returned."""
        return await self._reading(self._connection, work)

    async def search(self, work: Work[T]) -> T:
        """Run a function that may read for long: like `read`, but no write waits for it."""
        return await self._reading(self._searching, work)

    async def close(self) -> None:
        """Finish what was handed in, then close."""
        self._queue.put_nowait(None)
        await asyncio.shield(self._writer)
        await self._searching.close()
        await self._connection.close()

    async def _reading(self, connection: aiosqlite.Connection, work: Work[T]) -> T:
        try:
            return await _in_thread(connection, work)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    async def _write(self) -> None:
        while (first := await self._queue.get()) is not None:
            batch = [first]
            closing = False
            while len(batch) < BATCH and not self._queue.empty():
                following = self._queue.get_nowait()
                if following is None:
                    closing = True
                    break
                batch.append(following)
            works = [work for work, _ in batch]
            try:
                results = await _in_thread(self._connection, partial(_commit, works=works))
            except sqlite3.Error as error:
                results = [explain(error, self.path)] * len(batch)
            for (_, future), result in zip(batch, results, strict=True):
                if future.cancelled():
                    continue
                if isinstance(result, BaseException):
                    future.set_exception(
                        explain(result, self.path) if isinstance(result, sqlite3.Error) else result
                    )
                    # The caller may be gone; then nobody else asks for the exception.
                    future.exception()
                else:
                    future.set_result(result)
            if closing:
                return


def _connection(path: Path) -> aiosqlite.Connection:
    connection = aiosqlite.connect(path, isolation_level=None)
    # Whoever ends without closing it, in an accident, would wait for its thread for ever.
    connection._thread.daemon = True  # noqa: SLF001
    return connection


async def _in_thread(connection: aiosqlite.Connection, work: Work[T]) -> T:
    # aiosqlite's public methods run one statement each; a whole transaction needs its inner door.
    execute: Callable[[Callable[[], T]], Awaitable[T]] = connection._execute  # noqa: SLF001
    return await execute(lambda: work(connection._conn))  # noqa: SLF001


def _commit(connection: sqlite3.Connection, works: list[Work[Any]]) -> list[Any]:
    """Run each function in a savepoint of its own and commit them together."""
    results: list[Any] = []
    connection.execute("BEGIN IMMEDIATE")
    try:
        for work in works:
            connection.execute("SAVEPOINT work")
            try:
                result: Any = work(connection)
            except Exception as error:  # it belongs to the caller of this one function
                if not connection.in_transaction:  # SQLite itself rolled everything back
                    raise
                connection.execute("ROLLBACK TO work")
                result = error
            connection.execute("RELEASE work")
            results.append(result)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return results


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
    connection.execute("PRAGMA journal_mode=WAL")
    # "Received" must hold when the power fails, not only when the process dies.
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA temp_store=MEMORY")


def _prepare_searching(connection: sqlite3.Connection) -> None:
    _prepare(connection)
    connection.execute("PRAGMA query_only=ON")
    connection.execute(f"PRAGMA cache_size=-{SEARCH_CACHE}")


def explain(error: sqlite3.Error, path: Path) -> StoreError:
    """What SQLite says, as an error that says what to do."""
    name = getattr(error, "sqlite_errorname", "") or ""
    match name.split("_")[1:2]:
        case ["FULL"]:
            return StoreFull(
                f"No room left on the disk of {path}. Free some and start Maru again; nothing is lost."
            )
        case ["READONLY"] | ["CANTOPEN"] | ["PERM"]:
            return StoreReadOnly(
                f"{path} cannot be written ({error}). Give Maru write access to it and its folder."
            )
        case ["CORRUPT"] | ["NOTADB"]:
            return StoreDamaged(
                f"{path} is damaged or not a Maru database ({error}). It was left as it is: "
                "restore a backup, or move it away and Maru begins with a new one."
            )
        case ["IOERR"]:
            return StoreFull(
                f"{path} cannot be written ({error}). Check the disk; nothing that was stored is lost."
            )
        case ["BUSY"] | ["LOCKED"]:
            return StoreError(f"{path} is locked by another program. Stop that one and try again.")
    return StoreError(f"{path}: {error}")


def inserted(connection: sqlite3.Connection, statement: str, values: Sequence[object]) -> int:
    """Run an INSERT of one row; returns its number."""
    number = connection.execute(statement, tuple(values)).lastrowid
    if number is None:
        raise sqlite3.ProgrammingError(f"not an INSERT: {statement}")
    return number


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run statements, each but the last ended by a semicolon and a new line, in the open transaction."""
    # `executescript` would commit it first.
    for statement in script.split(";\n"):
        connection.execute(statement)
