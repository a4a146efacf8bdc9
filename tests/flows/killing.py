"""A Maru that is killed again and again while people talk with it, and what must have become of it all."""

import asyncio
import random
import re
import signal
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

import aiohttp

from tests.fakes.processes import Program, start_maru, until

CONVERSATIONS = 6  # on each platform
MESSAGES = 5  # in each of them
KILLS = 5
SEED = 20261124
TAG = re.compile(r"\b[a-z]+\d+-\d+\b")


class Crowd(Protocol):
    """People on one platform. Their questions carry a tag, which the fake model repeats."""

    @property
    def platform(self) -> str: ...

    async def ask(self, conversation: int, number: int, text: str) -> None:
        """Write a conversation's next message; returns when the platform has it."""
        ...

    async def answers(self, conversation: int) -> Sequence[str]:
        """What Maru's messages there say now, the oldest first."""
        ...


class Killed:
    """One program after the other on one database."""

    def __init__(self, folder: Path, environment: dict[str, str], session: aiohttp.ClientSession) -> None:
        self.address = ""
        self.up = asyncio.Event()  # while it runs and is connected
        self._folder, self._environment, self._session = folder, environment, session
        self._program: Program | None = None
        self._rng = random.Random(SEED)

    async def outlives(self, *crowds: Crowd) -> None:
        """It is killed several times under these people; all of them are answered once, and in order."""
        everybody = [(crowd, one) for crowd in crowds for one in range(CONVERSATIONS)]
        total = len(everybody) * MESSAGES
        await self._start()
        await asyncio.gather(*(_ask(crowd, one, 0) for crowd, one in everybody))
        # What a platform told somebody who died before keeping it may be lost on the platform's side.
        await until(lambda: self._kept(len(everybody)))
        writing = asyncio.gather(*(self._write(crowd, one) for crowd, one in everybody))
        for number in range(KILLS):
            await asyncio.sleep(self._rng.uniform(0.1, 0.9))
            await self._end(signal.SIGKILL)
            await self._start()
            if number % 2:
                # Killed a third time over the same turn, Maru would take the turn for the cause.
                await until(self._idle)
        await writing
        await until(lambda: self._kept(total))
        await until(self._idle)
        for crowd, one in everybody:
            await self._check(crowd, one)
        assert await self._end(signal.SIGTERM) == 0

    async def _write(self, crowd: Crowd, conversation: int) -> None:
        for number in range(1, MESSAGES):
            # People pause: some messages meet a running answer, some an idle conversation, some no Maru.
            await asyncio.sleep(self._rng.random() * 2)
            await _ask(crowd, conversation, number)

    async def _start(self) -> None:
        self._program, self.address = await start_maru(self._folder, self._environment)

        async def ready() -> bool:
            async with self._session.get(f"{self.address}/readyz") as response:
                return response.status == 200

        await until(ready)
        self.up.set()

    async def _end(self, how: signal.Signals) -> int:
        self.up.clear()
        assert self._program is not None
        return await self._program.end(how)

    # -- what its database says ----------------------------------------------------------------

    async def _kept(self, number: int) -> bool:
        return len(self._rows("SELECT 1 FROM turn_messages")) == number

    async def _idle(self) -> bool:
        return not self._rows("SELECT 1 FROM turns WHERE state IN ('waiting', 'running', 'answered')")

    async def _check(self, crowd: Crowd, conversation: int) -> None:
        """Each message belongs to one turn, in order, and each turn's one answer stands there, in order."""
        wanted = [_tag(crowd, conversation, number) for number in range(MESSAGES)]
        turns: dict[int, list[str]] = {}
        for turn, state, text in self._rows(
            "SELECT t.id, t.state, m.text FROM turns t JOIN turn_messages j ON j.turn = t.id"
            " JOIN messages m ON m.id = j.message ORDER BY t.id, m.position"
        ):
            found = TAG.findall(text)
            if set(found) & set(wanted):
                assert state == "done"
                turns.setdefault(turn, []).extend(found)
        answers = await crowd.answers(conversation)
        assert [tag for tags in turns.values() for tag in tags] == wanted
        assert TAG.findall("\n".join(answers)) == [tags[-1] for tags in turns.values()], answers

    def _rows(self, query: str) -> list[tuple[int, str, str]]:
        with closing(sqlite3.connect(self._folder / "maru.db")) as connection:
            return connection.execute(query).fetchall()


async def _ask(crowd: Crowd, conversation: int, number: int) -> None:
    await crowd.ask(conversation, number, f"question {_tag(crowd, conversation, number)}")


def _tag(crowd: Crowd, conversation: int, number: int) -> str:
    return f"{crowd.platform}{conversation}-{number}"
