"""What a typed line means: a message with files, or a command; looks at the disk, changes nothing."""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.commands import WORDS

COMMANDS = (
    "help", "file", "stop", "again", "edit", "delete", "good", "bad", "save", "reset", "forget", "assistant",
    "usage", "knowledge", "code", "quit",
)  # fmt: skip

COMMAND = re.compile(r"/(\w+)(?:\s+(.*))?", re.DOTALL)
# A word as shells and file managers write paths: quoted, or with escaped spaces; @ says that it is one.
WORD = re.compile(
    r"""(?<!\S)(?P<at>@?)(?:"(?P<double>[^"\n]+)"|'(?P<single>[^'\n]+)'|(?P<bare>(?:\\.|[^\s\\])+))"""
)
BEGINS_PATH = ("./", "../", "~/", "/")


@dataclass(frozen=True, slots=True)
class Words:
    """A message."""

    text: str
    paths: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A command, known or not."""

    name: str
    argument: str = ""
    typed: str = ""  # as the person wrote it, from which their language is seen


def understand(line: str, folder: Path) -> Words | Order:
    """What a line means to somebody who is in `folder`."""
    text = line.strip()
    if word := WORDS.get(text.removeprefix("/").lower()):
        return Order(word, typed=text)
    command = COMMAND.fullmatch(text)
    # What follows `knowledge` may be files, which go with a message alone.
    sent = command and WORDS.get(command[1].lower()) == "knowledge"
    if command and not sent and not _file(text.split()[0], folder):
        return Order(command[1].lower(), (command[2] or "").strip(), text)
    paths: list[Path] = []

    def named(match: re.Match[str]) -> str:
        path = _path_in(match, folder)
        if path is None:
            return match[0]
        paths.append(path)
        return path.name

    return Words(WORD.sub(named, text), tuple(paths))


def path_of(text: str, folder: Path) -> Path:
    """A path as typed after a command, quoted or not."""
    match = WORD.fullmatch(text)
    bare = text if match is None else _unquoted(match)
    return (folder / Path(bare).expanduser()).absolute()


def _path_in(match: re.Match[str], folder: Path) -> Path | None:
    """The file that a word names; None when it is just a word."""
    name = _unquoted(match)
    return _file(name, folder) if match["at"] or name.startswith(BEGINS_PATH) else None


def _unquoted(match: re.Match[str]) -> str:
    return match["double"] or match["single"] or re.sub(r"\\(.)", r"\1", match["bare"])


def _file(name: str, folder: Path) -> Path | None:
    try:
        path = (folder / Path(name).expanduser()).absolute()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # too long, no such home, a null byte: no file of ours
        return None
