"""Maru in a Discord of one server, on a clock that can be put forward."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.clock import FastForward
from tests.fakes.discord import FakeDiscord, Person
from tests.fakes.discord_house import DiscordHouse


@pytest.fixture
def clock() -> FastForward:
    return FastForward()


@pytest.fixture
async def discord(clock: FastForward) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(clock=clock) as running:
        yield running


@pytest.fixture
async def house(discord: FakeDiscord, clock: FastForward, tmp_path: Path) -> DiscordHouse:
    return DiscordHouse(tmp_path, discord, clock=clock)


@pytest.fixture
def ann(discord: FakeDiscord) -> Person:
    return discord.person("Ann")
