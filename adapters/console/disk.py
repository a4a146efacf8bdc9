"""Reads the files that people name by their path, and keeps them before the message is received."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

from bot.errors import FileRefused
from bot.files import FILE_BYTES, Files, decide
from bot.messages import Attachment

CHUNK = 1_048_576  # bytes
HEAD = 8_192  # bytes that tell what a file is


async def keep(files: Files, path: str) -> Attachment:
    """The file at `path` as it is now, whatever becomes of it later. Raises FileRefused."""
    name = Path(path).name
    kept = await files.keep(read(path), FILE_BYTES, name)
    verdict = decide(name, await files.head(kept.digest, HEAD), kept.size)
    return Attachment(name, kept.size, verdict.media_type, source=path, digest=kept.digest)


async def read(path: str) -> AsyncIterator[bytes]:
    """The bytes of a file of this machine. Raises FileRefused."""
    name = Path(path).name
    try:
        mode = (await asyncio.to_thread(Path(path).stat)).st_mode
        if stat.S_ISDIR(mode):
            raise FileRefused("console_file_folder", name)
        if not stat.S_ISREG(mode):
            # Reading a pipe or a device might never end.
            raise FileRefused("console_file_unreadable", name)
        with await asyncio.to_thread(Path(path).open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk
    except FileNotFoundError as error:
        raise FileRefused("console_file_missing", name) from error
    except OSError as error:
        raise FileRefused("console_file_unreadable", name, str(error)) from error
