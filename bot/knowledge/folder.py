"""Finds the files of a folder, whatever else lies in it."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.readers import PACKED, READERS, ending
from bot.ports import Problem
from bot.texts import say

LARGEST = 2_000_000  # bytes of a file of text: two thick books
LARGEST_PACKED = 50_000_000  # bytes of a PDF or an Office file, pictures and all


@dataclass(frozen=True, slots=True)
class Found:
    """A file that can be read."""

    path: str  # in the folder, with forward slashes
    file: Path
    stamp: tuple[int | str, ...]  # changes when the file does
    size: int  # bytes
    public: bool = True  # it is where the collection's address says; what was added in chat is not


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
            name = shown(below)
            try:
                about = entry.stat()
            except OSError as error:
                problems.append(Problem(name, f"cannot be read ({error.strerror})."))
                continue
            if stat.S_ISDIR(about.st_mode):
                waiting.append((entry, below))
            elif reason := refusal(name, about):
                problems.append(Problem(name, reason))
            else:
                found.append(Found(name, entry, stamp(about), about.st_size))
    return sorted(found, key=lambda file: file.path), sorted(problems, key=lambda problem: problem.path)


def stamp(about: os.stat_result) -> tuple[int, ...]:
    """What changes when a file does: inode, time and size."""
    return about.st_ino, about.st_mtime_ns, about.st_size


def shown(name: str) -> str:
    """A file's name as text: one that is none cannot be stored, so what is no text in it is replaced."""
    return os.fsencode(name).decode(errors="replace")


def refusal(path: str, about: os.stat_result) -> str:
    """Why a file cannot be a document; empty when it may be one."""
    if not stat.S_ISREG(about.st_mode):
        return "is not a file."
    if ending(path) not in READERS:
        return say("document_kind", "en", kinds=", ".join(READERS))
    if about.st_size > largest(path):
        return f"is too large: {about.st_size:,} bytes, at most {largest(path):,}. Split it."
    if about.st_size == 0:
        return "is empty."
    return ""


def largest(path: str) -> int:
    """The most bytes that a document of this kind may have."""
    return LARGEST_PACKED if ending(path) in PACKED else LARGEST
