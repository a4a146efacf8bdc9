"""Slack as a platform."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import history, whispers
from adapters.slack.connect import Socket, authorized, bolt, identify
from adapters.slack.home import Home, Usage
from adapters.slack.inbound import Inbound
from adapters.slack.installing import InstallationStore, OAuth, Tokens
from adapters.slack.places import PLATFORM, origin_of, place_of, user_of
from adapters.slack.reply import SlackReply
from adapters.slack.workspace import Workspace, workspace
from adapters.slack.workspaces import Workspaces
from bot.clock import Clock
from bot.errors import PlatformUnreachable
from bot.files import Files
from bot.holds import Holds
from bot.messages import Attachment, Author, Person, Quoted
from bot.ports import Archive, Parts, Receive
from bot.turns import Turn

LOOK_AGAIN = 600.0  # seconds between looks for what was missed, where Slack delivers by HTTP
MEETING = 3.0  # seconds that connecting waits for the names of people


class SlackAdapter:
    """The `Adapter` port. Its conversations are `slack:TEAM/CHANNEL/THREAD_TS`."""

    platform = PLATFORM
    previews = False  # a file that was posted cannot be replaced

    def __init__(
        self,
        *,
        bot_token: str = "",
        app_token: str = "",
        signing_secret: str = "",
        api_url: str = "https://slack.com/api/",
        parts: Parts,
        archive: Archive,
        files: Files,
        clock: Clock,
        holds: Holds,
        usage: Usage,
        starters: Sequence[str] = (),
        pace: bool = True,
        oauth: OAuth | None = None,
    ) -> None:
        """With an `app_token` by Socket Mode, else over the web server's `routes`.

        For the workspace of the `bot_token`, for all that install it by `oauth`, or for both.
        """
        self._bot_token, self._app_token, self._signing_secret = bot_token, app_token, signing_secret
        self._url = api_url.rstrip("/") + "/"
        self._parts, self._archive, self._files, self._clock, self._pace = parts, archive, files, clock, pace
        self._holds, self._greeting = holds, Home(archive, starters, usage)
        self._oauth = oauth
        self._at: Callable[[str], Workspace] = _nowhere
        self._flow: AsyncOAuthFlow | None = None
        self._socket: Socket | None = None
        self._bolt: AsyncApp | None = None

    @property
    def ready(self) -> bool:
        return self._socket.connected if self._socket else self._bolt is not None

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server should serve: Slack signs what it sends there, browsers install there."""
        installing = [
            web.get("/slack/install", self._install),
            web.get("/slack/oauth_redirect", self._installed),
        ]
        delivering = [web.post("/slack/events", self._delivered)]
        return [*(installing if self._oauth else ()), *(() if self._app_token else delivering)]

    async def run(self, receive: Receive) -> None:
        async with aiohttp.ClientSession() as session:
            if self._oauth:
                await self._answer_all(self._oauth, session, receive)
            else:
                await self._answer_one(session, receive)

    async def _answer_one(self, session: aiohttp.ClientSession, receive: Receive) -> None:
        found, inbound = self._opened(session, receive)
        self._at = lambda _: found
        found.api.client.token = self._bot_token
        await identify(found, self._clock)
        meeting = asyncio.create_task(found.people.meet())
        await asyncio.wait([meeting], timeout=MEETING)
        try:
            app = bolt(found.api.client, inbound.take, self._secret, authorized(found))
            await self._connect(app, inbound.catch_up)
        finally:
            meeting.cancel()
            await inbound.close()

    async def _answer_all(self, oauth: OAuth, session: aiohttp.ClientSession, receive: Receive) -> None:
        client = AsyncWebClient(base_url=self._url, session=session)
        store = InstallationStore(oauth.installations, oauth.client_id)
        tokens = Tokens(store, oauth.rotator(client), self._clock)
        workspaces = Workspaces(lambda: self._opened(session, receive), tokens, self._clock)
        self._at = workspaces.at
        keeping: asyncio.Task[None] | None = None
        try:
            await workspaces.recall()
            workspaces.settle(await self._home(session))
            keeping = asyncio.create_task(workspaces.keep())
            self._flow = oauth.flow(client, store, self._clock)
            app = bolt(client, workspaces.take, self._secret, workspaces, self._flow)
            await self._connect(app, workspaces.catch_up)
        finally:
            self._flow = None
            if keeping is not None:
                keeping.cancel()
            await workspaces.close()

    async def _home(self, session: aiohttp.ClientSession) -> Workspace | None:
        """The workspace of the settings' token."""
        if not self._bot_token:
            return None
        home = self._workspace(session)
        home.api.client.token = self._bot_token
        await identify(home, self._clock)
        return home

    async def _connect(self, app: AsyncApp, connected: Callable[[], None]) -> None:
        """Let Slack reach the app until cancelled."""
        try:
            if self._app_token:
                self._socket = Socket(app, self._app_token, self._clock, connected)
                await self._socket.keep()
            else:
                self._bolt = app
                while True:
                    # Nobody says when Slack could not reach us for so long that it gave up.
                    connected()
                    await self._clock.sleep(LOOK_AGAIN)
        finally:
            self._socket = self._bolt = None

    def _opened(self, session: aiohttp.ClientSession, receive: Receive) -> tuple[Workspace, Inbound]:
        """A workspace without a token yet, and what listens to it."""
        found = self._workspace(session)
        return found, Inbound(
            found, receive, archive=self._archive, holds=self._holds, home=self._greeting, clock=self._clock
        )

    def _workspace(self, session: aiohttp.ClientSession) -> Workspace:
        return workspace(self._url, session, self._files, self._clock, pace=self._pace)

    @property
    def _secret(self) -> str:
        return "" if self._app_token else self._signing_secret

    def reply(self, turn: Turn) -> SlackReply:
        here = self._at(place_of(turn.conversation).team)
        return SlackReply(turn, workspace=here, parts=self._parts, clock=self._clock)

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        return self._at(str(json.loads(attachment.source)["team"])).files.fetch(attachment)

    async def history(self, conversation: str, before: str, limit: int) -> Sequence[Quoted]:
        place = place_of(conversation)
        here = self._at(place.team)
        return await history.earlier(here, await here.bot(), place, before, limit)

    async def whisper(self, conversation: str, origin: str, text: str) -> None:
        place = place_of(conversation)
        await whispers.whisper(self._at(place.team), place, origin_of(origin), text)

    async def person(self, author: Author) -> Person:
        here = self._at(user_of(author.id)[0])
        await here.bot()
        return await here.people.person(author)

    async def _delivered(self, request: web.Request) -> web.StreamResponse:
        if self._bolt is None:
            raise web.HTTPServiceUnavailable(text="starting")
        return await to_aiohttp_response(await self._bolt.async_dispatch(await to_bolt_request(request)))

    async def _install(self, request: web.Request) -> web.StreamResponse:
        if self._flow is None:
            raise web.HTTPServiceUnavailable(text="starting")
        return await to_aiohttp_response(await self._flow.handle_installation(await to_bolt_request(request)))

    async def _installed(self, request: web.Request) -> web.StreamResponse:
        if self._flow is None:
            raise web.HTTPServiceUnavailable(text="starting")
        return await to_aiohttp_response(await self._flow.handle_callback(await to_bolt_request(request)))


def _nowhere(_: str) -> Workspace:
    raise PlatformUnreachable("Slack is not connected yet")
