"""What Discord refuses is not asked on and on: ten thousand times in ten minutes get an address banned."""

import asyncio
from functools import partial

import pytest

from adapters.discord.refusals import SAME
from bot.errors import SettingsError
from bot.events import Completed, Started, Text
from tests.fakes.discord import FakeDiscord, Person
from tests.fakes.discord_house import DiscordHouse, finished, texts
from tests.fakes.engine import Gate


def told(discord: FakeDiscord, ann: Person, times: int) -> bool:
    return len(texts(discord, ann.dm)) == times


async def refused(discord: FakeDiscord, ann: Person, times: int) -> None:
    """Ask so often where Maru may not answer; each time the person is told."""
    discord.general.denied |= {"threads", "send"}
    for number in range(times):
        await ann.mentions_bot(discord.general, f"hello {number}")
        await discord.until(partial(told, discord, ann, number + 1))


async def test_what_is_forbidden_is_not_tried_again_and_again(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life():
        await refused(discord, ann, 20)
    assert all("not allowed to write" in text for text in texts(discord, ann.dm))
    assert discord.routes.invalid <= SAME * len(("make a thread", "post", "type"))


async def test_once_it_is_allowed_it_is_tried_at_once(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life():
        await refused(discord, ann, 10)
        discord.permit(discord.general)
        asked = await ann.mentions_bot(discord.general, "now?")
        await finished(discord, asked.id)


@pytest.mark.parametrize("gateway", [True, False])
async def test_a_token_that_became_invalid_ends_it_and_nothing_is_lost(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, gateway: bool
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), gate, Text("You said: hello"), Completed()])

    async def life() -> None:
        async with house.life() as life:
            await ann.mentions_bot(discord.general, "hello")
            await gate.reached.wait()
            await discord.revoke(gateway=gateway)
            gate.open()
            await asyncio.wait([life.connection])

    with pytest.raises(SettingsError, match="DISCORD_BOT_TOKEN"):
        await life()
    assert discord.routes.invalid <= 5
    await discord.revoke()
    (asked,) = discord.reads(discord.general)
    async with house.life():
        await finished(discord, asked.id)
    assert texts(discord, asked.id) == ["You said: hello"]
