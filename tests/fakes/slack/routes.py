"""The addresses, and the connections behind them."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.web.serving import serving
from tests.fakes.slack.calls import Call, Calls
from tests.fakes.slack.control import Control
from tests.fakes.slack.wire import Json, SlackError, answer

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]
Act = Callable[[Call], Json]


class Routes:
    """Serves the Web API, sockets, uploads, downloads and response addresses."""

    def __init__(self, slack: "FakeSlack") -> None:
        self.slack = slack
        self.calls = Calls(slack.world, slack.limits, slack.app)
        self.counts: Counter[str] = Counter()  # method -> how often it was called
        self.requests: list[tuple[str, Json]] = []  # (method, its arguments) of every call that was let in
        self.refusals: Counter[tuple[str, str]] = Counter()  # (method, error) -> how often
        self.fails_next: dict[
            str, list[SlackError | None]
        ] = {}  # method -> what its next calls get instead, if any
        self.unavailable: dict[str, str] = {}  # method -> the error it gives always
        self.answers_lost: dict[str, int] = {}  # method -> so many are done, and the answer never arrives
        self.held: dict[str, asyncio.Event] = {}  # method -> calls are done, and answered once it is set
        self.methods = _methods(slack)
        self._doors = AsyncExitStack()
        self._open: list[web.Request] = []

    async def start(self, host: str, port: int) -> None:
        app = web.Application(client_max_size=64 * 2**20, middlewares=[self._network])
        app.router.add_route("GET", "/api/{method}", self._call)
        app.router.add_route("POST", "/api/{method}", self._call)
        app.router.add_post("/api/", self._call_nothing)
        app.router.add_get("/link/", self.slack.socket.connect)
        app.router.add_post("/upload/v1/{id}", self.slack.sharing.upload)
        app.router.add_get("/files-pri/{id}/{name}", self.slack.sharing.download)
        app.router.add_get("/files-pri/{id}/download/{name}", self.slack.sharing.download)
        app.router.add_post("/respond/{name}", self._respond)
        control = Control(self.slack)
        app.router.add_get("/_state", control.state)
        app.router.add_post("/_do", control.act)
        own = await self._serve(app, host, port)
        self.slack.events.url = f"http://{host}:{own}"
        self.slack.socket.address = f"ws://{host}:{own}"
        elsewhere = web.Application()
        elsewhere.router.add_get("/cdn/{id}", self.slack.sharing.serve_elsewhere)
        self.slack.sharing.elsewhere = f"http://localhost:{await self._serve(elsewhere, host, 0)}"

    async def _serve(self, app: web.Application, host: str, port: int) -> int:
        return await self._doors.enter_async_context(serving(app, host, port, patience=0.1, backlog=2_048))

    async def stop(self) -> None:
        await self._doors.aclose()

    def cut(self) -> None:
        """Break every connection, without a goodbye."""
        for request in self._open:
            if request.transport is not None:
                request.transport.abort()

    @web.middleware
    async def _network(self, request: web.Request, handler: Handle) -> web.StreamResponse:
        """Nothing comes through while the network is down."""
        if self.slack.delivery.dark and not request.path.startswith("/_"):
            _abort(request)
        self._open.append(request)
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:
            self.slack.world.errors.append(error)
            raise
        finally:
            self._open.remove(request)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        self.counts[name] += 1
        headers = {"X-Slack-Req-Id": f"req-{sum(self.counts.values())}"}
        try:
            self._fail(name)
            call = await self.calls.read(request)
            self.requests.append((name, call.arguments))
            headers["X-OAuth-Scopes"] = ",".join(sorted(call.token.scopes))
            done = {"ok": True} | self.methods[name](call)
        except SlackError as error:
            self.refusals[name, error.code] += 1
            return answer(error.body, error.status, headers | error.headers)
        if held := self.held.get(name):
            await held.wait()
        if self.answers_lost.get(name):
            self.answers_lost[name] -= 1
            _abort(request)
        return answer(done, headers=headers)

    def _fail(self, name: str) -> None:
        if failures := self.fails_next.get(name):
            if failure := failures.pop(0):
                raise failure
            return
        if name in self.unavailable:
            raise SlackError(self.unavailable[name])

    async def _call_nothing(self, request: web.Request) -> web.StreamResponse:
        return answer({"ok": False, "error": "unknown_method"})

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        """A `response_url` answers "ok" as text."""
        try:
            self.slack.gestures.respond(request.match_info["name"], json.loads(await request.text()))
        except SlackError as error:
            return answer(error.body, error.status if error.status != 200 else 400)
        return web.Response(text="ok")


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


def _methods(slack: "FakeSlack") -> dict[str, Act]:
    chat, streams, reading, sessions = slack.chat, slack.streams, slack.reading, slack.sessions
    return {
        "auth.test": reading.test,
        "auth.revoke": slack.oauth.revoke,
        "apps.connections.open": slack.socket.ticket,
        "apps.manifest.export": slack.oauth.export,
        "chat.postMessage": chat.post,
        "chat.update": chat.update,
        "chat.delete": chat.delete,
        "chat.postEphemeral": chat.post_ephemeral,
        "chat.getPermalink": chat.permalink,
        "chat.startStream": streams.start,
        "chat.appendStream": streams.append,
        "chat.stopStream": streams.stop,
        "conversations.info": reading.channel,
        "conversations.history": reading.history,
        "conversations.replies": reading.replies,
        "conversations.open": reading.open,
        "conversations.join": reading.join,
        "conversations.members": reading.members,
        "conversations.list": reading.channels,
        "usergroups.list": reading.groups,
        "users.info": reading.user,
        "users.list": reading.users,
        "users.conversations": reading.own_channels,
        "bots.info": reading.bot,
        "team.info": reading.team,
        "reactions.add": chat.react,
        "reactions.remove": chat.unreact,
        "files.getUploadURLExternal": slack.sharing.upload_url,
        "files.completeUploadExternal": slack.sharing.complete,
        "files.delete": slack.sharing.delete,
        "files.info": slack.sharing.describe,
        "assistant.threads.setStatus": sessions.set_status,
        "assistant.threads.setSuggestedPrompts": sessions.set_prompts,
        "assistant.threads.setTitle": sessions.set_title,
        "agents.sessions.setStatus": sessions.set_session,
        "agents.sessions.rename": sessions.rename,
        "views.open": sessions.open,
        "views.publish": sessions.publish,
        "views.update": sessions.update,
        "oauth.v2.access": slack.oauth.exchange,
    }
