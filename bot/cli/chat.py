"""`maru chat`: talk to Maru in this terminal."""

import argparse
import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any

from bot import log
from bot.assembly import started
from bot.cli.parser import Commands
from bot.errors import StoreInUse
from bot.settings import Settings
from storage.sqlite.store import Lock


def add(commands: Commands) -> None:
    chat = commands.add_parser("chat", help="talk to Maru in this terminal")
    chat.add_argument("conversation", nargs="?", default="main", help="a name, to keep several apart")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Talk through the Maru that runs, or else through one that lives as long as this conversation."""
    # Only here: loading what draws a terminal takes as long as all the rest of `maru run`.
    from adapters.console.client import chat  # noqa: PLC0415

    with ExitStack() as stack:
        try:
            lock = stack.enter_context(Lock(settings.database))
        except StoreInUse:
            return asyncio.run(chat(lambda: Lock.address(settings.database), options.conversation))
        # The screen belongs to the conversation.
        log.configure(
            "warning", settings.secrets(), settings.database.with_name(settings.database.name + ".log")
        )
        talk = chat(lambda: Lock.address(settings.database), options.conversation)
        return asyncio.run(_alone(settings, lock, talk))


async def _alone(settings: Settings, lock: Lock, talk: Coroutine[Any, Any, int]) -> int:
    async with started(settings, lock, chat_only=True) as app:
        answering = asyncio.create_task(app.run())
        talking = asyncio.create_task(talk)
        try:
            await asyncio.wait([answering, talking], return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
            return await talking
        finally:
            for task in (talking, answering):
                task.cancel()
            await asyncio.wait([talking, answering])
