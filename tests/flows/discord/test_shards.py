"""Large bots: several sessions at the gateway, which may not begin in haste."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.discord.options import Shards
from bot.errors import SettingsError
from tests.fakes.clock import FastForward
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_house import DiscordHouse, answered
from tests.fakes.processes import until


@pytest.fixture
def clock() -> FastForward:
    clock = FastForward()
    clock.speed = 20.0
    return clock


@pytest.fixture
async def discord(clock: FastForward) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(clock=clock, limits=True) as running:
        yield running


@pytest.fixture
async def house(discord: FakeDiscord, clock: FastForward, tmp_path: Path) -> DiscordHouse:
    return DiscordHouse(tmp_path, discord, clock=clock)


def shards(discord: FakeDiscord) -> list[tuple[int, int]]:
    """Those that are connected."""
    return sorted(session.shard for session in discord.gateway_server.connected)


async def test_it_has_as_many_shards_as_discord_advises_and_is_ready_when_all_are_there(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    discord.starts.shards = 3
    ann = discord.person("Ann")
    rooms = [
        discord.add_channel("room", guild=discord.add_guild(f"G{number}", shard=(number, 3)))
        for number in range(3)
    ]
    async with house.life():
        assert shards(discord) == [(0, 3), (1, 3), (2, 3)]
        for room in rooms:
            asked = await ann.mentions_bot(room, "hello")
            await answered(discord, "hello", asked.id)
    assert discord.starts.hasty == 0


async def test_shards_begin_together_where_discord_allows_it(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward
) -> None:
    discord.starts.shards = discord.starts.max_concurrency = 4
    clock.speed = 0.001  # whoever waits five seconds is late
    async with house.life():
        assert len(shards(discord)) == 4


async def test_a_range_of_the_shards_hears_of_its_own_servers_alone(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    house.options = replace(house.options, shards=Shards(range(1, 3), 4))
    ann = discord.person("Ann")
    ours, others = (
        discord.add_channel("room", guild=discord.add_guild(f"G{number}", shard=(number, 4)))
        for number in (2, 3)
    )
    async with house.life():
        assert shards(discord) == [(1, 4), (2, 4)]
        await ann.mentions_bot(others, "anybody?")
        asked = await ann.mentions_bot(ours, "hello")
        await answered(discord, "hello", asked.id)
    assert house.heard() == ["hello"]
    assert discord.starts.hasty == 0


async def test_it_is_not_ready_while_one_shard_is_away(discord: FakeDiscord, house: DiscordHouse) -> None:
    discord.starts.shards = 2
    async with house.life() as life:
        discord.gateway_server.refuse_handshakes = 1
        await discord.drop_shard(1)
        await life.ready(is_it=False)
        assert shards(discord) == [(0, 2)]
        await life.ready()
        assert shards(discord) == [(0, 2), (1, 2)]


async def test_after_one_shard_lost_its_session_its_gap_is_read(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    discord.starts.shards = 2
    ann = discord.person("Ann")
    room = discord.add_channel("room", guild=discord.add_guild("G", shard=(1, 2)))
    async with house.life() as life:
        asked = await ann.mentions_bot(room, "before")
        await answered(discord, "before", asked.id)
        await discord.forget()
        missed = await ann.mentions_bot(room, "meanwhile")
        await answered(discord, "meanwhile", missed.id)
        await life.ready()
    assert house.heard() == ["before", "meanwhile"]
    assert discord.starts.hasty == 0


async def test_too_few_shards_end_the_start_with_the_remedy(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    discord.starts.demanded = 4
    house.options = replace(house.options, shards=Shards(range(2), 2))
    with pytest.raises(SettingsError, match="MARU_DISCORD_SHARDS"):
        async with house.life():
            pass


async def test_beginning_again_after_a_failure_is_not_hasty(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    ann = discord.person("Ann")
    async with house.life():
        discord.malform()
        asked = await ann.mentions_bot(discord.general, "after")
        await answered(discord, "after", asked.id)
    assert discord.gateway_server.identified == 2
    assert discord.starts.hasty == 0


async def test_a_session_that_discord_refuses_is_asked_for_less_and_less_often(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward
) -> None:
    discord.gateway_server.refuse_sessions = 10
    begun = clock.elapsed()
    async with house.life():
        assert discord.gateway_server.identified == 1
    assert clock.elapsed() - begun > 5.0 * 10


async def test_when_no_session_is_left_for_today_it_waits_and_says_so(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, caplog: pytest.LogCaptureFixture
) -> None:
    async def told() -> bool:
        return "no more sessions" in caplog.text

    async def hurry() -> None:
        """Not before it was told: a day passes in a moment then."""
        await until(told)
        clock.speed = 1_000_000.0

    discord.starts.left = 0
    with caplog.at_level(logging.ERROR, "adapters.discord"):
        async with asyncio.TaskGroup() as meanwhile:
            meanwhile.create_task(hurry())
            async with house.life():
                assert discord.starts.left > 900
