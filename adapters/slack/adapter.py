"""Slack as a platform."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp

from adapters.slack import history, whispers
from adapters.slack.connect import Socket, bolt, identify
from adapters.slack.files import LOOPBACK
from adapters.slack.inbound import Inbound
from adapters.slack.places import PLATFORM, origin_of, place_of
from adapters.slack.reply import SlackReply
from adapters.slack.workspace import Workspace, workspace
from bot.clock import Clock
from bot.errors import PlatformUnreachable
from bot.files import Files
from bot.messages import Attachment, Author, Person, Quoted
from bot.ports import Archive, Parts, Receive
from bot.turns import Turn

MEETING = 3.0  # seconds that connecting waits for the names of people


class SlackAdapter:
    """The `Adapter` port. Its conversations are `slack:TEAM/CHANNEL/THREAD_TS`."""

    platform = PLATFORM

    def __init__(
        self,
        *,
        bot_token: str,
        app_token: str = "",
        signing_secret: str = "",
        api_url: str = "https://slack.com/api/",
        parts: Parts,
        archive: Archive,
        files: Files,
        clock: Clock,
        pace: bool = True,
    ) -> None:
        """With an `app_token` by Socket Mode, else over the web server's `routes`."""
        self._bot_token, self._app_token, self._signing_secret = bot_token, app_token, signing_secret
        self._url = api_url.rstrip("/") + "/"
        self._parts, self._archive, self._files, self._clock, self._pace = parts, archive, files, clock, pace
        self._workspace: Workspace | None = None
        self._socket: Socket | None = None
        self._bolt: AsyncApp | None = None

    @property
    def ready(self) -> bool:
        return self._socket.connected if self._socket else self._bolt is not None

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server should serve: Slack signs what it sends there."""
        return [] if self._app_token else [web.post("/slack/events", self._delivered)]

    async def run(self, receive: Receive) -> None:
        async with aiohttp.ClientSession() as session:
            found = self._workspace = workspace(
                self._bot_token,
                self._url,
                session,
                self._files,
                self._clock,
                pace=self._pace,
                loopback=urlsplit(self._url).hostname in LOOPBACK,
            )
            await identify(found, self._clock)
            meeting = asyncio.create_task(found.people.meet())
            await asyncio.wait([meeting], timeout=MEETING)
            inbound = Inbound(found, receive, self._archive, self._clock)
            app = bolt(found, inbound.take, "" if self._app_token else self._signing_secret)
            try:
                if self._app_token:
                    self._socket = Socket(app, self._app_token, self._clock, inbound.catch_up)
                    await self._socket.keep()
                else:
                    self._bolt = app
                    await asyncio.Event().wait()
            finally:
                self._socket = self._bolt = None
                meeting.cancel()
                await inbound.close()

    def reply(self, turn: Turn) -> SlackReply:
        return SlackReply(turn, workspace=self._here, parts=self._parts, clock=self._clock)

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        return self._here.files.fetch(attachment)

    async def history(self, conversation: str, before: str, limit: int) -> Sequence[Quoted]:
        here = self._here
        return await history.earlier(here, await here.bot(), place_of(conversation), before, limit)

    async def whisper(self, conversation: str, origin: str, text: str) -> None:
        await whispers.whisper(self._here, place_of(conversation), origin_of(origin), text)

    async def person(self, author: Author) -> Person:
        await self._here.bot()
        return await self._here.people.person(author)

    @property
    def _here(self) -> Workspace:
        if self._workspace is None:
            raise PlatformUnreachable("Slack is not connected yet")
        return self._workspace

    async def _delivered(self, request: web.Request) -> web.StreamResponse:
        if self._bolt is None:
            raise web.HTTPServiceUnavailable(text="starting")
        return await to_aiohttp_response(await self._bolt.async_dispatch(await to_bolt_request(request)))
