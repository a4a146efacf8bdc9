"""The fake as a process of its own: `python -m tests.fakes.slack --port 0` prints its address."""

import argparse
import asyncio
from contextlib import suppress

from tests.fakes.slack.server import FakeSlack


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--limits", action="store_true", help="with Slack's rate limits")
    parser.add_argument("--post-to", default="", help="deliver by HTTP to this address")
    return parser.parse_args()


async def serve(chosen: argparse.Namespace) -> None:
    fake = FakeSlack(limits=chosen.limits)
    if chosen.post_to:
        fake.deliver_to(chosen.post_to)
    await fake.start(port=chosen.port)
    print(fake.api, flush=True)  # noqa: T201 - the caller reads the address
    await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options()))
