"""Lines from a pipe or a file instead of a keyboard."""

import asyncio
import contextlib
import os
import threading

from adapters.console.protocol import LINE_BYTES


class Pipe:
    """The `Keyboard` of a pipe or a file: each line is a message or a command."""

    interactive = False

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: asyncio.StreamReader | None = None

    async def read(self, hint: str = "", text: str = "") -> str:  # noqa: ARG002 - nobody sees them
        if self._lines is None:
            self._lines = asyncio.StreamReader(LINE_BYTES)
            # A thread, because a file cannot be waited for; a daemon, because a pipe may never end.
            pump = (self._descriptor, self._lines, asyncio.get_running_loop())
            threading.Thread(target=_pump, args=pump, daemon=True, name="input").start()
        line = await self._lines.readline()
        if not line:
            raise EOFError
        return line.decode(errors="replace")

    async def confirm(self, question: str) -> bool:  # noqa: ARG002 - there is nobody to ask
        return False

    def left(self) -> str:
        return ""

    def remember(self, text: str) -> None:
        """A pipe has no arrow keys."""


def _pump(descriptor: int, lines: asyncio.StreamReader, loop: asyncio.AbstractEventLoop) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: the conversation is over
        while chunk := os.read(descriptor, 65_536):
            loop.call_soon_threadsafe(lines.feed_data, chunk)
        loop.call_soon_threadsafe(lines.feed_eof)
