"""Errors, ids and answers as Slack writes them."""

import itertools
import json
from typing import Any

from aiohttp import web

Json = dict[str, Any]


class SlackError(Exception):
    """Ends a call with `ok: false`, or with an HTTP status where one is given."""

    def __init__(
        self, code: str, *, status: int = 200, headers: dict[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.headers = headers or {}
        self.body: Json = {"ok": False, "error": code, **more}


def invalid(*messages: str, code: str = "invalid_arguments") -> SlackError:
    """What Slack says about arguments that are wrong."""
    return SlackError(code, response_metadata={"messages": [f"[ERROR] {message}" for message in messages]})


class Ids:
    """Ids as Slack makes them: a letter that says of what, then capitals and digits."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def __call__(self, prefix: str) -> str:
        return f"{prefix}0{next(self._numbers):09X}"


def dump(value: object) -> str:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON response."""
    return web.Response(
        text=dump(value), status=status, headers=headers, content_type="application/json", charset="utf-8"
    )
