"""`maru run`: answer on every platform whose token is set."""

import argparse
import asyncio
import logging
import signal
from collections.abc import Coroutine
from typing import Any

from bot import log
from bot.assembly import started
from bot.cli.parser import Commands
from bot.settings import Settings
from storage.sqlite.store import Lock


def add(commands: Commands) -> None:
    commands.add_parser("run", help="answer on every platform whose token is set (the default)")


def run(settings: Settings, options: argparse.Namespace) -> int:  # noqa: ARG001 - every command gets them
    log.configure(settings.log_level, settings.secrets())
    with Lock(settings.database) as lock:
        return asyncio.run(_until_stopped(_serve(settings, lock)))


async def _serve(settings: Settings, lock: Lock) -> int:
    async with started(settings, lock) as app:
        await app.run()
    return 0


async def _until_stopped(work: Coroutine[Any, Any, int]) -> int:
    """Run until it ends, or until SIGTERM or SIGINT; a second signal does not wait."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        task.cancel()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    try:
        return await task
    except asyncio.CancelledError:
        logging.getLogger(__name__).info("stopped")
        return 0
