"""No document keeps Maru from the next one, whatever reading it does."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import openpyxl
import psutil
import pytest

from bot.errors import DocumentRefused
from bot.knowledge.desk import SHORT, Desk
from bot.knowledge.readers import read
from tests.fakes.processes import until

PAGE = b"<h1>Trains</h1><p>Trains are booked by Mina.</p>"


def sheet(rows: int) -> bytes:
    """A workbook; many rows take seconds to read."""
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("Rota")
    for row in range(rows):
        page.append([f"word {row} {column}" for column in range(10)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@asynccontextmanager
async def desk(limit: float = 60.0) -> AsyncIterator[Desk]:
    """A desk whose process is gone at the end."""
    opened = Desk(limit)
    try:
        yield opened
    finally:
        await opened.rest()


def readers() -> set[psutil.Process]:
    """The processes that read and are not over; other tests keep a browser running meanwhile."""
    return {child for child in psutil.Process().children() if _reads(child)}


def _reads(process: psutil.Process) -> bool:
    try:
        return "bot.knowledge.reading" in process.cmdline()
    except psutil.Error:  # it is over, or has just begun
        return False


async def has_begun() -> bool:
    """Whether one reads."""
    return bool(readers())


@pytest.mark.parametrize("path", ["a.html", "long.md"])
async def test_a_document_is_the_same_whoever_reads_it(path: str) -> None:
    """What is short is read here, what may take long elsewhere."""
    content = PAGE if path == "a.html" else b"# Title\n\n" + b"One line of many.\n\n" * (SHORT // 10)
    async with desk() as opened:
        assert await opened.read(path, content) == read(path, content)
        assert len(readers()) == 1


async def test_short_text_needs_no_process() -> None:
    """Most documents are."""
    async with desk() as opened:
        assert (await opened.read("a.md", b"# Trains\n\nMina.")).title == "Trains"
        assert readers() == set()


async def test_why_a_document_is_refused_is_told() -> None:
    """In the same words."""
    async with desk() as opened:
        with pytest.raises(DocumentRefused, match=r"is broken, or not the \.pdf it says it is"):
            await opened.read("a.pdf", b"%PDF-1.4 nothing")


async def test_what_takes_too_long_is_given_up() -> None:
    """Its process is ended, and the next document is read in another one."""
    slow = sheet(15_000)
    async with desk(0.5) as opened:
        with pytest.raises(DocumentRefused, match=r"takes more than 0.5 seconds to read\."):
            await opened.read("rota.xlsx", slow)
        assert readers() == set()
        assert (await opened.read("a.html", PAGE)).title == "Trains"


async def test_what_ends_its_reader_is_refused() -> None:
    """As a library that crashes does."""
    slow = sheet(15_000)
    async with desk() as opened:
        reading = asyncio.create_task(opened.read("rota.xlsx", slow))
        await until(has_begun)
        (process,) = readers()
        process.send_signal(signal.SIGSEGV)
        with pytest.raises(DocumentRefused, match="ends the program that reads it"):
            await reading
        assert (await opened.read("a.html", PAGE)).title == "Trains"


async def test_nobody_reads_on_for_somebody_who_has_stopped_waiting() -> None:
    """Ctrl-C does not wait for a document."""
    slow = sheet(15_000)
    async with desk() as opened:
        await opened.read("a.html", PAGE)
        reading = asyncio.create_task(opened.read("rota.xlsx", slow))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert readers() == set()


async def test_the_reader_is_told_no_secret() -> None:
    """What parses strangers' files has no key to give away."""
    os.environ["OPENAI_API_KEY"] = "sk-secret"
    try:
        async with desk() as opened:
            await opened.read("a.html", PAGE)
            (process,) = readers()
            assert "sk-secret" not in process.environ().values()
    finally:
        del os.environ["OPENAI_API_KEY"]
