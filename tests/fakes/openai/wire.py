"""Bytes and errors as the service writes them."""

import itertools
import json
from collections.abc import Sequence
from typing import Any

from aiohttp import web

Json = dict[str, Any]


class ApiError(Exception):
    """Ends a request with OpenAI's error envelope."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type: str = "invalid_request_error",  # noqa: A002 - the service calls it so
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": type, "param": param, "code": code}}
        self.headers = headers or {}


class Ids:
    """Ids as the service makes them: unique, with a prefix that says of what."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def __call__(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):024x}"


def dump(value: object) -> str:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def frame(event: Json) -> bytes:
    """One server-sent event, inside one chunk of HTTP's chunked encoding."""
    return chunk(f"event: {event['type']}\ndata: {dump(event)}\n\n".encode())


def chunk(body: bytes) -> bytes:
    """One chunk of HTTP's chunked encoding."""
    return b"%x\r\n%b\r\n" % (len(body), body)


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON response."""
    return web.Response(
        text=dump(value), status=status, headers=headers, content_type="application/json", charset="utf-8"
    )


def page(entries: Sequence[Json], query: dict[str, str]) -> Json:
    """A part of a list, after the entry that the query names."""
    limit = int(query.get("limit", 20))
    if not 1 <= limit <= 100:
        raise ApiError(400, "Invalid 'limit'.", param="limit")
    ids = [entry["id"] for entry in entries]
    begin = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
    shown = entries[begin : begin + limit]
    return {
        "object": "list",
        "data": list(shown),
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": begin + limit < len(entries),
    }


async def read_json(request: web.Request) -> Json:
    try:
        body = await request.json()
    except json.JSONDecodeError as error:
        raise ApiError(400, "We could not parse the JSON body of your request.") from error
    if not isinstance(body, dict):
        raise ApiError(400, "We could not parse the JSON body of your request.")
    return body
