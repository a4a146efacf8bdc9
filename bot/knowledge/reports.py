"""What a sync tells: how far it has come, and what it did."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.ports import Problem


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync did."""

    written: tuple[str, ...] = ()  # paths that are new or changed
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync has come."""

    collection: str
    files: int
    bytes: int
    files_done: int
    bytes_done: int


Watcher = Callable[[Progress], None]


def unwatched(progress: Progress) -> None:
    """Nobody looks at the progress."""
