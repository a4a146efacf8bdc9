"""The schema, as named migrations that run in order at start."""

import sqlite3
from collections.abc import Callable
from time import time

from bot.errors import StoreTooNew
from storage.sqlite.collections import m006_collections
from storage.sqlite.database import Database, run_script
from storage.sqlite.index import m002_knowledge
from storage.sqlite.installations import m003_installations
from storage.sqlite.moving import m009_moving
from storage.sqlite.stored import m009_storage
from storage.sqlite.uploads import m007_vector_stores

Migration = Callable[[sqlite3.Connection], None]


def m001_spine(connection: sqlite3.Connection) -> None:
    """Conversations, messages, turns, threads and all that hangs on them."""
    run_script(connection, SPINE)


# Times are seconds since the epoch. Columns named after a dataclass field mean what that field says.
SPINE = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,                -- 'slack:T1/C1/171.2', 'web:general'
    title TEXT NOT NULL DEFAULT '',     -- what a person called it; empty: its first words
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX conversations_time ON conversations (updated_at);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL,
    keys TEXT NOT NULL,                 -- JSON list
    position TEXT NOT NULL,
    author_id TEXT NOT NULL,
    author_name TEXT NOT NULL,
    locale TEXT NOT NULL,
    text TEXT NOT NULL,
    attachments TEXT NOT NULL,          -- JSON list
    origin TEXT NOT NULL,               -- JSON of the adapter
    sent_at REAL NOT NULL,
    received_at REAL NOT NULL,
    edited_at REAL,
    deleted_at REAL
);
CREATE INDEX messages_conversation ON messages (conversation, id);
CREATE TABLE message_keys (
    key TEXT PRIMARY KEY,
    message INTEGER,                    -- NULL: deleted before it arrived
    created_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX message_keys_message ON message_keys (message);
CREATE TABLE turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL,
    thread INTEGER REFERENCES threads (id),  -- set when its messages went to the engine
    state TEXT NOT NULL CHECK (state IN
        ('waiting', 'running', 'paused', 'answered', 'done', 'refused', 'stopped', 'failed')),
    ending TEXT NOT NULL DEFAULT '',    -- what 'answered' becomes once it is posted
    attempt INTEGER NOT NULL DEFAULT 0,
    checkpoint TEXT NOT NULL DEFAULT '',
    draft TEXT NOT NULL DEFAULT '',
    stop INTEGER NOT NULL DEFAULT 0,
    again_of INTEGER NOT NULL DEFAULT 0,
    replaced INTEGER NOT NULL DEFAULT 0,     -- a later turn answers its messages again
    outdated INTEGER NOT NULL DEFAULT 0,     -- a message changed after the turn had taken it
    uncopied INTEGER NOT NULL DEFAULT 0,     -- so the hosted copy of it is not what stands here
    deadline REAL,                      -- of the questions of a paused turn
    created_at REAL NOT NULL,
    claimed_at REAL,                    -- first time
    answered_at REAL,
    done_at REAL
);
-- The order of a conversation is a rule of the data: one turn of it is being worked on at a time.
CREATE UNIQUE INDEX turns_one_active ON turns (conversation) WHERE state IN ('running', 'paused', 'answered');
CREATE INDEX turns_state ON turns (state, id);
CREATE INDEX turns_conversation ON turns (conversation, id);
CREATE INDEX turns_thread ON turns (thread, id);
CREATE TABLE turn_messages (
    turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    PRIMARY KEY (turn, message)
) WITHOUT ROWID;
CREATE INDEX turn_messages_message ON turn_messages (message);
CREATE TABLE parts (
    turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    ref TEXT NOT NULL,                  -- empty: intended, perhaps posted
    text TEXT NOT NULL,
    PRIMARY KEY (turn, number)
) WITHOUT ROWID;
CREATE TABLE threads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL,
    thread_id TEXT NOT NULL DEFAULT '', -- OpenAI's conversation; empty: local, or not made yet
    assistant TEXT NOT NULL,
    stale INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    closed_at REAL
);
CREATE INDEX threads_conversation ON threads (conversation);
CREATE UNIQUE INDEX threads_one_open ON threads (conversation) WHERE closed_at IS NULL;
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    kind TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX items_turn ON items (turn, id);
CREATE TABLE remote (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation TEXT NOT NULL,
    author TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at REAL NOT NULL,
    deleted_at REAL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX remote_conversation ON remote (conversation) WHERE deleted_at IS NULL;
CREATE TABLE usage (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    turn INTEGER NOT NULL,              -- no reference: what was spent outlives what was said
    conversation TEXT NOT NULL,
    author TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    created_at REAL NOT NULL
);
CREATE INDEX usage_time ON usage (created_at);
CREATE TABLE feedback (
    turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    author TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (turn, author)
) WITHOUT ROWID;
CREATE TABLE decisions (
    turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    call TEXT NOT NULL,
    author TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (turn, call)
) WITHOUT ROWID;
CREATE TABLE commands (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL,
    command TEXT NOT NULL,              -- JSON
    until INTEGER NOT NULL,             -- the conversation's newest turn at that time
    received_at REAL NOT NULL,
    done_at REAL
);
CREATE INDEX commands_waiting ON commands (id) WHERE done_at IS NULL;
CREATE TABLE files (
    digest TEXT NOT NULL,
    conversation TEXT NOT NULL,
    turn INTEGER NOT NULL,              -- 0: came in with a message
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (digest, conversation, turn, name)
) WITHOUT ROWID;
CREATE INDEX files_conversation ON files (conversation);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    what TEXT NOT NULL,
    conversation TEXT NOT NULL,
    author TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at REAL NOT NULL
);
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,              -- made at first start; never leaves the database
    value BLOB NOT NULL
) WITHOUT ROWID
"""


def m003_private(connection: sqlite3.Connection) -> None:
    """Whether nobody but its author reads a message's conversation."""
    connection.execute("ALTER TABLE messages ADD COLUMN private INTEGER NOT NULL DEFAULT 0")


