"""A small bot on the real Bolt, to try the fake with."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.web.serving import serving
from tests.fakes.clock import settle
from tests.fakes.slack.app import APP_TOKEN, SIGNING_SECRET
from tests.fakes.slack.server import FakeSlack


class Bot:
    """A bot that keeps what it hears, and can be deaf."""

    def __init__(self, slack: FakeSlack, session: aiohttp.ClientSession) -> None:
        self.slack = slack
        self.heard: list[Any] = []
        self.deaf = 0  # it raises at the next so many
        client = AsyncWebClient(slack.bot_token, base_url=slack.api, session=session)
        self.app = AsyncApp(client=client, signing_secret=SIGNING_SECRET)
        self.client = client
        self.app.use(self._keep)
        self.app.event(re.compile(".*"))(self._nothing)
        self.app.action(re.compile(".*"))(self._acknowledge)
        self.app.command("/maru")(self._answer)
        self.app.shortcut(re.compile(".*"))(self._acknowledge)
        self.app.view(re.compile(".*"))(self._acknowledge)

    async def _keep(self, body: dict[str, Any], next: Callable[[], Awaitable[Any]]) -> None:  # noqa: A002 - Bolt's
        if self.deaf:
            self.deaf -= 1
            raise RuntimeError("deaf")
        self.heard.append(body)
        await next()

    async def _nothing(self, body: dict[str, Any]) -> None:
        """Heard."""

    async def _acknowledge(self, ack: Any) -> None:
        await ack()

    async def _answer(self, ack: Any, command: dict[str, Any], respond: Any) -> None:
        await ack("at once")
        await respond(f"you said {command['text']}")

    @property
    def events(self) -> list[dict[str, Any]]:
        return [body["event"] for body in self.heard if "event" in body]


@asynccontextmanager
async def listening(bot: Bot) -> AsyncIterator[None]:
    """A connection of Socket Mode."""
    handler: Any = AsyncSocketModeHandler(bot.app, APP_TOKEN, ping_interval=0.05)
    connections = len(bot.slack.socket.connections)
    await handler.connect_async()
    await bot.slack.until(lambda: len(bot.slack.socket.connections) > connections)
    try:
        yield
    finally:
        await handler.close_async()
        await settle()


@asynccontextmanager
async def addressed(bot: Bot) -> AsyncIterator[str]:
    """Bolt behind an HTTP address."""

    async def receive(request: web.Request) -> web.Response:
        headers: dict[str, str | Sequence[str]] = dict(request.headers)
        asked = AsyncBoltRequest(body=await request.text(), headers=headers)
        answered = await bot.app.async_dispatch(asked)
        kind = answered.headers.get("content-type", ["text/plain"])[0].partition(";")[0]
        return web.Response(status=answered.status, text=answered.body, content_type=kind)

    app = web.Application()
    app.router.add_post("/slack/events", receive)
    async with serving(app, "127.0.0.1", 0, patience=0.1) as port:
        yield f"http://127.0.0.1:{port}/slack/events"
