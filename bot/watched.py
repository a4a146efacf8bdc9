"""Things read from the files of a folder, read again when the files change."""

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from bot.errors import MaruError

logger = logging.getLogger(__name__)

T = TypeVar("T")
Seen = dict[str, tuple[int, int]]  # path -> when it was changed, in nanoseconds, and its size


class Watched(Mapping[str, T]):
    """What a folder held when it was last read without a mistake, by name."""

    def __init__(self, folder: Path, load: Callable[[Path], dict[str, T]]) -> None:
        """Raises what `load` raises: there is nothing older to go on with."""
        self._folder = folder
        self._load = load
        self._seen = self._look()
        self._held = load(folder)

    def refresh(self) -> bool:
        """Read the folder again if a file of it changed; True when that brought something new.

        A mistake is logged, once for each change, and what was held stays in use.
        """
        seen = self._look()
        if seen == self._seen:
            return False
        self._seen = seen
        if seen is None:
            logger.error(
                "%s cannot be looked at. Put it back; what was in use before stays in use.", self._folder
            )
            return False
        try:
            self._held = self._load(self._folder)
        except MaruError as error:
            logger.error("%s\nWhat was in use before stays in use.", error)  # noqa: TRY400 - the operator needs no trace
            return False
        logger.info("%s was read again: %s", self._folder, ", ".join(self._held))
        return True

    def _look(self) -> Seen | None:
        """None when the folder is not there, or not to be read."""
        found: Seen = {}
        try:
            for path in self._folder.iterdir():
                if path.is_file():
                    stat = path.stat()
                    found[path.name] = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            return None
        return found

    def __getitem__(self, name: str) -> T:
        return self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)