def m004_assistants(connection: sqlite3.Connection) -> None:
    """Which assistant people chose for a conversation, or for all conversations of a channel."""
    connection.execute(
        "CREATE TABLE choices (place TEXT PRIMARY KEY, assistant TEXT NOT NULL, chosen_at REAL NOT NULL)"
        " WITHOUT ROWID"
    )


def m005_costs(connection: sqlite3.Connection) -> None:
    """What besides tokens was used, and for which assistant."""
    connection.execute("ALTER TABLE usage ADD COLUMN assistant TEXT NOT NULL DEFAULT ''")
    for count in ("containers", "web_searches", "file_searches", "pictures"):
        connection.execute(f"ALTER TABLE usage ADD COLUMN {count} INTEGER NOT NULL DEFAULT 0")


def m011_answers_by_ref(connection: sqlite3.Connection) -> None:
    """Whose answer a message of ours is: people press its buttons and reply to it."""
    connection.execute("CREATE INDEX parts_by_ref ON parts (ref)")


def m008_embeddings(connection: sqlite3.Connection) -> None:
    """What passages mean, as a model sees it: a signed byte a dimension, whose length says nothing."""
    # Its ids are never used again, for what is held in memory goes by them.
    connection.execute(
        "CREATE TABLE vectors (id INTEGER PRIMARY KEY AUTOINCREMENT, passage INTEGER NOT NULL UNIQUE"
        " REFERENCES passages (id) ON DELETE CASCADE, model TEXT NOT NULL, vector BLOB NOT NULL)"
    )


def m012_owners(connection: sqlite3.Connection) -> None:
    """Whom a document names to ask."""
    for table in ("documents", "uploads"):
        connection.execute(f"ALTER TABLE {table} ADD COLUMN owner TEXT NOT NULL DEFAULT ''")


MIGRATIONS: list[Migration] = [
    m001_spine,
    m002_knowledge,
    m003_private,
    m003_installations,
    m004_assistants,
    m005_costs,
    m006_collections,
    m007_vector_stores,
    m008_embeddings,
    m009_moving,
    m009_storage,
    m011_answers_by_ref,
    m012_owners,
]


async def migrate(database: Database, migrations: list[Migration] | None = None) -> list[str]:
    """Bring the schema up to date; returns the names of the migrations that ran.

    All of them run in one transaction: either the whole step is taken or none of it.
    """
    wanted = MIGRATIONS if migrations is None else migrations

    def work(connection: sqlite3.Connection) -> list[str]:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at REAL NOT NULL)"
        )
        applied = {row["name"] for row in connection.execute("SELECT name FROM migrations")}
        names = [migration.__name__ for migration in wanted]
        if unknown := sorted(applied - set(names)):
            raise StoreTooNew(
                f"{database.path} was written by a newer Maru ({', '.join(unknown)}). Update Maru, "
                "or use another MARU_DATABASE_URL."
            )
        ran = []
        for migration in wanted:
            if migration.__name__ not in applied:
                migration(connection)
                connection.execute("INSERT INTO migrations VALUES (?, ?)", (migration.__name__, time()))
                ran.append(migration.__name__)
        return ran

    return await database.write(work)
