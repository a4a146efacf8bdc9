"""The fake as a process of its own: `python -m tests.fakes.discord --port 0` prints its address."""

import argparse
import asyncio
from contextlib import suppress

from tests.fakes.discord.server import FakeDiscord


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.discord", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--limits", action="store_true", help="with Discord's rate limits")
    return parser.parse_args()


async def serve(chosen: argparse.Namespace) -> None:
    fake = FakeDiscord(limits=chosen.limits)
    await fake.start(port=chosen.port)
    print(fake.api, fake.gateway, flush=True)  # noqa: T201 - the caller reads the addresses
    await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options()))
