"""Files are kept whole or not at all, and are what their content says."""

import asyncio
import errno
import os
import re
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FileRefused, StoreError, StoreFull, StoreReadOnly
from bot.files import Files, decide, human_size

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + b"\0" * 32
WEBP = b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 32
GIF = b"GIF89a\x01\0\x01\0\0\0\0\x21\xf9\x04\0\0\0\0\0\x2c" + b"\0" * 32
MOVING_GIF = b"GIF89a\x01\0\x01\0\0\0\0\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + b"\0" * 32
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
ENTRY = b"PK\x03\x04" + b"\0" * 26
DOCX = ENTRY + b"[Content_Types].xml" + b"\0" * 40 + ENTRY + b"word/document.xml"
LOGIN = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>"


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def left_over(folder: Path) -> list[Path]:
    """Every file under a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_kept_bytes_are_read_back(tmp_path: Path) -> None:
    """What was kept is there under its SHA-256, also for the next process."""
    kept = await Files(tmp_path).keep(stream(b"ab", b"", b"c"), 10)
    assert (kept.digest, kept.size) == (sha256(b"abc").hexdigest(), 3)
    files = Files(tmp_path)
    assert await files.read(kept.digest) == b"abc"
    assert await files.head(kept.digest, 2) == b"ab"
    assert files.path(kept.digest).read_bytes() == b"abc"


async def test_large_streams_are_written_piece_by_piece(tmp_path: Path) -> None:
    """A stream of several megabytes ends up whole."""
    data = os.urandom(700_000)
    kept = await Files(tmp_path).keep(stream(*[data] * 5), 10_000_000)
    assert kept.size == 3_500_000
    assert await Files(tmp_path).read(kept.digest) == data * 5


async def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    files = Files(tmp_path)
    first = await files.keep_bytes(b"same")
    assert await files.keep(stream(b"sa", b"me"), 10) == first
    assert len(left_over(tmp_path)) == 1


@pytest.mark.parametrize("chunk", [b"x" * 11, b"x" * 3_000_000])
async def test_a_stream_over_the_limit_leaves_nothing(tmp_path: Path, chunk: bytes) -> None:
    """The refusal carries the file's name and the text for the person."""
    with pytest.raises(FileRefused) as refused:
        await Files(tmp_path).keep(stream(chunk[:2_000_000], chunk[2_000_000:]), len(chunk) - 1, "big.bin")
    assert (refused.value.text, refused.value.name) == ("file_too_large", "big.bin")
    assert left_over(tmp_path) == []


async def test_a_broken_stream_leaves_nothing(tmp_path: Path) -> None:
    """When the source fails, its error arrives and the disk is as before."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 2_000_000
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await Files(tmp_path).keep(broken(), 10_000_000)
    assert left_over(tmp_path) == []


async def test_a_cancelled_stream_leaves_nothing(tmp_path: Path) -> None:
    """Stopping Maru in the middle of a download leaves no half of a file."""
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x" * 2_000_000
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(Files(tmp_path).keep(endless(), 10_000_000))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left_over(tmp_path) == []


async def test_deleted_bytes_are_gone(tmp_path: Path) -> None:
    """Deleting twice does no harm; reading says that they are lost."""
    files = Files(tmp_path)
    kept = await files.keep_bytes(b"secret")
    await files.delete([kept.digest])
    await files.delete([kept.digest])
    with pytest.raises(FileRefused) as refused:
        await files.read(kept.digest)
    assert refused.value.text == "file_lost"
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_a_path_is_made_from_a_digest_alone(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        Files(tmp_path).path(digest)


def test_what_a_dead_process_left_is_swept(tmp_path: Path) -> None:
    """An unfinished file of another, running process is not touched."""
    Files(tmp_path)
    old, fresh = tmp_path / "incoming" / "old", tmp_path / "incoming" / "fresh"
    old.write_bytes(b"x")
    fresh.write_bytes(b"x")
    os.utime(old, (time.time() - 7_200, time.time() - 7_200))
    Files(tmp_path)
    assert left_over(tmp_path) == [fresh]


@pytest.mark.parametrize(
    ("code", "expected"), [(errno.ENOSPC, StoreFull), (errno.EROFS, StoreReadOnly), (errno.EIO, StoreError)]
)
async def test_a_disk_that_fails_is_explained(tmp_path: Path, code: int, expected: type[StoreError]) -> None:
    """The error says what to do, and nothing half-written is left."""

    def fail(_descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    files = Files(tmp_path, fail)
    with pytest.raises(expected, match=re.escape(str(tmp_path))):
        await files.keep(stream(b"x" * 2_000_000), 10_000_000)
    with pytest.raises(expected, match=re.escape(str(tmp_path))):
        await files.keep_bytes(b"x")
    assert left_over(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    """The error names the folder."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="file"):
        Files(tmp_path / "file")


