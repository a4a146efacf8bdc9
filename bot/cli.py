"""The program `maru`: its commands, and how they end."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any

from bot import log
from bot.app import started
from bot.errors import MaruError, SettingsError, StoreInUse
from bot.settings import Settings, read
from storage.sqlite.store import Lock

DESCRIPTION = "Maru, a team assistant for Slack, Discord, the web and the terminal."
WRONG = 2  # exit status when something has to be set right first


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = read()
        match options.command:
            case "chat":
                return _chat(settings, options.conversation)
            case "run" | None:
                return _run(settings)
            case _:
                raise AssertionError(options.command)
    except SettingsError as error:
        print("Maru cannot start with these settings:", file=sys.stderr)
        for problem in error.problems:
            print(f"  - {problem}", file=sys.stderr)
        return WRONG
    except MaruError as error:
        print(error, file=sys.stderr)
        return WRONG
    except ExceptionGroup as group:
        # Parts that run side by side fail as a group, also when only one of them did.
        explained, bugs = group.split(MaruError)
        if bugs or not explained:
            raise
        print(*_leaves(explained), sep="\n", file=sys.stderr)
        return WRONG


def _leaves(group: ExceptionGroup[MaruError]) -> list[MaruError]:
    return [
        leaf
        for error in group.exceptions
        for leaf in (_leaves(error) if isinstance(error, ExceptionGroup) else [error])
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="maru", description=DESCRIPTION)
    commands = parser.add_subparsers(dest="command", title="commands")
    commands.add_parser("run", help="answer on every platform whose token is set (the default)")
    chat = commands.add_parser("chat", help="talk to Maru in this terminal")
    chat.add_argument("conversation", nargs="?", default="main", help="a name, to keep several apart")
    return parser


def _run(settings: Settings) -> int:
    log.configure(settings.log_level, settings.secrets())
    with Lock(settings.database) as lock:
        return asyncio.run(_until_stopped(_serve(settings, lock)))


async def _serve(settings: Settings, lock: Lock) -> int:
    async with started(settings, lock) as app:
        await app.run()
    return 0


def _chat(settings: Settings, conversation: str) -> int:
    """Talk through the Maru that runs, or else through one that lives as long as this conversation."""
    # Only here: loading what draws a terminal takes as long as all the rest of `maru run`.
    from adapters.console.client import chat  # noqa: PLC0415

    with ExitStack() as stack:
        try:
            lock = stack.enter_context(Lock(settings.database))
        except StoreInUse:
            return asyncio.run(chat(lambda: Lock.address(settings.database), conversation))
        # The screen belongs to the conversation.
        log.configure(
            "warning", settings.secrets(), settings.database.with_name(settings.database.name + ".log")
        )
        talk = chat(lambda: Lock.address(settings.database), conversation)
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


if __name__ == "__main__":
    sys.exit(main())
