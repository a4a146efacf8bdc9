"""Finds the files of a folder, whatever else lies in it."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.readers import PACKED, READERS, ending

LARGEST = 2_000_000  # bytes of a file of text: two thick books
LARGEST_PACKED = 50_000_000  # bytes of a PDF or an Office file, pictures and all


@dataclass(frozen=True, slots=True)
class Found:
    """A file that can be read."""

    path: str  # in the folder, with forward slashes
    file: Path
    stamp: tuple[int, int, int]  # changes when the file does: inode, time, size


@dataclass(frozen=True, slots=True)
class Problem:
    """A file or folder that cannot be used."""

    path: str
    reason: str  # a sentence for the operator, without the path


def files(root: Path) -> tuple[list[Found], list[Problem]]:
    """Every file below a folder in the order of paths, and what cannot be used.

    Links are followed, each folder is read once, and names that begin with a dot are left out.
    """
    found: list[Found] = []
    problems: list[Problem] = []
    seen: set[tuple[int, int]] = set()
    waiting = [(root, "")]
    while waiting:
        folder, path = waiting.pop()
        try:
            about = folder.stat()
            if (about.st_dev, about.st_ino) in seen:
                problems.append(Problem(path, "leads to a folder that is read already."))
                continue
            seen.add((about.st_dev, about.st_ino))
            entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            problems.append(Problem(path or str(root), f"cannot be read ({error.strerror})."))
            continue
        for entry in entries:
            below = f"{path}/{entry.name}".removeprefix("/")
            # A name that is no text cannot be stored; what cannot be shown of it is replaced.
            shown = os.fsencode(below).decode(errors="replace")
            try:
                about = entry.stat()
            except OSError as error:
                problems.append(Problem(shown, f"cannot be read ({error.strerror})."))
                continue
            if stat.S_ISDIR(about.st_mode):
                waiting.append((entry, below))
            elif reason := _refusal(shown, about):
                problems.append(Problem(shown, reason))
            else:
                stamp = (about.st_ino, about.st_mtime_ns, about.st_size)
                found.append(Found(shown, entry, stamp))
    return sorted(found, key=lambda file: file.path), sorted(problems, key=lambda problem: problem.path)


def _refusal(path: str, about: os.stat_result) -> str:
    if not stat.S_ISREG(about.st_mode):
        return "is not a file."
    if ending(path) not in READERS:
        return f"is of a kind that cannot be read; these can: {', '.join(READERS)}."
    largest = LARGEST_PACKED if ending(path) in PACKED else LARGEST
    if about.st_size > largest:
        return f"is too large: {about.st_size:,} bytes, at most {largest:,}. Split it."
    if about.st_size == 0:
        return "is empty."
    return ""
