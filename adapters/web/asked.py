"""What a request says, checked."""

import json
import re
from typing import Any

from aiohttp import web

from adapters.web.problems import Problem
from bot.messages import Author
from bot.text import storable

PREFIX = "web:"
NUMBER = re.compile(r"[0-9]{1,18}")
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_TEXT = 100_000  # characters


def place(request: web.Request) -> str:
    """The conversation in its address."""
    return conversation(request.match_info["conversation"])


def conversation(name: str) -> str:
    if not ID.fullmatch(name):
        raise Problem(404, "web_gone")
    return f"{PREFIX}{name}"


def key(content: dict[str, Any]) -> str:
    """The name that the page gave a message or command, so that a repeat is known."""
    name = str(content.get("key", ""))
    if not ID.fullmatch(name):
        raise Problem(400, "web_odd")
    return f"{PREFIX}{name}"


def text(content: dict[str, Any]) -> str:
    words = str(content.get("text", ""))
    if len(words) > LONGEST_TEXT:
        raise Problem(422, "web_too_long", limit=f"{LONGEST_TEXT:,}")
    return words


def origin(author: Author) -> str:
    """What the adapter needs to find the person again."""
    return json.dumps({"person": author.id})


def number(digits: str) -> int:
    """A number of ours; 0 for what is none."""
    return int(digits) if NUMBER.fullmatch(digits) else 0


async def content_of(request: web.Request) -> dict[str, Any]:
    """The JSON of a request, with nothing in it that cannot be stored."""
    try:
        content = json.loads(storable(json.dumps(await request.json(), ensure_ascii=False)))
    except (ValueError, LookupError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Problem(400, "web_odd")
    return content