@pytest.mark.parametrize(
    ("name", "head", "kind", "media_type"),
    [
        ("a.png", PNG, "image", "image/png"),
        ("a.txt", PNG, "image", "image/png"),
        ("a.jpg", JPEG, "image", "image/jpeg"),
        ("a.webp", WEBP, "image", "image/webp"),
        ("a.gif", GIF, "image", "image/gif"),
        ("a.gif", MOVING_GIF, "data", "image/gif"),
        ("a.pdf", b"%PDF-1.7\n", "document", "application/pdf"),
        ("a.pdf", LOGIN, "document", "text/html"),
        ("a.csv", LOGIN, "document", "text/html"),
        ("a.rtf", b"{\\rtf1\\ansi hello}", "document", "application/rtf"),
        ("a", DOCX, "document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.zip", ENTRY + b"notes.txt", "data", "application/zip"),
        ("a.docx", ENTRY + b"notes.txt", "data", "application/zip"),
        ("a.docx", ENTRY + b"[Content_Types].xml", "document",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xlsx", ENTRY + b"xl/workbook.xml", "data",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.pptx", ENTRY + b"ppt/presentation.xml", "document",
         "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("a.odt", ENTRY + b"mimetypeapplication/vnd.oasis.opendocument.textPK", "document",
         "application/vnd.oasis.opendocument.text"),
        ("a.hwpx", ENTRY + b"mimetypeapplication/hwp+zipPK", "data", "application/hwp+zip"),
        ("a.doc", OLE, "document", "application/msword"),
        ("a", OLE + "Workbook".encode("utf-16-le"), "data", "application/vnd.ms-excel"),
        ("a.doc", OLE + "Workbook".encode("utf-16-le"), "data", "application/vnd.ms-excel"),
        ("a.msi", OLE, "data", "application/x-ole-storage"),
        ("a.txt", "안녕하세요".encode(), "document", "text/plain"),
        ("a.txt", "안녕하세요, 반갑습니다".encode("cp949"), "document", "text/plain"),
        ("a.txt", "hello".encode("utf-16"), "document", "text/plain"),
        ("a.md", b"# Title\n", "document", "text/markdown"),
        ("a.md", b"\x00\x01\x02\xff" * 20, "data", "application/octet-stream"),
        ("a.py", b"import os\n", "document", "text/x-python"),
        ("a.unknown", b"import os\n", "document", "text/plain"),
        ("a", b'{"a": [1, 2]}', "document", "application/json"),
        ("a", b"{not json}", "document", "text/plain"),
        ("a.csv", b"a,b\n1,2\n", "data", "text/csv"),
        ("a.csv", "이름,나이\n김,3\n".encode("cp949"), "data", "text/csv"),
        ("a.tsv", b"a\tb\n1\t2\n", "data", "text/tab-separated-values"),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "document", "text/plain"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c\0\4" + b"\0" * 20, "data", "application/x-7z-compressed"),
        ("a.exe", b"MZ\x90\0" + b"\0" * 60, "data", None),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_says(name: str, head: bytes, kind: str, media_type: str | None) -> None:
    """The name decides only between things that look the same."""
    verdict = decide(name, head, len(head))
    assert verdict.kind == kind
    assert verdict.media_type == media_type or media_type is None


def test_a_character_cut_by_the_head_is_still_text() -> None:
    """The head of a longer file may end within a character."""
    for encoding in ("utf-8", "cp949", "utf-16"):
        assert decide("a.txt", ("가나다" * 100).encode(encoding)[:501], 10_000).kind == "document"


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(FileRefused) as refused:
        decide("a.txt", b"", 0)
    assert refused.value.text == "file_empty"


@given(st.text(max_size=20), st.binary(min_size=1, max_size=200))
def test_any_bytes_get_a_verdict(name: str, head: bytes) -> None:
    assert "/" in decide(name, head, len(head)).media_type


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_500, "1.5 KB"),
        (50_000_000, "50 MB"),
        (999_999, "1 MB"),
        (3_240_000, "3.2 MB"),
    ],
)
def test_sizes_are_written_for_people(size: int, text: str) -> None:
    assert human_size(size) == text


async def test_what_was_kept_long_ago_is_found_and_keeping_it_again_makes_it_new(tmp_path: Path) -> None:
    files = Files(tmp_path)
    kept = await files.keep_bytes(b"hello")
    os.utime(files.path(kept.digest), (0, 0))
    assert await files.older_than(3_600) == [kept.digest]
    await files.keep_bytes(b"hello")
    assert await files.older_than(3_600) == []


async def test_what_is_kept_again_while_it_is_swept_stays(tmp_path: Path) -> None:
    """Whoever just brought the same bytes has not told yet whose they are."""
    files = Files(tmp_path)
    kept = await files.keep_bytes(b"hello")
    await files.keep_bytes(b"hello")
    await files.delete([kept.digest], idle=3_600)
    assert await files.read(kept.digest) == b"hello"
    os.utime(files.path(kept.digest), (0, 0))
    await files.delete([kept.digest], idle=3_600)
    with pytest.raises(FileRefused):
        await files.read(kept.digest)
