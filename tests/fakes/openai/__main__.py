"""The fake as a process of its own: `python -m tests.fakes.openai --port 0` prints its address."""

import argparse
import asyncio
from contextlib import suppress

from tests.fakes.openai.server import KEY, FakeOpenAI


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.openai", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default=KEY, help="the only API key it takes")
    parser.add_argument("--words", type=int, default=0, help="fill every answer up to so many words")
    parser.add_argument("--pace", type=float, default=0.0, help="milliseconds between words")
    parser.add_argument("--compatible", action="store_true", help="/responses alone, without state")
    parser.add_argument("--lenient", action="store_true", help="do not check requests (for the benchmark)")
    return parser.parse_args()


async def serve(chosen: argparse.Namespace) -> None:
    fake = FakeOpenAI(hosted=not chosen.compatible, key=chosen.key)
    fake.model.words = chosen.words
    fake.model.pace = chosen.pace / 1_000
    fake.responses.strict = not chosen.lenient
    print(await fake.start(port=chosen.port), flush=True)  # noqa: T201 - the caller reads the address
    await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options()))
