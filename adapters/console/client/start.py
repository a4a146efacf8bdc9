"""Starts a conversation in this terminal: connects line, keyboard and output, and ends them together."""

import asyncio
import errno
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TextIO

from rich.console import Console

from adapters.console.client.chat import Chat, Gone, Left
from adapters.console.client.keyboard import Keyboard, Terminal, held
from adapters.console.client.line import Line
from adapters.console.client.orders import Orders
from adapters.console.client.output import Output, Plain
from adapters.console.client.pipe import Pipe
from adapters.console.client.screen import Screen
from adapters.console.client.shelf import Shelf
from bot.texts import language_of, say

PATIENCE = 60.0  # seconds to wait for a Maru that went away, or has not come yet


async def chat(find: Callable[[], str], conversation: str = "main", *, patience: float = PATIENCE) -> int:
    """Talk with Maru in this terminal until the person leaves; returns the exit code.

    `find` gives the address of a running `ConsoleAdapter` ("127.0.0.1:PORT TOKEN"), or "" while there is
    none; it is asked again whenever the connection breaks. Without a terminal on standard input its
    lines are the messages, and it ends with them.
    """
    locale = locale_of(os.environ)
    language = language_of("", locale)
    shelf = Shelf()
    stdout = _stdout()
    output: Output = Plain(stdout, shelf)
    if stdout.isatty():
        output = Screen(Console(file=stdout, highlight=False), shelf, language)
    keyboard: Keyboard = Terminal(language) if sys.stdin.isatty() else Pipe(sys.stdin.fileno())
    line = Line(find, conversation, locale, patience)
    try:
        return await _converse(Chat(line, keyboard, output, language), shelf, conversation)
    except OSError as error:
        # Whoever read the answers is gone: `maru chat | head -1`, or a window that was closed.
        if error.errno not in {errno.EPIPE, errno.EIO}:
            raise
        return 1
    finally:
        with suppress(OSError):
            stdout.close()


def _stdout() -> TextIO:
    """Standard output for any language, whatever encoding the environment asks for."""
    return open(sys.stdout.fileno(), "w", encoding="utf-8", errors="replace", closefd=False)


async def _converse(chat: Chat, shelf: Shelf, conversation: str) -> int:
    listening = asyncio.create_task(chat.line.run(chat))
    listening.add_done_callback(lambda _: chat.gone())
    orders = Orders(chat, shelf, Path.cwd())
    try:
        with held(sys.stdin.fileno(), chat.interrupt, chat.hang_up):
            if chat.keyboard.interactive:
                chat.output.tell(say("console_hello", chat.language, conversation=conversation))
            await _read_on(chat, orders)
    except (Left, EOFError):
        return int(chat.failed and not chat.keyboard.interactive)
    except Gone:
        sys.stderr.write(say("console_gone", chat.language) + "\n")
        return 1
    finally:
        chat.output.rest()
        listening.cancel()
        await asyncio.wait([listening])


async def _read_on(chat: Chat, orders: Orders) -> NoReturn:
    text = ""
    while True:
        await chat.catch_up()
        line = await chat.read(orders.hint, orders.begin_with or text)
        if line is None:
            text = chat.keyboard.left()
        else:
            text = orders.begin_with = ""
            await orders.carry_out(line)


def locale_of(environment: Mapping[str, str]) -> str:
    """The person's locale ("ko-KR"), as the environment says it."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    value = next((environment[name] for name in names if environment.get(name)), "")
    name = value.partition(".")[0].replace("_", "-")
    return "" if name in {"C", "POSIX"} else name
