"""How the fake Slack delivers, to the real Bolt over Socket Mode and HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.clock import ManualClock, settle
from tests.fakes.slack import APP_TOKEN, SIGNING_SECRET, FakeSlack


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


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(clock=clock) as fake:
        yield fake


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Bot]:
    async with aiohttp.ClientSession() as session:
        yield Bot(slack, session)


@asynccontextmanager
async def listening(bot: Bot) -> AsyncIterator[AsyncSocketModeHandler]:
    """A connection of Socket Mode."""
    handler = AsyncSocketModeHandler(bot.app, APP_TOKEN, ping_interval=0.05)
    connections = len(bot.slack.socket.connections)
    await handler.connect_async()
    await bot.slack.until(lambda: len(bot.slack.socket.connections) > connections)
    try:
        yield handler
    finally:
        await handler.close_async()
        await settle()


async def test_a_mention_arrives_as_two_events_with_one_ts(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        message = await ann.mentions_bot(slack.general, "hello")
        await slack.delivered()
    assert {event["type"] for event in bot.events} == {"message", "app_mention"}
    assert {event["ts"] for event in bot.events} == {message.ts}
    assert len({body["event_id"] for body in bot.heard}) == 2


async def test_a_stranger_to_the_channel_hears_only_the_mention(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        where = slack.add_channel("elsewhere", ann, bot=False)
        await ann.mentions_bot(where, "hello")
        await slack.delivered()
    assert [event["type"] for event in bot.events] == ["app_mention"]


async def test_what_is_not_acknowledged_comes_again(slack: FakeSlack, bot: Bot, clock: ManualClock) -> None:
    """At once, after a minute, after five more; then it is lost."""
    bot.deaf = 3
    async with listening(bot):
        ann = slack.person("Ann")
        await ann.writes("hello")
        (parcel,) = slack.delivery.parcels
        for attempts, pause in ((1, 3), (2, 3), (2, 60), (3, 3), (3, 300)):
            await slack.until(lambda wanted=attempts: parcel.attempts == wanted)
            await slack.until(lambda: clock.sleeping)
            await clock.advance(pause)
        await slack.delivered()
    assert (parcel.attempts, parcel.acknowledged, parcel.reasons) == (4, True, ["timeout"] * 3)
    assert [event["text"] for event in bot.events] == ["hello"]


async def test_without_a_connection_an_event_waits_for_its_retries(
    slack: FakeSlack, bot: Bot, clock: ManualClock
) -> None:
    ann = slack.person("Ann")
    await ann.writes("hello")
    await clock.until_asleep()
    async with listening(bot):
        await clock.advance(60)
        await slack.delivered()
    assert [event["text"] for event in bot.events] == ["hello"]


async def test_a_refresh_is_followed_by_a_new_connection(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        await slack.socket.disconnect("refresh_requested")
        await slack.until(lambda: slack.socket.opened == 2)
        await slack.person("Ann").writes("hello")
        await slack.delivered()
    assert len(bot.events) == 1


async def test_a_ticket_is_good_once(slack: FakeSlack, clock: ManualClock) -> None:
    client = AsyncWebClient(base_url=slack.api)
    first = (await client.apps_connections_open(app_token=APP_TOKEN))["url"]
    stale = (await client.apps_connections_open(app_token=APP_TOKEN))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(first) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        await clock.advance(30)
        for address in (first, stale):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(address)
    assert slack.socket.refused == 2


async def test_a_failing_handshake_leaves_the_client_with_a_stale_ticket(slack: FakeSlack, bot: Bot) -> None:
    """The trap: the SDK tries the same ticket for ever."""
    slack.socket.refuse_handshakes = 1
    handler = AsyncSocketModeHandler(bot.app, APP_TOKEN, ping_interval=0.01)
    connecting = asyncio.create_task(handler.connect_async())
    await slack.until(lambda: slack.socket.refused >= 3)
    await handler.close_async()
    await connecting
    assert slack.routes.counts["apps.connections.open"] == 1


async def test_each_event_goes_to_one_of_several_connections(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot), listening(bot):
        ann = slack.person("Ann")
        for number in range(20):
            await ann.writes(str(number))
        await slack.delivered()
    assert sorted(int(event["text"]) for event in bot.events) == list(range(20))


async def test_an_outage_breaks_connections_and_answers_nothing(
    slack: FakeSlack, bot: Bot, clock: ManualClock
) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        async with slack.outage():
            await slack.until(lambda: not slack.socket.connections)
            with pytest.raises(aiohttp.ClientError):
                await bot.client.auth_test()
            await ann.writes("hello")
            await clock.advance(361)
        await slack.delivered()
    (parcel,) = slack.delivery.parcels
    assert (parcel.attempts, parcel.lost) == (4, True)
    assert not bot.heard


async def test_gestures_are_acknowledged_and_answered(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        button = {
            "type": "button", "action_id": "again", "value": "7", "text": {"type": "plain_text", "text": "Again"},
        }  # fmt: skip
        await bot.client.chat_postMessage(
            channel=slack.general.id, text="a", blocks=[{"type": "actions", "elements": [button]}]
        )
        (seen,) = slack.reads(slack.general)
        assert seen.buttons == {"again": "Again"}
        (answer,) = slack.answers(slack.general)
        assert await ann.presses(answer, "again") is not None
        await ann.types_command("/maru help me", slack.general)
        await slack.until(lambda: len(slack.world.ephemeral) == 2)
        await ann.uses_shortcut(answer, "ask")
        pressed, command, shortcut = (body for body in bot.heard if "event" not in body)
        modal = {"type": "modal", "title": {"type": "plain_text", "text": "Ask"}, "blocks": []}
        await bot.client.views_open(trigger_id=shortcut["trigger_id"], view=modal)
        with pytest.raises(SlackApiError):
            await bot.client.views_open(trigger_id=shortcut["trigger_id"], view=modal)
        await ann.submits({"b": {"a": {"type": "plain_text_input", "value": "why?"}}})
    assert pressed["actions"][0]["value"] == "7"
    assert command["text"] == "help me"
    assert shortcut["message"]["ts"] == answer.ts
    assert bot.heard[-1]["view"]["state"]["values"]["b"]["a"]["value"] == "why?"
    whispered = [seen.text for seen in slack.reads(slack.general, person=ann) if seen.only_for]
    assert whispered == ["at once", "you said help me"]


async def test_a_gesture_that_nobody_answers_is_seen(slack: FakeSlack, bot: Bot, clock: ManualClock) -> None:
    async with listening(bot):
        bot.deaf = 1
        ann = slack.person("Ann")
        typing = asyncio.create_task(ann.types_command("/maru help"))
        await clock.until_asleep()
        await clock.advance(3)
        assert await typing is None
    assert slack.gestures.complaints == [(ann.id, "Maru did not respond.")]


async def test_a_response_url_is_good_five_times_for_half_an_hour(
    slack: FakeSlack, bot: Bot, clock: ManualClock
) -> None:
    async with listening(bot), aiohttp.ClientSession() as session:
        ann = slack.person("Ann")
        await ann.types_command("/maru a")
        address = bot.heard[-1]["response_url"]
        await slack.until(lambda: len(slack.world.ephemeral) == 2)
        statuses = []
        for body in [{"markdown_text": "a"}] + [{"text": "a"}] * 3:
            async with session.post(address, json=body) as response:
                statuses.append(response.status)
        async with session.post(address, json={"text": "a"}) as response:
            statuses.append(response.status)
    assert statuses == [404, 200, 200, 200, 404]


@asynccontextmanager
async def serving(bot: Bot) -> AsyncIterator[str]:
    """Bolt behind an HTTP address."""

    async def receive(request: web.Request) -> web.Response:
        headers = {name: [value] for name, value in request.headers.items()}
        asked = AsyncBoltRequest(body=await request.text(), headers=headers)
        answered = await bot.app.async_dispatch(asked)
        kind = answered.headers.get("content-type", ["text/plain"])[0].partition(";")[0]
        return web.Response(status=answered.status, text=answered.body, content_type=kind)

    app = web.Application()
    app.router.add_post("/slack/events", receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


async def test_http_delivery_is_signed_and_repeated() -> None:
    """The address is verified; a forged signature or an old request is refused, and sent again."""
    async with FakeSlack() as slack, aiohttp.ClientSession() as session:
        bot = Bot(slack, session)
        async with serving(bot) as address:
            posts = slack.deliver_to(address)
            assert await posts.verify() == "c-1234"
            ann = slack.person("Ann")
            await ann.writes("hello")
            await ann.types_command("/maru help")
            await slack.delivered()
            assert [event["text"] for event in bot.events] == ["hello"]
            posts.forged = True
            await ann.writes("forged")
            posts.forged, posts.age = False, 600
            await slack.until(lambda: slack.delivery.parcels[-1].reasons == ["http_error"] * 2)
    assert [event["text"] for event in bot.events] == ["hello"]


async def test_edits_deletions_and_previews_arrive_hidden(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        message = await ann.writes("see https://a.example")
        await slack.unfurls(message)
        await ann.edits(message, "see this")
        await ann.deletes(message)
        await slack.delivered()
    told = {event.get("subtype"): event for event in bot.events[1:]}
    assert set(told) == {"message_changed", "message_deleted"}
    changes = [event for event in bot.events if event.get("subtype") == "message_changed"]
    same = [event["message"]["text"] == event["previous_message"]["text"] for event in changes]
    assert sorted(same) == [False, True]
    assert told["message_deleted"]["deleted_ts"] == message.ts


async def test_one_gesture_can_be_two_messages(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        await ann.mentions_bot(slack.general, "hello", twice=True)
        await slack.delivered()
    assert len({event["ts"] for event in bot.events}) == 2
    assert len({event["client_msg_id"] for event in bot.events}) == 1


async def test_other_companies_are_named(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        other = slack.add_team("Other")
        other.installed = False
        olga = slack.person("Olga", team=other)
        slack.share(slack.general, olga)
        await olga.says(slack.general, "hello")
        await slack.delivered()
    (body,) = bot.heard
    assert body["is_ext_shared_channel"]
    assert (body["event"]["user_team"], body["context_team_id"]) == (other.id, slack.team.id)


async def test_uninstalling_is_told_and_takes_the_token(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        await slack.uninstalls()
        await slack.delivered()
    with pytest.raises(SlackApiError):
        await bot.client.auth_test()
    assert {parcel.event["type"] for parcel in slack.delivery.parcels} == {
        "app_uninstalled",
        "tokens_revoked",
    }
