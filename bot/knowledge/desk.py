"""Reads files into documents; what may take long or do harm, in a process of its own that can be ended."""

import asyncio
import json
import math
import os
import sys
from contextlib import suppress
from typing import Any

from pydantic import TypeAdapter

from bot.errors import DocumentProtected, DocumentRefused
from bot.knowledge.ports import Document
from bot.knowledge.readers import PLAIN, ending, read

LIMIT = 60.0  # seconds that reading a document may take
SHORT = 200_000  # bytes of text, up to which reading takes a moment whatever is in it
SIZE = 8  # bytes of a length
PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL")  # to the process: no key and no token

DOCUMENT = TypeAdapter(Document)


class Desk:
    """One document at a time is read in the process, which begins with the first and ends with `rest`."""

    def __init__(self, limit: float = LIMIT) -> None:
        """`limit` is in seconds."""
        self._limit = limit
        self._lock = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None

    async def read(self, path: str, content: bytes) -> Document:
        """The document in a file. Raises DocumentRefused that says why there is none."""
        if ending(path) in PLAIN and len(content) <= SHORT:
            return await asyncio.to_thread(read, path, content)
        async with self._lock:
            whole = False
            try:
                answer = await self._ask(path, content)
                whole = True
            except TimeoutError as error:
                raise DocumentRefused("document_slow", seconds=self._limit) from error
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                raise DocumentRefused("document_ends_reader") from error
            finally:
                if not whole:  # also when nobody waits for it any more
                    await self._end()
        if reason := answer.get("refused"):
            kind = DocumentProtected if answer["protected"] else DocumentRefused
            raise kind(reason, **answer["values"])
        return DOCUMENT.validate_python(answer["document"])

    async def rest(self) -> None:
        """End the process; the next document begins another one."""
        async with self._lock:
            await self._end()

    async def _ask(self, path: str, content: bytes) -> dict[str, Any]:
        incoming, outgoing = _pipes(self._process or await self._begin())
        for message in (path.encode(), content, str(math.ceil(self._limit)).encode()):
            outgoing.write(len(message).to_bytes(SIZE))
            outgoing.write(message)
        async with asyncio.timeout(self._limit):
            await outgoing.drain()
            answer: dict[str, Any] = json.loads(await _take(incoming))
        return answer

    async def _begin(self) -> asyncio.subprocess.Process:
        process = self._process = await asyncio.create_subprocess_exec(
            # Not even a file in the working directory can come before Maru's own.
            *(sys.executable, "-P", "-m", "bot.knowledge.reading"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # the libraries say there what no operator can use
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
            start_new_session=True,  # Ctrl-C is for Maru
        )
        await _take(_pipes(process)[0])  # it is ready
        return process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def _pipes(process: asyncio.subprocess.Process) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if process.stdout is None or process.stdin is None:
        raise AssertionError("it was started with pipes")
    return process.stdout, process.stdin


async def _take(incoming: asyncio.StreamReader) -> bytes:
    return await incoming.readexactly(int.from_bytes(await incoming.readexactly(SIZE)))
