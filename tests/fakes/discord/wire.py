"""Errors, ids and answers as Discord writes them."""

import json
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.clock import Clock

Json = dict[str, Any]
EPOCH = 1_420_070_400.0  # Discord's: the first second of 2015


class DiscordError(Exception):
    """Ends a request with a status and a JSON error code."""

    def __init__(
        self, status: int, code: int, message: str, *, headers: dict[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(f"{code} {message}")
        self.status = status
        self.code = code
        self.headers = headers or {}
        self.body: Json = {"message": message, "code": code, **more}


def invalid(field: str, code: str, message: str) -> DiscordError:
    """What Discord says about a body that is wrong; `field` with dots, such as `components.0.label`."""
    errors: Json = {"_errors": [{"code": code, "message": message}]}
    for name in reversed(field.split(".")):
        errors = {name: errors}
    return DiscordError(400, 50035, "Invalid Form Body", errors=errors)


class Ids:
    """Snowflakes: when it was, and which of that millisecond; strictly increasing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def __call__(self) -> str:
        self._last = max(int((self._clock.now() - EPOCH) * 1000) << 22, self._last + 1)
        return str(self._last)


def made_at(snowflake: str) -> float:
    """The seconds since 1970 in an id."""
    return (int(snowflake) >> 22) / 1000 + EPOCH


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON with exactly the content type that discord.py parses."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return web.Response(
        body=text.encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )
