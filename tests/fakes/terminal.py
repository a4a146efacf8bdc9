"""A terminal, and the person at it."""

import asyncio
import os
import re

CODES = re.compile(r"\x1b\[[0-?]*[a-zA-Z]|\x1b[=>]")
PATIENCE = 20  # seconds a person waits before the test fails


class Terminal:
    """A person's side of a terminal."""

    def __init__(self, master: int, process: asyncio.subprocess.Process) -> None:
        self._master = master
        self._process = process
        self._seen = b""
        self._from = 0
        self._more = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._read)

    def _read(self) -> None:
        try:
            self._seen += os.read(self._master, 65_536)
        except OSError:  # the last program at the terminal is gone
            self.close()
        self._more.set()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._master)

    @property
    def text(self) -> str:
        """What was printed since the last thing that was waited for, without colours and cursor moves."""
        return CODES.sub("", self._seen.decode(errors="replace"))[self._from :]

    async def until(self, text: str) -> None:
        """Return once the person has seen it."""
        while text not in self.text:
            self._more.clear()
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._more.wait()
            except TimeoutError:
                raise AssertionError(f"never saw {text!r}, only:\n{self.text}") from None
        self._from += self.text.index(text) + len(text)

    async def until_prompt(self) -> None:
        await self.until("› Ask something")

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def terminate(self) -> None:
        """What a shutdown of the machine does."""
        self._process.terminate()

    async def left(self) -> int:
        """The exit status, once the program has ended."""
        return await self._process.wait()
