"""Which turn a log line belongs to, without every call having to say so."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from bot.turns import Turn

_current: ContextVar[str] = ContextVar("turn", default="-")


@contextmanager
def turn_context(turn: Turn) -> Iterator[None]:
    """Log lines written inside carry the turn and its conversation."""
    token = _current.set(f"{turn.reference} {turn.conversation}")
    try:
        yield
    finally:
        _current.reset(token)


class TurnFilter(logging.Filter):
    """Adds `turn` to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.turn = _current.get()
        return True
