"""Killed at any moment and started again, Maru answers every accepted message exactly once, in order."""

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.openai.server import KEY
from tests.fakes.processes import Program, fake_openai, start_maru, until

CONVERSATIONS = 6
MESSAGES = 5  # in each of them
KILLS = 6
SEED = 20261124


class People:
    """They write, and write again until they are told that it was received."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.address = ""
        self.up = asyncio.Event()
        self.accepted: list[str] = []

    async def write(self, conversation: str, number: int) -> None:
        text = f"question {conversation}-{number}"
        body = {"key": f"{conversation}-{number}", "text": text, "name": "Ann"}
        while True:
            await self.up.wait()
            try:
                async with self._session.post(
                    f"{self.address}/api/conversations/{conversation}/messages",
                    json=body,
                    headers={"Origin": self.address, "Cookie": "maru_person=ann"},
                ) as response:
                    response.raise_for_status()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0)
                continue
            self.accepted.append(text)
            return

    async def read(self, conversation: str) -> list[dict[str, Any]]:
        async with self._session.get(
            f"{self.address}/api/conversations/{conversation}/turns?before=999999999",
            headers={"Cookie": "maru_person=ann"},
        ) as response:
            turns: list[dict[str, Any]] = (await response.json())["turns"]
            return turns


async def start(folder: Path, environment: dict[str, str], people: People) -> Program:
    program, people.address = await start_maru(folder, environment)
    people.up.set()
    return program


@pytest.mark.timeout(110)
@pytest.mark.parametrize("mode", ["hosted", "compatible"])
async def test_every_accepted_message_is_answered_once_and_in_order(tmp_path: Path, mode: str) -> None:
    rng = random.Random(SEED)
    options = ["--words", "40", "--pace", "15", *(["--compatible"] if mode == "compatible" else [])]
    async with fake_openai(tmp_path, *options) as openai, aiohttp.ClientSession() as session:
        environment = {"OPENAI_BASE_URL": openai, "OPENAI_API_KEY": KEY}
        people = People(session)
        maru = await start(tmp_path, environment, people)
        names = [f"room{number}" for number in range(CONVERSATIONS)]

        async def person(name: str) -> None:
            for number in range(MESSAGES):
                await people.write(name, number)
                # People pause: some messages meet a running answer, some an idle conversation.
                await asyncio.sleep(rng.random())

        writing = asyncio.gather(*(person(name) for name in names))
        for number in range(KILLS):
            await asyncio.sleep(rng.uniform(0.05, 0.9))
            people.up.clear()
            await maru.end(signal.SIGKILL)
            maru = await start(tmp_path, environment, people)
            if number % 2:
                # Killed a third time over the same turn, Maru would take the turn for the cause.
                for name in names:
                    await answered(people, name)
        await writing
        for name in names:
            await answered(people, name)
        for name in names:
            check(name, await people.read(name))
        assert len(people.accepted) == CONVERSATIONS * MESSAGES
        assert await maru.end(signal.SIGTERM) == 0


async def answered(people: People, name: str) -> None:
    """Return once nothing is left to answer there."""

    async def over() -> bool:
        return all(turn["state"] in {"done", "failed", "stopped"} for turn in await people.read(name))

    await until(over)


def check(name: str, turns: list[dict[str, Any]]) -> None:
    """Each message in one turn, in order, each turn with the one answer to its messages."""
    asked: list[str] = []
    for turn in turns:
        messages = [message["text"] for message in turn["messages"]]
        answer = "".join(turn["answer"]["blocks"])
        assert turn["state"] == "done", (name, turn)
        # The fake repeats what it was asked, so that a wrong or doubled answer shows.
        assert Counter(answer.split())[f"{messages[-1].split()[-1]}"] == 1, (messages, answer)
        asked += messages
    assert asked == [f"question {name}-{number}" for number in range(MESSAGES)]
