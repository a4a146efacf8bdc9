"""Shows how far a sync has come: one line that changes in a terminal, a line now and then elsewhere."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO

from bot.files import human_size
from bot.knowledge.reports import Progress

LIVELY, PLAIN = 0.1, 5.0  # seconds between two lines, in a terminal and elsewhere
SOON = 2.0  # seconds after which a guess of the rest is worth something
CLEAR = "\r\x1b[K"  # back to the beginning of the line, and nothing on it


class Shown:
    """The progress of one sync, as a `Watcher`."""

    def __init__(self, output: TextIO | None = None) -> None:
        self._output = output or sys.stdout
        self._lively = self._output.isatty()
        self._begun = time.monotonic()
        self._told = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        end = progress.files_done == progress.files
        if not end and now - self._told < (LIVELY if self._lively else PLAIN):
            return
        self._told = now
        line = told(progress, now - self._begun)
        self._output.write(f"{CLEAR}{line}" if self._lively else f"{line}\n")
        self._output.flush()

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._lively:
            self._output.write("\n" if kind else CLEAR)
            self._output.flush()


def told(progress: Progress, seconds: float) -> str:
    """Files, bytes, and how long the rest may take after so many seconds."""
    line = (
        f"{progress.collection}: {progress.files_done:,} of {progress.files:,} files, "
        f"{human_size(progress.bytes_done)} of {human_size(progress.bytes)}"
    )
    if progress.files_done == progress.files or seconds < SOON or not progress.bytes_done:
        return line
    left = round(seconds * (progress.bytes - progress.bytes_done) / progress.bytes_done)
    return f"{line}, about {left // 60}:{left % 60:02d} left"
