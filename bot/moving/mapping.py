"""Which old thread belonged to which place: a JSON or CSV file, read line by line."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import MovingError
from bot.moving.assistants_api import parsed
from bot.places import identified

OLD = re.compile(r"thread_[A-Za-z0-9_-]+")
LIKE = "such as slack:T1/C1/171.2 or discord:G1/C1"
NAMES = ("place", "channel", "conversation")


@dataclass(frozen=True, slots=True)
class Line:
    """One old thread, and its place."""

    where: str  # in the file, for reports
    place: str
    old: str


def read(path: Path) -> tuple[list[Line], list[str]]:
    """The lines that can be used, and what is wrong with the others. Raises MovingError for a useless file.

    JSON is an object of place: thread, or a list of objects; CSV has a place and a thread in each row.
    """
    found = _rows(path) if path.suffix.lower() in {".csv", ".tsv"} else _entries(path)
    pairs = [(where, place.strip().rstrip("/"), old.strip()) for where, place, old in found]
    if not pairs:
        raise MovingError(f"{path}: there is no line in it. Give each place ({LIKE}) with its old thread.")
    lines: list[Line] = []
    problems: list[str] = []
    known: dict[str, str] = {}
    for where, place, old in pairs:
        if not identified(place):
            problems.append(f"{where}: {place or 'nothing'} is no place. Write one {LIKE}.")
        elif not OLD.fullmatch(old):
            problems.append(f"{where}: {old or 'nothing'} is no old thread. Its id begins with thread_.")
        elif place in known:
            problems.append(f"{where}: {place} stands at {known[place]} already. Remove one of the two.")
        else:
            known[place] = where
            lines.append(Line(where, place, old))
    return lines, problems


def _rows(path: Path) -> Iterator[tuple[str, str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise MovingError(f"{path}: cannot be read ({error}). Name a CSV file in UTF-8.") from error
    reader = csv.reader(text.splitlines(), delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    for row in _told(reader, path):
        cells = [cell.strip() for cell in row]
        head = reader.line_num == 1 and cells[:1] and cells[0].lower() in NAMES
        if any(cells) and not head:
            yield f"{path}:{reader.line_num}", cells[0], cells[1] if len(cells) > 1 else ""


def _told(rows: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error as error:
        raise MovingError(f"{path}: is no CSV file ({error}). Name another one.") from error


def _entries(path: Path) -> Iterator[tuple[str, str, str]]:
    match parsed(path):
        case dict(found):
            for place, old in found.items():
                yield f"{path}: {place}", place, old if isinstance(old, str) else ""
        case list(entries):
            for number, entry in enumerate(entries):
                named = entry if isinstance(entry, dict) else {}
                place = next((named[name] for name in NAMES if name in named), "")
                yield (
                    f"{path}: [{number}]",
                    str(place),
                    str(named.get("thread") or named.get("thread_id") or ""),
                )
        case _:
            raise MovingError(
                f"{path}: there is neither an object nor a list. Give each place its old thread."
            )
