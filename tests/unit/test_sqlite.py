"""The database file: commits, migrations, and what happens when it cannot be used."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from bot.errors import StoreDamaged, StoreError, StoreFull, StoreInUse, StoreReadOnly, StoreTooNew
from storage.sqlite.database import Database
from storage.sqlite.schema import MIGRATIONS, migrate
from storage.sqlite.store import Lock, Store
from storage.sqlite.turns import CLAIMABLE
from tests.fakes.clock import ManualClock
from tests.fakes.people import ROOM, message

NOBODY = 65_534


@contextmanager
def without_rights() -> Iterator[None]:
    """Root may write everywhere; nobody may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


async def count(database: Database) -> int:
    return await database.read(
        lambda connection: int(connection.execute("SELECT count(*) FROM t").fetchone()[0])
    )


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with one table."""
    database = await Database.connect(tmp_path / "x.db")
    await database.write(lambda connection: connection.execute("CREATE TABLE IF NOT EXISTS t (x)"))
    yield database
    await database.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path / "x.db", ManualClock())
    yield store
    await store.close()


async def test_no_write_waits_for_a_search(database: Database) -> None:
    """However long it reads; and it sees what was written before it began."""
    await database.write(lambda connection: connection.execute("INSERT INTO t VALUES (1)"))
    begun, go_on = threading.Event(), threading.Event()

    def search(connection: sqlite3.Connection) -> int:
        begun.set()
        assert go_on.wait(30)
        return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])

    searching = asyncio.create_task(database.search(search))
    await asyncio.to_thread(begun.wait, 30)
    await database.write(lambda connection: connection.execute("INSERT INTO t VALUES (2)"))
    assert await count(database) == 2
    assert not searching.done()
    go_on.set()
    assert await searching == 2


async def test_a_search_writes_nothing(database: Database) -> None:
    """A slip would hold up every write, and be lost with the connection."""
    with pytest.raises(StoreError, match="readonly"):
        await database.search(lambda connection: connection.execute("INSERT INTO t VALUES (1)"))
    assert await count(database) == 0


async def test_a_cancelled_caller_does_not_cancel_its_transaction(database: Database) -> None:
    for _ in range(20):
        task = asyncio.create_task(
            database.write(lambda connection: connection.execute("INSERT INTO t VALUES (1)"))
        )
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await database.write(lambda connection: None)
    assert await count(database) == 20


async def test_one_bad_transaction_does_not_harm_those_that_commit_with_it(database: Database) -> None:
    def bad(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO t VALUES ('half')")
        raise LookupError("no")

    def good(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO t VALUES ('whole')")

    results = await asyncio.gather(
        database.write(good), database.write(bad), database.write(good), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), LookupError, type(None)]
    assert await count(database) == 2


async def test_closing_finishes_what_was_handed_in(tmp_path: Path) -> None:
    database = await Database.connect(tmp_path / "x.db")
    await database.write(lambda connection: connection.execute("CREATE TABLE t (x)"))
    writes = [
        asyncio.create_task(database.write(lambda connection: connection.execute("INSERT INTO t VALUES (1)")))
        for _ in range(5)
    ]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*writes)
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (5,)


async def test_a_full_disk_is_a_clear_error_and_loses_nothing(store: Store) -> None:
    await store.inbox.receive(message("kept", 1))
    # SQLite gives the same answer when the disk has no page left.
    await store.database.read(
        lambda connection: connection.execute(
            f"PRAGMA max_page_count={connection.execute('PRAGMA page_count').fetchone()[0]}"
        )
    )
    with pytest.raises(StoreFull, match="No room left"):
        await store.inbox.receive(message("x" * 100_000, 2))
    await store.database.read(lambda connection: connection.execute("PRAGMA max_page_count=1000000"))
    assert (await store.inbox.receive(message("x" * 100_000, 2))).new
    (turn,) = await store.turns.claim(10, {"web"})
    assert [m.text[:4] for m in turn.messages] == ["kept", "xxxx"]


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A folder in which nothing may be written."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    return folder


async def test_a_folder_that_cannot_be_written_is_a_clear_error(locked: Path) -> None:
    with without_rights(), pytest.raises(StoreReadOnly, match="write access"):
        await Store.open(locked / "x.db", ManualClock())
    with without_rights(), pytest.raises(StoreReadOnly, match="write access"), Lock(locked / "x.db"):
        pass


async def test_a_damaged_file_is_a_clear_error_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"These are the plans for the summer, not a database." * 100)
    before = path.read_bytes()
    with pytest.raises(StoreDamaged, match="left as it is"):
        await Store.open(path, ManualClock())
    assert path.read_bytes() == before


async def test_a_database_of_a_newer_maru_is_refused(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "x.db", ManualClock())
    await store.database.write(
        lambda connection: connection.execute("INSERT INTO migrations VALUES ('m999_future', 0)")
    )
    await store.close()
    with pytest.raises(StoreTooNew, match="m999_future"):
        await Store.open(tmp_path / "x.db", ManualClock())


async def test_migrations_run_once_and_in_order(tmp_path: Path) -> None:
    database = await Database.connect(tmp_path / "y.db")
    assert await migrate(database) == [migration.__name__ for migration in MIGRATIONS]
    assert await migrate(database) == []
    await database.close()


async def test_a_migration_that_fails_leaves_the_old_schema(store: Store) -> None:
    await store.inbox.receive(message("kept"))

    def m998_half(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE turn_messages")
        connection.execute("THIS IS NOT SQL")

    with pytest.raises(StoreError):
        await migrate(store.database, [*MIGRATIONS, m998_half])
    assert len(await store.archive.records(ROOM)) == 1


def test_a_second_process_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    script = (
        "import sys; from pathlib import Path; from storage.sqlite.store import Lock\n"
        "with Lock(Path(sys.argv[1])) as lock:\n"
        "    lock.tell('127.0.0.1:1 token'); print('held', flush=True); sys.stdin.read()"
    )
    first = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    with first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(StoreInUse, match=f"pid {first.pid}"), Lock(path):
            pass
        assert Lock.address(path) == "127.0.0.1:1 token"
        first.kill()
    # However it ended, the lock is free.
    with Lock(path):
        assert Lock.address(path) == ""


def rights_of_others(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o077 for path in folder.iterdir()}


async def test_what_people_said_is_for_the_user_alone_whom_maru_runs_as(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "maru.db", ManualClock())
    try:
        with Lock(tmp_path / "maru.db"):
            async with store.collections.alone("docs"):
                await store.inbox.receive(message())
                found = rights_of_others(tmp_path)
    finally:
        await store.close()
    assert {"maru.db", "maru.db-wal", "maru.db.lock"} <= found.keys()
    assert set(found.values()) == {0}


async def test_a_commit_waits_for_the_disk(store: Store) -> None:
    """In WAL mode anything less than FULL loses, when the power fails, what was told to be received."""
    modes = await store.database.read(
        lambda connection: [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
        ]
    )
    assert modes == ["wal", 2]


async def test_a_secret_is_made_once(store: Store) -> None:
    first = await store.secret("people")
    assert len(first) == 32
    assert await store.secret("people") == first
    assert await store.secret("other") != first


BUSY_QUERIES = {
    "claim": (CLAIMABLE, ("[]", "[]", "[]", 1)),
    "due": ("SELECT min(deadline) FROM turns WHERE state = 'paused'", ()),
    "recover": ("UPDATE turns SET attempt = 1 WHERE state = 'running'", ()),
    "conversations": ("SELECT * FROM conversations ORDER BY updated_at DESC LIMIT 1", ()),
    "keys of a message": ("SELECT key FROM message_keys WHERE message IN (1, 2)", ()),
    "threads of a conversation": ("SELECT id FROM threads WHERE conversation = 'x'", ()),
}


@pytest.mark.parametrize("name", BUSY_QUERIES)
async def test_what_is_asked_often_never_reads_a_whole_table(store: Store, name: str) -> None:
    query, values = BUSY_QUERIES[name]
    plan = await store.database.read(
        lambda connection: [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", values)]
    )
    whole = [
        step for step in plan if step.startswith("SCAN") and "json_each" not in step and "INDEX" not in step
    ]
    assert whole == []


ACCIDENT = """
import asyncio, pathlib, sys
from bot.clock import SystemClock
from storage.sqlite.store import Store

async def fail():
    await Store.open(pathlib.Path(sys.argv[1]), SystemClock())
    raise SystemExit(7)

asyncio.run(fail())
"""


def test_a_process_that_does_not_come_to_close_it_ends_all_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ACCIDENT, str(tmp_path / "maru.db")]
    ended = subprocess.run(command, check=False, timeout=20)  # noqa: S603 - our own interpreter and code
    assert ended.returncode == 7
