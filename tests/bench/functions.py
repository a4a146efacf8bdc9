"""A turn in which the model asks for three functions at once."""

import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.bench.figures import Figures, percentiles
from tests.bench.page import ask
from tests.fakes.openai import KEY, Answer, Asks, Calls, FakeOpenAI
from tests.fakes.processes import start_maru

TURNS = 40
TAKES = 0.05  # seconds of each function
OWN = f'''
"""What the model calls."""

import asyncio
import time


async def look(number: int) -> dict[str, float]:
    """Look something up, which takes a while."""
    begun = time.time()
    await asyncio.sleep({TAKES})
    return {{"begun": begun, "ended": time.time()}}
'''
ASSISTANT = 'instructions = "Look things up."\nfunctions = ["look"]\n'


@dataclass(frozen=True, slots=True)
class Ran:
    """When the functions of a turn ran, in seconds since the epoch."""

    begun: float
    ended: float


async def three_calls(folder: Path) -> Figures:
    """(f) Each turn asks for three functions that take 50 ms, and answers when it has their outcomes."""
    for name, text in (("functions/own.py", OWN), ("assistants/maru.toml", ASSISTANT)):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text, encoding="utf-8")
    async with FakeOpenAI() as openai:
        environment = {"OPENAI_BASE_URL": openai.url, "OPENAI_API_KEY": KEY}
        maru, address = await start_maru(folder, environment)
        try:
            async with aiohttp.ClientSession() as session:
                pages = []
                for number in range(TURNS + 1):
                    asks = (Asks("look", json.dumps({"number": place})) for place in range(3))
                    openai.script(Calls(*asks), Answer("Looked up."))
                    pages.append(await ask(session, address, f"calls-{number}", f"question {number}"))
        finally:
            await maru.end(signal.SIGKILL)
    # The first answer loads the SDK, as it does once in the life of a Maru.
    turns = list(zip(pages, _ran(openai), strict=True))[1:]
    return {
        **percentiles("sent to functions running", [ran.begun - page.sent for page, ran in turns]),
        **percentiles("the three together, each taking 50 ms", [ran.ended - ran.begun for _, ran in turns]),
        **percentiles("last outcome to first text", [page.text - ran.ended for page, ran in turns]),
        **percentiles("sent to final", [page.final - page.sent for page, _ in turns]),
    }


def _ran(openai: FakeOpenAI) -> Iterator[Ran]:
    """As the outcomes tell that the model was given."""
    for request in openai.requests:
        told = [json.loads(item["output"]) for item in request["input"] if "output" in item]
        if told:
            yield Ran(min(one["begun"] for one in told), max(one["ended"] for one in told))
