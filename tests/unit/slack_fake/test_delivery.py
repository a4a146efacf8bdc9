"""How the fake Slack delivers, over Socket Mode and HTTP, to the real Bolt."""

import asyncio
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.web.serving import serving
from tests.fakes.clock import ManualClock
from tests.fakes.slack import APP_TOKEN, FakeSlack
from tests.fakes.slack.delivery import Parcel
from tests.fakes.slack.listener import Bot, addressed, listening


def reached(parcel: Parcel, attempts: int) -> bool:
    return parcel.attempts == attempts


async def test_what_is_not_acknowledged_comes_again(slack: FakeSlack, bot: Bot, clock: ManualClock) -> None:
    """At once, after a minute, after five more; then it is lost."""
    bot.deaf = 3
    async with listening(bot):
        ann = slack.person("Ann")
        await ann.writes("hello")
        (parcel,) = slack.delivery.parcels
        for attempts, pause in ((1, 3), (2, 3), (2, 60), (3, 3), (3, 300)):
            await slack.until(partial(reached, parcel, attempts))
            await clock.until_asleep()
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
    handler: Any = AsyncSocketModeHandler(bot.app, APP_TOKEN, ping_interval=0.01)
    connecting = asyncio.create_task(handler.connect_async())
    await slack.until(lambda: slack.socket.refused >= 3)
    await handler.close_async()
    await connecting
    assert slack.routes.counts["apps.connections.open"] == 1


async def test_socket_mode_can_be_switched_off(slack: FakeSlack, bot: Bot) -> None:
    client = AsyncWebClient(base_url=slack.api)
    address = (await client.apps_connections_open(app_token=APP_TOKEN))["url"]
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        await socket.receive_json()
        await slack.socket.disable()
        assert (await socket.receive_json())["reason"] == "link_disabled"
    with pytest.raises(SlackApiError):
        await client.apps_connections_open(app_token=APP_TOKEN)


async def test_an_eleventh_connection_is_too_many(slack: FakeSlack) -> None:
    client = AsyncWebClient(base_url=slack.api)
    async with aiohttp.ClientSession() as session:
        sockets = []
        for _ in range(11):
            address = (await client.apps_connections_open(app_token=APP_TOKEN))["url"]
            sockets.append(await session.ws_connect(address))
        said = [(await socket.receive_json())["type"] for socket in sockets]
    assert said == ["hello"] * 10 + ["disconnect"]


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


async def test_http_delivery_is_signed_and_repeated() -> None:
    """The address is verified; a forged signature or an old request is refused, and sent again."""
    async with FakeSlack() as slack, aiohttp.ClientSession() as session:
        bot = Bot(slack, session)
        async with addressed(bot) as address:
            posts = slack.deliver_to(address)
            assert await posts.verify() == "c-1234"
            ann = slack.person("Ann")
            await ann.writes("hello")
            await ann.types_command("/maru help")
            await slack.delivered()
            assert [event["text"] for event in bot.events] == ["hello"]
            posts.forged = True
            await ann.writes("forged")
            await slack.until(lambda: slack.delivery.parcels[-1].reasons == ["http_error"] * 2)
            posts.forged, posts.age = False, 600
            await ann.writes("late")
            await slack.until(lambda: slack.delivery.parcels[-1].reasons == ["http_error"] * 2)
    assert [event["text"] for event in bot.events] == ["hello"]


async def test_a_failed_request_is_repeated_with_its_reason_unless_it_says_no() -> None:
    heard: list[tuple[str, str]] = []

    async def fail(request: web.Request) -> web.Response:
        retry = [request.headers.get(f"X-Slack-Retry-{name}", "") for name in ("Num", "Reason")]
        heard.append((retry[0], retry[1]))
        headers = {"X-Slack-No-Retry": "1"} if retry[0] else {}
        return web.Response(status=500, headers=headers)

    app = web.Application()
    app.router.add_post("/slack/events", fail)
    async with serving(app, "127.0.0.1", 0, patience=0.1) as port, FakeSlack() as slack:
        slack.deliver_to(f"http://127.0.0.1:{port}/slack/events")
        await slack.person("Ann").writes("hello")
        await slack.delivered()
        assert slack.delivery.parcels[0].lost
    assert heard == [("", ""), ("1", "http_error")]


async def test_a_mistake_of_the_fake_fails_the_test() -> None:
    async def mistake() -> None:
        async with FakeSlack() as slack, aiohttp.ClientSession() as session:
            await session.post(f"{slack.url}/_do", data=b"no JSON")

    with pytest.raises(ExceptionGroup):
        await mistake()
