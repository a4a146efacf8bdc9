"""The measurements, each on programs of its own in a folder of its own."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, time
from typing import Any

import aiohttp
import psutil

from bot.clock import SystemClock
from storage.sqlite.store import Store
from tests.bench.chat import DISCORD, SLACK, in_chat
from tests.bench.figures import Figures, percentiles
from tests.bench.functions import three_calls
from tests.bench.knowledge import knowledge
from tests.bench.page import Seen, ask
from tests.fakes.openai.server import KEY
from tests.fakes.people import message
from tests.fakes.processes import Program, fake_openai, start_maru

WORDS = 121
PACE = 10  # milliseconds a word
FLOOR = WORDS * PACE / 1_000  # seconds a model needs for one answer
SINGLES = 40  # answers one after another
STARTS = 5
ACCEPTS = 5_000


@dataclass
class Bench:
    """Maru and its model, running."""

    maru: Program
    address: str
    openai: str
    session: aiohttp.ClientSession

    async def state(self) -> dict[str, Any]:
        async with self.session.get(f"{self.openai.removesuffix('/v1')}/_state") as response:
            found: dict[str, Any] = await response.json()
            return found

    def memory(self) -> float:
        """MB that Maru holds now."""
        return psutil.Process(self.maru.pid).memory_info().rss / 1e6

    def cpu(self) -> float:
        """Seconds of processor time that Maru has used."""
        times = psutil.Process(self.maru.pid).cpu_times()
        return times.user + times.system


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Bench]:
    options = ("--words", str(WORDS), "--pace", str(PACE), "--lenient")
    async with fake_openai(folder, *options) as openai:
        maru, address = await start_maru(folder, {"OPENAI_BASE_URL": openai, "OPENAI_API_KEY": KEY})
        connector = aiohttp.TCPConnector(limit=0)
        try:
            async with aiohttp.ClientSession(connector=connector) as session:
                # The first answer loads the SDK, as it does once in the life of a Maru.
                await ask(session, address, "warm-up", "warm up")
                yield Bench(maru, address, openai, session)
        finally:
            await maru.end(signal.SIGKILL)


async def one_message(folder: Path) -> Figures:
    """(a) What a person sees of one answer, each in a conversation of its own."""
    async with running(folder) as bench:
        seen = {
            text: await ask(bench.session, bench.address, f"one-{number}", text)
            for number in range(SINGLES)
            if (text := f"question {number}")
        }
        words = (await bench.state())["words"]
    firsts = [page.text - words[text][0] for text, page in seen.items()]
    lasts = [page.final - words[text][1] for text, page in seen.items()]
    return {
        **percentiles("accepted", [page.accepted - page.sent for page in seen.values()]),
        **percentiles("first visible output", [page.output - page.sent for page in seen.values()]),
        **percentiles("first text after the first delta", firsts),
        **percentiles("final text after the last delta", lasts),
    }


def at_once(number: int) -> Callable[[Path], Coroutine[Any, Any, Figures]]:
    """(b) So many messages at once, each in a conversation of its own, each watched by a page."""

    async def measure(folder: Path) -> Figures:
        async with running(folder) as bench:
            cpu, most = bench.cpu(), bench.memory()
            begun = time()
            asking = [
                asyncio.create_task(ask(bench.session, bench.address, f"c{n}", f"question {n}"))
                for n in range(number)
            ]
            while (await asyncio.wait(asking, timeout=0.1))[1]:
                most = max(most, bench.memory())
            pages: list[Seen] = [task.result() for task in asking]
            state = await bench.state()
            cpu = bench.cpu() - cpu
        words = state["words"]
        whole = sum(page.words == WORDS for page in pages)
        return {
            "answered whole": whole,
            "the last one final after, s": max(page.final for page in pages) - begun,
            "the floor, s": FLOOR,
            **percentiles("first visible output", [page.output - page.sent for page in pages]),
            **percentiles(
                "first text after the first delta",
                [page.text - words[f"question {n}"][0] for n, page in enumerate(pages)],
            ),
            **percentiles(
                "final text after the last delta",
                [page.final - words[f"question {n}"][1] for n, page in enumerate(pages)],
            ),
            "Maru's processor time, s": cpu,
            "Maru's memory at most, MB": most,
        }

    return measure


async def starting(folder: Path) -> Figures:
    """(c) From the command to ready; the first start makes the database and indexes the handbook."""
    taken: list[float] = []
    for _ in range(STARTS):
        begun = perf_counter()
        maru, address = await start_maru(folder, {})
        async with aiohttp.ClientSession() as session, session.get(f"{address}/readyz") as response:
            response.raise_for_status()
        taken.append(perf_counter() - begun)
        await maru.end(signal.SIGTERM)
    return {"first start to ready, ms": taken[0] * 1_000, **percentiles("start to ready", taken[1:])}


async def accepts(folder: Path) -> Figures:
    """(d) Messages stored durably per second, in many conversations, from one sender and from fifty."""
    store = await Store.open(folder / "maru.db", SystemClock())
    figures: Figures = {}
    for senders in (1, 50):
        numbers = iter(range(ACCEPTS))

        async def send(senders: int = senders, numbers: Iterator[int] = numbers) -> None:
            for number in numbers:
                one = message(
                    "hello", number, conversation=f"web:{senders}-{number}", keys=(f"{senders}-{number}",)
                )
                await store.inbox.receive(one)

        begun = perf_counter()
        await asyncio.gather(*(send() for _ in range(senders)))
        figures[f"durable accepts per second, {senders} at once"] = ACCEPTS / (perf_counter() - begun)
    await store.close()
    return figures


async def calls(folder: Path) -> Figures:
    """(e) Requests to the model service per answer: in a new conversation, and in one that goes on."""
    async with running(folder) as bench:
        before = await _requests(bench)
        await ask(bench.session, bench.address, "calls", "one")
        first = await _requests(bench)
        for number in range(4):
            await ask(bench.session, bench.address, "calls", f"more {number}", key=f"calls-{number + 2}")
        later = await _requests(bench)
    model = "POST /v1/responses"
    return {
        "model calls of a first answer": first.get(model, 0) - before.get(model, 0),
        "all requests of a first answer": sum(first.values()) - sum(before.values()),
        "model calls of a later answer": (later.get(model, 0) - first.get(model, 0)) / 4,
        "all requests of a later answer": (sum(later.values()) - sum(first.values())) / 4,
    }


async def _requests(bench: Bench) -> dict[str, int]:
    requests: dict[str, int] = (await bench.state())["requests"]
    return requests


MEASUREMENTS: dict[str, Callable[[Path], Coroutine[Any, Any, Figures]]] = {
    "one message": one_message,
    "100 at once": at_once(100),
    "500 at once": at_once(500),
    "starting": starting,
    "accepts": accepts,
    "calls per answer": calls,
    "three functions at once": three_calls,
    "Slack, 100 at once": in_chat(SLACK, 100, 1, limits=False),
    "Slack, 200 at once with its limits": in_chat(SLACK, 200, 20, limits=True),
    "Discord, 100 at once": in_chat(DISCORD, 100, 1, limits=False),
    "Discord, 100 commands at once": in_chat(DISCORD, 100, 1, limits=False, verb="asks"),
    "Discord, 200 channels at once with its limits": in_chat(DISCORD, 200, 200, limits=True),
    "knowledge": knowledge,
}
