"""Maru with the console as its only platform, and clients: the real one and one that tests drive."""

import asyncio
import fcntl
import os
import pty
import struct
import sys
import termios
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.console.adapter import ConsoleAdapter
from adapters.console.protocol import (
    FROM_SERVER,
    LINE_BYTES,
    Answer,
    FromClient,
    FromServer,
    Hello,
    Received,
    Welcome,
    client_line,
)
from bot.clock import SystemClock
from bot.files import Files
from bot.functions import Function, Result
from bot.ports import Declaration
from bot.turns import Turn
from storage.sqlite.store import Store
from tests.fakes.engine import ScriptedEngine, echo
from tests.fakes.maru import core_of, running
from tests.fakes.terminal import Terminal

ROOT = Path(__file__).parents[2]

# The client as a process of its own, because a terminal belongs to a process.
CLIENT = """
import asyncio, fcntl, os, sys, termios
from pathlib import Path
from adapters.console.client import chat
if os.isatty(0):
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
address = Path(sys.argv[1])
find = lambda: address.read_text() if address.exists() else ""
sys.exit(asyncio.run(chat(find, sys.argv[2], patience=float(sys.argv[3]))))
"""
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": str(ROOT),
    "PYTHONWARNINGS": "error",
    "LANG": "C.UTF-8",
    "TERM": "xterm",
    "PROMPT_TOOLKIT_NO_CPR": "1",  # the terminal below does not tell where its cursor is
}


@dataclass
class Maru:
    """Maru with the console as its only platform; it can be stopped and started on the same database."""

    folder: Path
    engine: ScriptedEngine = field(default_factory=lambda: ScriptedEngine(default=echo))
    files: Files = field(init=False)
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.files = Files(self.folder / "files")

    @property
    def address(self) -> Path:
        return self.folder / "address"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        store = await Store.open(self.folder / "maru.db", SystemClock())
        adapter = ConsoleAdapter(store.archive, self.files, SystemClock())
        core = core_of(
            store,
            self.files,
            SystemClock(),
            adapter,
            self.engine,
            functions={"send_mail": self._send_mail()},
        )
        try:
            async with running(core, adapter):
                await adapter.listening.wait()
                self.address.write_text(adapter.address)
                yield
        finally:
            await store.close()

    def _send_mail(self) -> Function:
        async def run(arguments: Mapping[str, object], turn: Turn) -> Result:
            self.sent.append(str(arguments["to"]))
            return Result("sent")

        return Function(Declaration("send_mail", "Send a mail.", "{}"), run, approval=True)

    async def pipe(self, text: str, conversation: str = "main", language: str = "C.UTF-8") -> tuple[int, str]:
        """`echo TEXT | maru chat`: the exit status, and what was printed."""
        process = await asyncio.create_subprocess_exec(
            *self._command(conversation),
            cwd=self.folder,
            env={**ENVIRONMENT, "LANG": language},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate(text.encode())
        return process.returncode or 0, out.decode()

    def _command(self, conversation: str) -> list[str]:
        return [sys.executable, "-c", CLIENT, str(self.address), conversation, "60"]

    @asynccontextmanager
    async def terminal(
        self, conversation: str = "main", language: str = "C.UTF-8"
    ) -> AsyncIterator["Terminal"]:
        """`maru chat` in a terminal of 80 columns and 24 lines."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        before = termios.tcgetattr(slave)
        process = await asyncio.create_subprocess_exec(
            *self._command(conversation),
            cwd=self.folder,
            env={**ENVIRONMENT, "LANG": language},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        terminal = Terminal(master, process)
        try:
            yield terminal
            assert process.returncode is not None
            assert termios.tcgetattr(slave) == before, "the terminal is left as it was found"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            terminal.close()
            os.close(master)
            os.close(slave)


class Client:
    """A client that speaks the protocol itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, maru: Maru) -> tuple["Client", str]:
        """A client that has not said hello yet, and the token."""
        place, token = maru.address.read_text().split()
        reader, writer = await asyncio.open_connection(*place.split(":"), limit=LINE_BYTES)
        return cls(reader, writer), token

    @classmethod
    async def welcomed(cls, maru: Maru, seen: int | None = None) -> tuple["Client", list[FromServer]]:
        """A client that is in, and what it was told of what it missed."""
        client, token = await cls.connect(maru)
        client.send(Hello(token, "main", seen=seen))
        missed = [message async for message in client.until(Welcome)]
        return client, missed[:-1]

    def send(self, message: FromClient) -> None:
        self._writer.write(client_line(message))

    def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)

    async def read(self) -> FromServer | None:
        """The next message; None when the server hung up."""
        line = await self._reader.readline()
        return FROM_SERVER.validate_json(line) if line else None

    async def until(self, kind: type) -> AsyncIterator[FromServer]:
        """The messages up to and with the next of a kind."""
        while (message := await self.read()) is not None:
            yield message
            if isinstance(message, kind):
                return

    async def received(self) -> Received:
        found = [message async for message in self.until(Received)][-1]
        assert isinstance(found, Received)
        return found

    async def answered(self) -> Answer:
        """The next answer that is whole."""
        while (message := await self.read()) is not None:
            if isinstance(message, Answer) and message.draft.end:
                return message
        raise AssertionError("the server hung up")

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()
