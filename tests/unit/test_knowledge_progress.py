"""People see how far a sync has come, in a terminal and in a log."""

from io import StringIO

from bot.cli.knowledge.progress import Shown, told
from bot.knowledge.reports import Progress


class Terminal(StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        return True


def progress(done: int, files: int = 400) -> Progress:
    return Progress("docs", files, files * 1_000, done, done * 1_000)


def test_files_bytes_and_the_time_left_are_told() -> None:
    """A guess is made only once there is something to guess from."""
    assert told(progress(0), 60.0) == "docs: 0 of 400 files, 0 B of 400 KB"
    assert told(progress(100), 1.0) == "docs: 100 of 400 files, 100 KB of 400 KB"
    assert told(progress(100), 30.0) == "docs: 100 of 400 files, 100 KB of 400 KB, about 1:30 left"
    assert told(progress(400), 120.0) == "docs: 400 of 400 files, 400 KB of 400 KB"
    assert told(progress(0, files=0), 1.0) == "docs: 0 of 0 files, 0 B of 0 B"


def test_a_log_gets_the_beginning_and_the_end() -> None:
    """As plain lines, and others only now and then."""
    output = StringIO()
    with Shown(output) as shown:
        for done in range(401):
            shown(progress(done))
    assert output.getvalue().splitlines() == [
        "docs: 0 of 400 files, 0 B of 400 KB",
        "docs: 400 of 400 files, 400 KB of 400 KB",
    ]


def test_a_terminal_gets_one_line_that_changes() -> None:
    """It is gone at the end."""
    output = Terminal()
    with Shown(output) as shown:
        shown(progress(0))
        shown(progress(400))
    assert output.getvalue().count("\n") == 0
    assert output.getvalue().endswith("400 KB\r\x1b[K")
