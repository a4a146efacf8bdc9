"""The addresses, their order of checks, and what goes wrong at them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.web.serving import serving
from tests.fakes.discord.calls import Call, read
from tests.fakes.discord.control import Control
from tests.fakes.discord.guilds import Guilds
from tests.fakes.discord.wire import DiscordError, answer

if TYPE_CHECKING:
    from tests.fakes.discord.server import FakeDiscord

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]
Act = Callable[[Call], object]

CHANNEL = "/channels/{channel}"
HOOK = "/webhooks/{application}/{token}"


class Routes:
    """Serves REST, the gateway and the CDN."""

    def __init__(self, discord: "FakeDiscord") -> None:
        self.discord = discord
        self.dark = False
        self.counts: Counter[str] = Counter()  # "POST messages" -> how often it was asked
        self.refusals: Counter[tuple[str, int]] = Counter()  # ("POST messages", code) -> how often
        self.invalid = 0  # 401, 403 and 429: ten thousand in ten minutes get an address banned
        self.requests: list[tuple[str, Call]] = []
        self.fails_next: dict[str, list[DiscordError]] = {}  # "POST messages" -> what its next calls get
        self.answers_lost: dict[str, int] = {}  # so many are done, and the answer never arrives
        self._doors = AsyncExitStack()
        self._open: list[web.Request] = []

    async def start(self, host: str, port: int) -> str:
        app = web.Application(client_max_size=64 * 2**20, middlewares=[self._network])
        for (method, path), (kind, act) in _routes(self.discord).items():
            app.router.add_route(method, f"/api/v10{path}", self._served(kind, act))
        app.router.add_get("/gw/", self.discord.gateway_server.connect)
        app.router.add_get("/cdn/attachments/{id}/{name}", self.discord.cdn.serve)
        control = Control(self.discord)
        app.router.add_get("/_state", control.state)
        app.router.add_post("/_do", control.act)
        door = serving(app, host, port, patience=0.1, backlog=2_048)
        return f"http://{host}:{await self._doors.enter_async_context(door)}"

    async def stop(self) -> None:
        await self._doors.aclose()

    def cut(self) -> None:
        """Break every connection, without a goodbye."""
        for request in self._open:
            if request.transport is not None:
                request.transport.abort()

    @web.middleware
    async def _network(self, request: web.Request, handler: Handle) -> web.StreamResponse:
        if self.dark and not request.path.startswith("/_"):
            _abort(request)
        self._open.append(request)
        try:
            return await handler(request)
        except web.HTTPException as error:
            return answer({"message": f"{error.status}: {error.reason}", "code": 0}, error.status)
        except Exception as error:
            self.discord.world.errors.append(error)
            raise
        finally:
            self._open.remove(request)

    def _served(self, kind: str, act: Act) -> Handle:
        async def serve(request: web.Request) -> web.StreamResponse:
            name = f"{request.method} {kind}"
            self.counts[name] += 1
            headers: dict[str, str] = {}
            try:
                if failures := self.fails_next.get(name):
                    raise failures.pop(0)
                self._let_in(request, kind)
                major = request.match_info.get("channel") or request.match_info.get("token") or ""
                headers = self.discord.limits.admit(request.method, kind, major)
                call = await read(request)
                self.requests.append((name, call))
                done = act(call)
            except DiscordError as error:
                self.refusals[name, error.code] += 1
                self.invalid += error.status in (401, 403, 429)
                return answer(error.body, error.status, headers | error.headers)
            if self.answers_lost.get(name):
                self.answers_lost[name] -= 1
                _abort(request)
            if done is None:
                return web.Response(status=204, headers=headers)
            return answer(done, 200, headers)

        return serve

    def _let_in(self, request: web.Request, kind: str) -> None:
        """An interaction's token is in its address; everything else needs the bot's."""
        told = request.headers.get("Authorization")
        if kind not in ("callback", "webhook") and told != f"Bot {self.discord.token}":
            raise DiscordError(401, 0, "401: Unauthorized")


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


def _routes(discord: "FakeDiscord") -> dict[tuple[str, str], tuple[str, Act]]:
    channels, commands, interactions = discord.channels, discord.commands, discord.interactions
    guilds = Guilds(discord.world, discord.channels)
    own = "/applications/{application}/commands"
    return {
        ("GET", "/users/@me"): ("user", commands.user),
        ("GET", "/oauth2/applications/@me"): ("application", commands.application),
        ("GET", "/applications/@me"): ("application", commands.application),
        ("GET", "/gateway/bot"): ("gateway", commands.gateway),
        ("GET", own): ("commands", commands.listed),
        ("PUT", own): ("commands", commands.replace),
        ("POST", "/users/@me/channels"): ("dm", channels.open_dm),
        ("GET", "/guilds/{guild}"): ("guild", channels.guild),
        ("GET", "/guilds/{guild}/threads/active"): ("guild", channels.active_threads),
        ("GET", "/users/@me/guilds"): ("guilds", guilds.own),
        ("GET", "/guilds/{guild}/channels"): ("guild", guilds.channels),
        ("GET", "/guilds/{guild}/members/{user}"): ("member", guilds.member),
        ("GET", "/users/{user}"): ("user", channels.user),
        ("GET", CHANNEL): ("channel", channels.get),
        ("PATCH", CHANNEL): ("channel", channels.change),
        ("POST", CHANNEL + "/typing"): ("typing", channels.typing),
        ("POST", CHANNEL + "/threads"): ("threads", channels.thread),
        ("POST", CHANNEL + "/messages/{message}/threads"): ("threads", channels.thread_of),
        ("GET", CHANNEL + "/messages"): ("messages", channels.history),
        ("POST", CHANNEL + "/messages"): ("messages", channels.post),
        ("GET", CHANNEL + "/messages/{message}"): ("messages", channels.message),
        ("PATCH", CHANNEL + "/messages/{message}"): ("messages", channels.edit),
        ("DELETE", CHANNEL + "/messages/{message}"): ("messages", channels.delete),
        ("POST", "/interactions/{interaction}/{token}/callback"): ("callback", interactions.callback),
        ("POST", HOOK): ("webhook", interactions.follow_up),
        ("GET", HOOK + "/messages/{message}"): ("webhook", interactions.get),
        ("PATCH", HOOK + "/messages/{message}"): ("webhook", interactions.edit),
        ("DELETE", HOOK + "/messages/{message}"): ("webhook", interactions.delete),
        ("POST", "/attachments/refresh-urls"): ("refresh", discord.cdn.refresh),
    }
