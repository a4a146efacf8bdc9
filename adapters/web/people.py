"""Who sits in front of the page: a random value in a cookie, and the name they gave themselves."""

import secrets
from hashlib import sha256

from aiohttp import web

from adapters.web.problems import Problem, language_for
from bot.messages import Author
from bot.texts import say

COOKIE = "maru_person"
YEAR = 365 * 24 * 3600  # seconds
LONGEST_NAME = 60  # characters


def person_of(request: web.Request) -> str:
    """The author id of who sent a request. It does not tell the cookie, which is what proves it."""
    value = request.cookies.get(COOKIE, "")
    if not value:
        raise Problem(403, "web_no_cookie")
    return f"web:{sha256(value.encode()).hexdigest()[:20]}"


def author_of(request: web.Request, name: object) -> Author:
    language = language_for(request)
    shown = " ".join(str(name or "").split())[:LONGEST_NAME]
    return Author(person_of(request), shown or say("web_guest", language), language)


def introduce(request: web.Request, response: web.StreamResponse, *, secure: bool) -> str:
    """The author id of who asks, made now if they are new.

    Only the page itself asks for this: on the way from a link elsewhere the browser sends no cookie.
    """
    value = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
    response.set_cookie(
        COOKIE, value, max_age=YEAR, httponly=True, samesite="Strict", secure=secure, path="/"
    )
    return f"web:{sha256(value.encode()).hexdigest()[:20]}"
