"""All ports of one database file, opened together."""

import fcntl
import os
import secrets
import sqlite3
from pathlib import Path
from typing import Self

from bot.clock import Clock
from bot.errors import StoreFull, StoreInUse, StoreReadOnly
from storage.sqlite.archive import SqliteArchive
from storage.sqlite.choices import SqliteChoices
from storage.sqlite.collections import SqliteCollections
from storage.sqlite.database import Database
from storage.sqlite.files import SqliteFileRows
from storage.sqlite.inbox import SqliteInbox
from storage.sqlite.installations import SqliteInstallations
from storage.sqlite.ledger import SqliteLedger
from storage.sqlite.moving import SqlitePasts
from storage.sqlite.parts import SqliteParts
from storage.sqlite.remotes import SqliteRemotes
from storage.sqlite.schema import migrate
from storage.sqlite.searches import SqliteSearches
from storage.sqlite.threads import SqliteThreads
from storage.sqlite.turns import SqliteTurns
from storage.sqlite.uploads import SqliteUploads

SECRET_BYTES = 32


class Store:
    """One database file and its ports."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.inbox = SqliteInbox(database, clock)
        self.turns = SqliteTurns(database, clock)
        self.parts = SqliteParts(database)
        self.threads = SqliteThreads(database, clock)
        self.remotes = SqliteRemotes(database, clock)
        self.ledger = SqliteLedger(database, clock)
        self.decisions = self.ledger
        self.files = SqliteFileRows(database, clock)
        self.archive = SqliteArchive(database, clock)
        self.choices = SqliteChoices(database, clock)
        self.collections = SqliteCollections(database, clock)
        self.searches = SqliteSearches(database, clock)
        self.pasts = SqlitePasts(database, clock)
        self.uploads = SqliteUploads(database, clock)
        self.installations = SqliteInstallations(database)

    @classmethod
    async def open(cls, path: Path, clock: Clock) -> "Store":
        """Open the file and bring its schema up to date. Raises StoreError."""
        database = await Database.connect(path)
        try:
            await migrate(database)
        except BaseException:
            await database.close()
            raise
        return cls(database, clock)

    async def secret(self, name: str) -> bytes:
        """A random value of this installation, made when it is first asked for."""

        def work(connection: sqlite3.Connection) -> bytes:
            connection.execute(
                "INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, secrets.token_bytes(SECRET_BYTES))
            )
            row = connection.execute("SELECT value FROM secrets WHERE name = ?", (name,)).fetchone()
            return bytes(row["value"])

        return await self.database.write(work)

    async def close(self) -> None:
        await self.database.close()


class Lock:
    """Only one process answers from a database. The lock goes with the process, however it ends."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._database = database
        self._fd = -1

    def __enter__(self) -> Self:
        """Raises StoreInUse with the other one's pid."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreReadOnly(
                f"{self._path} cannot be written ({error.strerror}). Give Maru write access to its folder."
            ) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = int(os.pread(self._fd, 32, 0).split(b"\n")[0] or b"0")
            os.close(self._fd)
            raise StoreInUse(str(self._database), pid) from None
        self.tell("")
        return self

    def tell(self, address: str) -> None:
        """Write our pid, and where the running one can be talked to, for whoever finds the lock held."""
        try:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n{address}\n".encode(), 0)
        except OSError as error:
            raise StoreFull(f"{self._path} cannot be written ({error.strerror}). Free some room.") from error

    def __exit__(self, *_: object) -> None:
        os.ftruncate(self._fd, 0)
        os.close(self._fd)

    @staticmethod
    def address(database: Path) -> str:
        """What the process that holds the lock told; empty when there is none."""
        try:
            return database.with_name(database.name + ".lock").read_text().split("\n")[1]
        except (OSError, IndexError):
            return ""
