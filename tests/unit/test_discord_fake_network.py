"""The fake Discord's gateway, rate limits and failures, as the real discord.py meets them."""

import asyncio
from itertools import pairwise

import aiohttp
import discord
import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.listener import Bot, listening


def channel_of(bot: Bot, service: FakeDiscord) -> discord.TextChannel:
    found = bot.get_channel(int(service.general.id))
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_resumed_session_gets_what_it_missed() -> None:
    async with FakeDiscord() as service, listening(service) as bot:
        ann = service.person("Ann")
        await service.drop()
        await ann.says(service.general, "meanwhile")
        assert await bot.texts(1) == ["meanwhile"]
        assert (service.gateway_server.identified, service.gateway_server.resumed) == (1, 1)


async def test_a_lost_session_loses_what_was_said() -> None:
    async with FakeDiscord() as service, listening(service) as bot:
        ann = service.person("Ann")
        await service.forget()
        await ann.says(service.general, "meanwhile")
        await service.until(lambda: service.gateway_server.identified == 2)
        await ann.says(service.general, "later")
        assert await bot.texts(1) == ["later"]


async def test_a_reconnect_that_is_asked_for_loses_nothing() -> None:
    async with FakeDiscord() as service, listening(service) as bot:
        ann = service.person("Ann")
        await service.ask_to_reconnect()
        await service.until(lambda: service.gateway_server.resumed)
        await ann.says(service.general, "after")
        assert await bot.texts(1) == ["after"]


async def test_an_event_can_be_told_twice() -> None:
    async with FakeDiscord() as service, listening(service) as bot:
        await service.person("Ann").says(service.general, "once")
        await bot.texts(1)
        service.repeat()
        assert await bot.texts(2) == ["once", "once"]
        assert bot.heard[0].id == bot.heard[1].id


async def test_an_outage_breaks_connections_and_what_was_said_is_lost() -> None:
    async with FakeDiscord() as service, listening(service) as bot:
        ann = service.person("Ann")
        async with service.outage():
            await ann.says(service.general, "unheard")
        await service.until(lambda: service.gateway_server.connected)
        await ann.says(service.general, "heard")
        assert await bot.texts(1) == ["heard"]


async def test_a_malformed_event_ends_the_client() -> None:
    async with FakeDiscord() as service, listening(service) as bot:
        service.malform()
        assert bot.life is not None
        with pytest.raises(KeyError):
            await bot.life


async def test_a_privileged_intent_must_be_switched_on() -> None:
    async with FakeDiscord(content=False) as service:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with listening(service):
                """Never."""


async def test_a_wrong_token_is_refused() -> None:
    async with FakeDiscord() as service:
        service.token = "another"
        bot_token, service.token = service.token, "the.right.one"
        service.gateway_server.token = bot_token
        with pytest.raises(discord.ConnectionClosed) as caught:
            async with listening(service):
                """Never."""
        assert caught.value.code == 4004


async def test_without_the_content_intent_only_what_addresses_the_bot_is_readable() -> None:
    async with FakeDiscord(content=False) as service, listening(service, content=False) as bot:
        ann = service.person("Ann")
        await ann.says(service.general, "between people")
        await ann.mentions_bot(service.general, "to Maru")
        await ann.writes("in private")
        own = await channel_of(bot, service).send("by Maru")
        reply = service.world.message(service.general, str(own.id))
        await ann.replies(reply, "with a ping")
        await ann.replies(reply, "without a ping", ping=False)
        texts = await bot.texts(6)
        assert texts[0] == texts[5] == ""
        assert texts[1].endswith("to Maru")
        assert texts[2:5] == ["in private", "by Maru", "with a ping"]
        history = [one.content async for one in channel_of(bot, service).history(oldest_first=True)]
        assert history[0] == ""
        assert history[1].endswith("to Maru")


async def test_a_shard_hears_its_guilds_alone() -> None:
    async with FakeDiscord() as service, listening(service) as bot:
        session = service.gateway_server.connected[0]
        home = (int(service.guild.id) >> 22) % 2
        session.shard = (1 - home, 2)
        ann = service.person("Ann")
        await ann.says(service.general, "elsewhere")
        session.shard = (home, 2)
        await ann.says(service.general, "here")
        assert await bot.texts(1) == ["here"]


async def test_buckets_are_told_and_discord_py_keeps_to_them() -> None:
    async with FakeDiscord(limits=True) as service, listening(service) as bot:
        channel = channel_of(bot, service)
        loop = asyncio.get_running_loop()
        times = []
        for number in range(7):
            await channel.send(str(number))
            times.append(loop.time())
        waits = [later - earlier for earlier, later in pairwise(times)]
        assert max(waits) > 3
        assert not service.limits.refused


async def test_more_than_fifty_requests_a_second_in_all_are_refused() -> None:
    async with FakeDiscord(limits=True) as service, listening(service) as bot:
        channels = [service.add_channel(f"c{number}") for number in range(60)]
        await service.until(lambda: bot.get_channel(int(channels[-1].id)))
        rooms = [bot.get_channel(int(channel.id)) for channel in channels]
        await asyncio.gather(*(room.send("x") for room in rooms if isinstance(room, discord.TextChannel)))
        assert service.limits.refused["global"] > 0
        assert all(len(service.reads(channel)) == 1 for channel in channels)


async def test_a_429_of_cloudflare_is_an_error_and_one_of_discord_a_wait() -> None:
    async with FakeDiscord() as service, listening(service) as bot:
        service.fail("POST messages", 429)
        with pytest.raises(discord.HTTPException) as caught:
            await channel_of(bot, service).send("banned")
        assert caught.value.status == 429
        service.fail("POST messages", 429, via=True)
        await channel_of(bot, service).send("waited")
        assert [one.text for one in service.reads(service.general)] == ["waited"]


async def test_a_500_is_tried_again_and_a_503_is_not() -> None:
    async with FakeDiscord() as service, listening(service) as bot:
        service.fail("POST messages", 500)
        await channel_of(bot, service).send("twice")
        assert service.routes.counts["POST messages"] == 2
        service.fail("POST messages", 503)
        with pytest.raises(discord.DiscordServerError):
            await channel_of(bot, service).send("not at all")
        assert [one.text for one in service.reads(service.general)] == ["twice"]


async def test_a_lost_answer_was_done_all_the_same() -> None:
    async with FakeDiscord() as service, listening(service) as bot:
        service.routes.answers_lost["POST messages"] = 1
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await channel_of(bot, service).send("posted", nonce="n1")
        await channel_of(bot, service).send("posted", nonce="n1")
        assert [one.text for one in service.reads(service.general)] == ["posted"]
