"""Keeps where Maru was let in."""

import sqlite3
from collections.abc import Mapping

from storage.sqlite.database import Database, run_script


def m003_installations(connection: sqlite3.Connection) -> None:
    """Installations, the workspaces that an organisation's counts for, and installations under way."""
    run_script(connection, TABLES)


TABLES = """
CREATE TABLE installations (
    app TEXT NOT NULL,
    place TEXT NOT NULL,                -- a workspace, or an organisation
    content TEXT NOT NULL,              -- JSON of the adapter; holds tokens
    PRIMARY KEY (app, place)
) WITHOUT ROWID;
CREATE TABLE installation_members (
    app TEXT NOT NULL,
    workspace TEXT NOT NULL,
    organisation TEXT NOT NULL,
    PRIMARY KEY (app, workspace)
) WITHOUT ROWID;
CREATE TABLE installation_states (
    state TEXT PRIMARY KEY,
    until REAL NOT NULL
) WITHOUT ROWID
"""


class SqliteInstallations:
    """The `Installations` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, app: str, place: str, content: str) -> None:
        await self._write("INSERT OR REPLACE INTO installations VALUES (?, ?, ?)", (app, place, content))

    async def find(self, app: str, place: str) -> str | None:
        query = "SELECT content FROM installations WHERE app = ? AND place = ?"

        def work(connection: sqlite3.Connection) -> str | None:
            row = connection.execute(query, (app, place)).fetchone()
            return str(row["content"]) if row else None

        return await self._database.read(work)

    async def places(self, app: str) -> Mapping[str, str]:
        return await self._pairs("SELECT place, content FROM installations WHERE app = ?", app)

    async def delete(self, app: str, place: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM installations WHERE app = ? AND place = ?", (app, place))
            connection.execute(
                "DELETE FROM installation_members WHERE app = ? AND organisation = ?", (app, place)
            )

        await self._database.write(work)

    async def join(self, app: str, workspace: str, organisation: str) -> None:
        await self._write(
            "INSERT OR REPLACE INTO installation_members VALUES (?, ?, ?)", (app, workspace, organisation)
        )

    async def leave(self, app: str, workspace: str) -> None:
        await self._write(
            "DELETE FROM installation_members WHERE app = ? AND workspace = ?", (app, workspace)
        )

    async def members(self, app: str) -> Mapping[str, str]:
        return await self._pairs(
            "SELECT workspace, organisation FROM installation_members WHERE app = ?", app
        )

    async def issue(self, state: str, until: float) -> None:
        await self._write("INSERT INTO installation_states VALUES (?, ?)", (state, until))

    async def consume(self, state: str, now: float) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            connection.execute("DELETE FROM installation_states WHERE until <= ?", (now,))
            gone = connection.execute("DELETE FROM installation_states WHERE state = ?", (state,))
            return gone.rowcount == 1

        return await self._database.write(work)

    async def _write(self, statement: str, values: tuple[str | float, ...]) -> None:
        await self._database.write(lambda connection: connection.execute(statement, values))

    async def _pairs(self, query: str, app: str) -> Mapping[str, str]:
        def work(connection: sqlite3.Connection) -> dict[str, str]:
            return {str(first): str(second) for first, second in connection.execute(query, (app,))}

        return await self._database.read(work)
