"""The log names the turn of each line, and never a secret."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import log
from bot.context import turn_context
from bot.turns import Turn
from tests.fakes.people import message

KEY = "sk-very-secret"
TOKEN = "door-token"


def fail() -> None:
    """Raise an error with a secret in it, because of another with another."""
    try:
        int(f"Bearer {KEY}")
    except ValueError as error:
        raise RuntimeError(f"with {TOKEN}") from error


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Path]:
    """The file that is logged to; logging is as it was afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    path = tmp_path / "maru.log"
    log.configure("info", (KEY, TOKEN), path)
    yield path
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_secrets_are_masked_in_messages_and_arguments(written: Path) -> None:
    logging.getLogger("part").info(f"{KEY} and %s, %s", KEY, {"token": TOKEN})  # noqa: G004 - others do
    text = written.read_text(encoding="utf-8")
    assert KEY not in text
    assert TOKEN not in text
    assert text.count(log.MASK) == 3


def test_secrets_are_masked_in_tracebacks(written: Path) -> None:
    """Also in those of the causes, whoever raised them."""
    try:
        fail()
    except RuntimeError:
        logging.getLogger("library").exception("it failed")
    text = written.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "RuntimeError" in text
    assert KEY not in text
    assert TOKEN not in text


def test_a_line_names_the_turn_it_belongs_to(written: Path) -> None:
    """By the reference that people see."""
    turn = Turn(7, "web:room", (message(),))
    with turn_context(turn):
        logging.getLogger("part").info("inside")
    logging.getLogger("part").info("outside")
    inside, outside = written.read_text(encoding="utf-8").splitlines()
    assert f" {turn.reference} web:room part: inside" in inside
    assert " - part: outside" in outside


def test_less_than_the_level_is_not_logged(written: Path) -> None:
    """And libraries tell only what is wrong."""
    logging.getLogger("part").debug("detail")
    logging.getLogger("httpx").info("HTTP Request: POST")
    logging.getLogger("httpx").warning("odd")
    assert [line.rpartition(": ")[2] for line in written.read_text(encoding="utf-8").splitlines()] == ["odd"]
