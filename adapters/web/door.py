"""The token that opens the page, where one is set: a form, a cookie, and patience with wrong tries."""

import hmac
from hashlib import sha256

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.web.asked import content_of
from adapters.web.problems import Problem
from bot.clock import Clock

COOKIE = "maru_door"
MONTH = 30 * 24 * 3600  # seconds
WRONG_WAIT = 1.0  # seconds that a wrong try takes
WRONG_MOST = 8  # tries that may wait at once; more are turned away unread

# What a person without the cookie may have: the form, what it looks like, and the state of health.
OPEN = frozenset({"/login", "/api/login", "/healthz", "/readyz"})


class Door:
    """Open when there is no token."""

    def __init__(self, token: str | None, clock: Clock, *, secure: bool) -> None:
        self._token = token
        self._clock = clock
        self._secure = secure
        self._waiting = 0

    @property
    def locked(self) -> bool:
        return self._token is not None

    def admits(self, request: web.Request) -> bool:
        """Whether a request carries the cookie."""
        return self._token is None or same(request.cookies.get(COOKIE, ""), self._pass())

    def _pass(self) -> str:
        # Not the token itself, and another one once the token is another.
        return hmac.new((self._token or "").encode(), b"the door of the page", sha256).hexdigest()

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """POST /api/login: the token for the cookie."""
        if self._waiting >= WRONG_MOST:
            raise Problem(429, "web_login_busy")
        given = (await content_of(request)).get("token")
        if self._token is not None and not same(str(given), self._token):
            self._waiting += 1
            try:
                await self._clock.sleep(WRONG_WAIT)
            finally:
                self._waiting -= 1
            raise Problem(403, "web_login_wrong")
        response = web.json_response({})
        response.set_cookie(
            COOKIE,
            self._pass(),
            max_age=MONTH,
            httponly=True,
            samesite="Strict",
            secure=self._secure,
            path="/",
        )
        return response


def same(given: str, wanted: str) -> bool:
    """Compares in a time that tells nothing."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def keep_shut(door: Door, outside: frozenset[str], assets: frozenset[str]) -> Middleware:
    """Lets nobody past without the cookie."""
    free = OPEN | outside | assets

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in free or door.admits(request):
            return await handler(request)
        if request.path.startswith(("/api/", "/files/")):
            raise Problem(401, "web_login_needed")
        raise web.HTTPSeeOther(f"/login?next={request.path}")

    return middleware
