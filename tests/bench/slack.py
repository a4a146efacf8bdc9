"""Answers in Slack: Maru, the fake Slack and the fake OpenAI, each a process of its own."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from time import time
from typing import Any

import aiohttp

from tests.bench.figures import Figures, percentiles
from tests.fakes.openai.server import KEY
from tests.fakes.processes import fake_openai, fake_slack, start_maru, until
from tests.fakes.slack import FakeSlack

WORDS = 121
PACE = 10  # milliseconds a word
LOOK = 0.25  # seconds between two looks at the channels

# What Maru asks when it connects, and not for an answer.
OTHER = {"auth.test", "apps.connections.open", "users.info", "bots.info", "team.info", "conversations.info"}


def in_slack(number: int, channels: int, *, limits: bool) -> Callable[[Path], Coroutine[Any, Any, Figures]]:
    """So many mentions at once, spread over so many channels, each the beginning of a thread."""

    async def measure(folder: Path) -> Figures:
        options = ("--words", str(WORDS), "--pace", str(PACE), "--lenient")
        async with (
            fake_openai(folder, *options) as openai,
            fake_slack(folder, *(["--limits"] if limits else [])) as api,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
        ):
            tokens = FakeSlack()
            environment = {
                "OPENAI_BASE_URL": openai,
                "OPENAI_API_KEY": KEY,
                "SLACK_BOT_TOKEN": tokens.bot_token,
                "SLACK_APP_TOKEN": tokens.app_token,
                "SLACK_API_URL": api,
                "MARU_PACE": "platform" if limits else "off",
            }
            maru, address = await start_maru(folder, environment)
            try:
                await _connected(session, address)
                fake = api.rstrip("/").removesuffix("/api")
                # The first answer loads the SDK, as it does once in the life of a Maru.
                await _ask(session, fake, "warm-up", "question warm-0")
                await _whole(session, fake, 1)
                before = await _state(session, fake)
                begun = time()
                await asyncio.gather(
                    *(_ask(session, fake, f"c{n % channels}", f"question {n}-0") for n in range(number))
                )
                state = await _whole(session, fake, number + 1)
                took = time() - begun
            finally:
                await maru.end(signal.SIGKILL)
        calls = {name: count - before["calls"].get(name, 0) for name, count in state["calls"].items()}
        return {
            "answered whole": _answers(state) - _answers(before),
            "the last one final after, s": took,
            "answered 429": sum(state["refused"].values()),
            "platform calls per answer": sum(n for name, n in calls.items() if name not in OTHER) / number,
            **percentiles(
                "event to acknowledgement", state["acknowledgements"][len(before["acknowledgements"]) :]
            ),
        }

    return measure


async def _connected(session: aiohttp.ClientSession, address: str) -> None:
    async def ready() -> bool:
        async with session.get(f"{address}/readyz") as response:
            return response.status == 200

    await until(ready)


async def _ask(session: aiohttp.ClientSession, fake: str, channel: str, text: str) -> None:
    body = {"person": "Ann", "verb": "mentions_bot", "text": text, "channel": channel}
    async with session.post(f"{fake}/_do", json=body) as response:
        response.raise_for_status()


async def _state(session: aiohttp.ClientSession, fake: str) -> dict[str, Any]:
    async with session.get(f"{fake}/_state") as response:
        found: dict[str, Any] = await response.json()
        return found


def _answers(state: dict[str, Any]) -> int:
    """How many answers stand there, whole and final."""
    return sum(
        message["author"] == "Maru" and not message["streaming"] and len(message["text"].split()) >= WORDS
        for messages in state["channels"].values()
        for message in messages
    )


async def _whole(session: aiohttp.ClientSession, fake: str, number: int) -> dict[str, Any]:
    """The state once so many answers are whole."""
    # Another process cannot tell us when; looking costs it time, so it is not looked at often.
    while _answers(state := await _state(session, fake)) < number:  # noqa: ASYNC110 - see above
        await asyncio.sleep(LOOK)
    return state
