"""Killed at any moment and started again, Maru answers everybody in Slack exactly once, in order."""

import asyncio
import random
import re
import signal
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.openai.server import KEY
from tests.fakes.processes import Program, fake_openai, fake_slack, start_maru, until
from tests.fakes.slack import FakeSlack

THREADS = 6
MESSAGES = 4  # in each of them, the first one included
KILLS = 4
SEED = 20261124
TAG = re.compile(r"\b\d+-\d+\b")


class Workspace:
    """What people do in Slack and what they see there."""

    def __init__(self, session: aiohttp.ClientSession, api: str) -> None:
        self._session = session
        self._address = api.rstrip("/").removesuffix("/api")
        self.threads: dict[int, str] = {}
        self.connected = True
        self.missed: set[str] = set()  # written while Maru was away: found later, perhaps after newer ones

    async def ask(self, thread: int, number: int) -> None:
        """Mention Maru; the first one begins a thread."""
        body = {
            "person": f"Person {thread}",
            "verb": "mentions_bot",
            "text": f"question {thread}-{number}",
            "thread": self.threads.get(thread, ""),
        }
        if not self.connected:
            self.missed.add(f"{thread}-{number}")
        async with self._session.post(f"{self._address}/_do", json=body) as response:
            response.raise_for_status()
            self.threads.setdefault(thread, (await response.json())["ts"])

    async def seen(self, thread: int) -> list[dict[str, Any]]:
        """The thread's messages, oldest first."""
        async with self._session.get(f"{self._address}/_state") as response:
            messages: list[dict[str, Any]] = (await response.json())["channels"]["general"]
        root = self.threads[thread]
        return [message for message in messages if root in (message["ts"], message["thread_ts"])]


def asked(folder: Path) -> int:
    """How many messages Maru knows of."""
    with closing(sqlite3.connect(folder / "maru.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM turn_messages").fetchone()[0])


def unfinished(folder: Path) -> int:
    """How many messages Maru has accepted and not answered yet."""
    with closing(sqlite3.connect(folder / "maru.db")) as connection:
        (found,) = connection.execute(
            "SELECT count(*) FROM turns WHERE state IN ('waiting', 'running', 'answered')"
        ).fetchone()
        return int(found)


@pytest.mark.timeout(110)
async def test_everybody_in_slack_is_answered_once_and_in_order(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    async with (
        fake_openai(tmp_path, "--words", "40", "--pace", "15") as openai,
        fake_slack(tmp_path) as api,
        aiohttp.ClientSession() as session,
    ):
        tokens = FakeSlack()
        environment = {
            "OPENAI_BASE_URL": openai,
            "OPENAI_API_KEY": KEY,
            "SLACK_BOT_TOKEN": tokens.bot_token,
            "SLACK_APP_TOKEN": tokens.app_token,
            "SLACK_API_URL": api,
        }
        slack = Workspace(session, api)
        maru = await started(tmp_path, environment, session)
        for thread in range(THREADS):
            await slack.ask(thread, 0)

        async def person(thread: int) -> None:
            for number in range(1, MESSAGES):
                # People pause: some messages meet a running answer, some an idle thread, some no Maru at all.
                await asyncio.sleep(rng.random() * 2)
                await slack.ask(thread, number)

        async def all_accepted_is_answered() -> bool:
            return unfinished(tmp_path) == 0

        writing = asyncio.gather(*(person(thread) for thread in range(THREADS)))
        for number in range(KILLS):
            await asyncio.sleep(rng.uniform(0.1, 0.9))
            slack.connected = False
            await maru.end(signal.SIGKILL)
            maru = await started(tmp_path, environment, session)
            slack.connected = True
            if number % 2:
                # Killed a third time over the same turn, Maru would take the turn for the cause.
                await until(all_accepted_is_answered)
        await writing
        for thread in range(THREADS):
            await until(partial(answered, slack, thread))

        async def everything_is_answered() -> bool:
            return asked(tmp_path) == THREADS * MESSAGES and unfinished(tmp_path) == 0

        await until(everything_is_answered)
        for thread in range(THREADS):
            check(thread, await slack.seen(thread), slack.missed)
        check_turns(tmp_path, list(slack.threads.values()))
        assert await maru.end(signal.SIGTERM) == 0


async def started(folder: Path, environment: dict[str, str], session: aiohttp.ClientSession) -> Program:
    """Start Maru and wait until it is connected to Slack."""
    maru, address = await start_maru(folder, environment)

    async def ready() -> bool:
        async with session.get(f"{address}/readyz") as response:
            return response.status == 200

    await until(ready)
    return maru


def tags_of(messages: list[dict[str, Any]]) -> list[str]:
    """Which question each answer repeats, in the order in which they stand in the thread."""
    return [
        tag for message in messages if message["author"] == "Maru" for tag in TAG.findall(message["text"])
    ]


async def answered(slack: Workspace, thread: int) -> bool:
    """Whether the last question has its answer, and it is whole."""
    messages = await slack.seen(thread)
    whole = not any(message["streaming"] for message in messages)
    return whole and f"{thread}-{MESSAGES - 1}" in tags_of(messages)


def check(thread: int, messages: list[dict[str, Any]], missed: set[str]) -> None:
    """Each answer to the questions before it stands there once, the last question's at the end."""
    tags = tags_of(messages)
    assert len(tags) == len(set(tags)), (thread, messages)
    delivered = [tag for tag in tags if tag not in missed]
    assert delivered == sorted(delivered, key=lambda tag: int(tag.partition("-")[2])), (thread, messages)
    assert {tag.partition("-")[0] for tag in tags} == {str(thread)}


def check_turns(folder: Path, threads: list[str]) -> None:
    """Each question belongs to one turn, and each turn ended with its answer."""
    with closing(sqlite3.connect(folder / "maru.db")) as connection:
        states = {row[0] for row in connection.execute("SELECT DISTINCT state FROM turns")}
        turns = connection.execute("SELECT message, count(*) FROM turn_messages GROUP BY message").fetchall()
    assert states == {"done"}
    assert len(turns) == len(threads) * MESSAGES
    assert {count for _, count in turns} == {1}
