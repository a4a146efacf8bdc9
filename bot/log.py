"""Logging for the operator: one line each, with the turn it belongs to and without secrets."""

import logging
import sys
from collections.abc import Iterable
from pathlib import Path

from bot.context import TurnFilter

FORMAT = "%(asctime)s %(levelname)-7s %(turn)s %(name)s: %(message)s"
MASK = "[secret]"


class SecretFormatter(logging.Formatter):
    """Replaces every known secret, also in tracebacks of libraries."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(FORMAT)
        # The longest first: one secret may begin another.
        self._secrets = sorted(secrets, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return line


def configure(level: str, secrets: Iterable[str], path: Path | None = None) -> None:
    """Log to stderr, or to a file where the screen belongs to a conversation."""
    if path:
        # It may quote what libraries say of people's messages.
        path.touch(mode=0o600)
    output: logging.Handler = (
        logging.FileHandler(path, encoding="utf-8") if path else logging.StreamHandler(sys.stderr)
    )
    output.setFormatter(SecretFormatter(secrets))
    output.addFilter(TurnFilter())
    root = logging.getLogger()
    root.handlers[:] = [output]
    root.setLevel(level.upper())
    # Their lines per request would drown ours.
    for noisy in ("aiohttp.access", "httpx", "httpx2", "openai", "aiosqlite", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.getLogger().level, logging.WARNING))
