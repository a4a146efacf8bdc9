"""Answers where people talk: Maru, a platform's fake and the fake OpenAI, each a process of its own."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

import aiohttp

from tests.bench.figures import Figures, percentiles
from tests.fakes.discord import FakeDiscord
from tests.fakes.openai.server import KEY
from tests.fakes.processes import fake_discord, fake_openai, fake_slack, start_maru, until
from tests.fakes.slack import FakeSlack

WORDS = 121
PACE = 10  # milliseconds a word
LOOK = 0.25  # seconds between two looks at the channels

State = Mapping[str, Any]  # what a fake tells of itself
Environment = Mapping[str, str]


@dataclass(frozen=True)
class Service:
    """A platform's fake, and what is known of it."""

    start: Callable[..., AbstractAsyncContextManager[tuple[str, Environment]]]
    other: frozenset[str]  # calls that Maru makes when it connects, and not for an answer
    final: Callable[[Mapping[str, Any]], bool]  # whether a message of Maru stays as it is now


@asynccontextmanager
async def _slack(folder: Path, *options: str) -> AsyncIterator[tuple[str, Environment]]:
    tokens = FakeSlack()
    async with fake_slack(folder, *options) as api:
        yield (
            api.partition("/api")[0],
            {
                "SLACK_BOT_TOKEN": tokens.bot_token,
                "SLACK_APP_TOKEN": tokens.app_token,
                "SLACK_API_URL": api,
            },
        )


@asynccontextmanager
async def _discord(folder: Path, *options: str) -> AsyncIterator[tuple[str, Environment]]:
    async with fake_discord(folder, *options) as (api, gateway):
        yield (
            api.partition("/api")[0],
            {
                "DISCORD_BOT_TOKEN": FakeDiscord().token,
                "DISCORD_API_URL": api,
                "DISCORD_GATEWAY_URL": gateway,
            },
        )


SLACK = Service(
    _slack,
    frozenset(
        {
            "apps.connections.open",
            "auth.test",
            "bots.info",
            "conversations.info",
            "team.info",
            "usergroups.list",
            "users.conversations",
            "users.info",
            "users.list",
        }
    ),
    lambda message: not message["streaming"],
)
DISCORD = Service(
    _discord,
    frozenset({"GET application", "GET gateway", "GET user", "PUT commands"}),
    lambda message: "Stop" not in message["buttons"],
)


def in_chat(
    service: Service, number: int, channels: int, *, limits: bool, verb: str = "mentions_bot"
) -> Callable[[Path], Coroutine[Any, Any, Figures]]:
    """So many questions at once, spread over so many channels, each the beginning of a conversation."""

    async def measure(folder: Path) -> Figures:
        async with (
            fake_openai(folder, "--words", str(WORDS), "--pace", str(PACE), "--lenient") as openai,
            service.start(folder, *(["--limits"] if limits else [])) as (fake, environment),
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
        ):
            settings = {
                "OPENAI_BASE_URL": openai,
                "OPENAI_API_KEY": KEY,
                "MARU_PACE": "platform" if limits else "off",
                **environment,
            }
            maru, address = await start_maru(folder, settings)
            try:
                await _connected(session, address)
                # The first answer loads the SDK, as it does once in the life of a Maru.
                await _ask(session, fake, "warm-up", "question warm-0")
                before = await _whole(service, session, fake, 1)
                begun = time()
                await asyncio.gather(
                    *(_ask(session, fake, f"c{n % channels}", f"question {n}-0", verb) for n in range(number))
                )
                after = await _whole(service, session, fake, number + 1)
                took = time() - begun
            finally:
                await maru.end(signal.SIGKILL)
        calls = {name: count - before["calls"].get(name, 0) for name, count in after["calls"].items()}
        figures = {
            "answered whole": _answers(service, after) - _answers(service, before),
            "the last one final after, s": took,
            "answered 429": sum(after["refused"].values()),
            "platform calls per answer": sum(n for name, n in calls.items() if name not in service.other)
            / number,
            **percentiles("event to taken up by the core", _taken_up(folder)[1:]),
        }
        if told := after["acknowledgements"][len(before["acknowledgements"]) :]:
            figures |= percentiles("event to acknowledgement", told)
        return figures

    return measure


async def _connected(session: aiohttp.ClientSession, address: str) -> None:
    async def ready() -> bool:
        async with session.get(f"{address}/readyz") as response:
            return response.status == 200

    await until(ready)


async def _ask(
    session: aiohttp.ClientSession, fake: str, channel: str, text: str, verb: str = "mentions_bot"
) -> None:
    body = {"person": "Ann", "verb": verb, "text": text, "channel": channel}
    async with session.post(f"{fake}/_do", json=body) as response:
        response.raise_for_status()


async def _state(session: aiohttp.ClientSession, fake: str) -> State:
    async with session.get(f"{fake}/_state") as response:
        found: State = await response.json()
        return found


def _answers(service: Service, state: State) -> int:
    """How many answers stand there, whole and final."""
    return sum(
        message["author"] == "Maru" and service.final(message) and len(message["text"].split()) >= WORDS
        for messages in state["channels"].values()
        for message in messages
    )


async def _whole(service: Service, session: aiohttp.ClientSession, fake: str, number: int) -> State:
    """The state once so many answers are whole."""
    # Another process cannot tell us when; looking costs it time, so it is not looked at often.
    while _answers(service, state := await _state(session, fake)) < number:  # noqa: ASYNC110 - see above
        await asyncio.sleep(LOOK)
    return state


def _taken_up(folder: Path) -> list[float]:
    """Seconds from the platform's time of each message until it was stored, and its turn claimed."""
    with closing(sqlite3.connect(folder / "maru.db")) as connection:
        rows = connection.execute(
            "SELECT t.claimed_at - m.sent_at FROM messages m JOIN turn_messages j ON j.message = m.id"
            " JOIN turns t ON t.id = j.turn ORDER BY m.id"
        )
        return [float(seconds) for (seconds,) in rows]
