"""What Discord answers when it has trouble, or when Maru was late, costs nobody an answer."""

import pytest

from bot.events import Completed, FileMade, Started, Text
from bot.events import File as Made
from tests.fakes.clock import FastForward
from tests.fakes.discord import FakeDiscord, Person
from tests.fakes.discord_house import DiscordHouse, finished, texts


@pytest.fixture
def hurried(clock: FastForward) -> FastForward:
    """Waits of a minute take a moment."""
    clock.speed = 100.0
    return clock


@pytest.mark.usefixtures("hurried")
async def test_a_discord_that_is_down_at_start_is_tried_until_it_is_there(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    discord.fail("GET user", 503, times=3)
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await finished(discord, asked.id)


@pytest.mark.usefixtures("hurried")
async def test_commands_that_could_not_be_registered_are_registered_later(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    discord.fail("PUT commands", 503, times=3)
    async with house.life():
        await discord.until(lambda: discord.world.commands)


@pytest.mark.usefixtures("hurried")
async def test_a_429_of_cloudflare_is_waited_out(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    discord.fail("POST messages", 429)
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await finished(discord, asked.id)
    assert texts(discord, asked.id) == ["You said: hello"]
    assert discord.routes.invalid == 1


async def test_a_command_that_was_acknowledged_too_late_is_answered_in_the_channel(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    discord.fail("POST callback", 404, code=10_062)
    async with house.life():
        await ann.uses_command("ask", discord.general, prompt="hello")
        await finished(discord, discord.general)
    assert texts(discord, discord.general) == ["You said: hello"]


async def test_a_private_command_that_was_acknowledged_too_late_is_answered_by_direct_message(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    discord.fail("POST callback", 404, code=10_062)
    async with house.life():
        await ann.uses_command("ask", discord.general, prompt="hello", private=True)
        await finished(discord, ann.dm)
    assert texts(discord, discord.general) == []


async def test_a_command_that_is_told_twice_is_answered_once(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life() as life:
        await ann.uses_command("ask", discord.general, prompt="hello")
        discord.repeat(1)
        await finished(discord, discord.general)
        await life.over()
    assert house.heard() == ["hello"]
    assert texts(discord, discord.general) == ["You said: hello"]


async def test_a_file_that_discord_does_not_take_is_named(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    """Whatever it said of its limits before."""
    discord.posting.most_bytes = 4
    async with house.life() as life:
        file = await life.files.keep_bytes(b"a,b\n1,2\n")
        made = FileMade(Made(file.digest, "table.csv", "text/csv", file.size), "")
        house.engine.script([Started("r"), Text("Here."), made, Completed()])
        asked = await ann.mentions_bot(discord.general, "table")
        await discord.until(lambda: any("could not post" in text for text in texts(discord, asked.id)))
    assert not any(seen.files for seen in discord.reads(asked.id))
