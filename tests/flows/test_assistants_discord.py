"""Assistants for channels of Discord."""

from pathlib import Path

from bot.assistants import Assistant
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_house import DiscordHouse


async def test_a_channel_of_discord_has_its_own_assistant_in_its_threads(
    tmp_path: Path,
) -> None:
    """The name of a thread's conversation does not tell its channel."""
    async with FakeDiscord() as discord:
        await ask_in_both(discord, tmp_path)


async def ask_in_both(discord: FakeDiscord, folder: Path) -> None:
    ann = discord.person("Ann")
    other = discord.add_channel("other")
    house = DiscordHouse(
        folder,
        discord,
        assistants=(
            Assistant(name="maru", instructions="Be kind."),
            Assistant(name="cook", instructions="Cook."),
        ),
        pins={f"discord:{discord.guild.id}/{discord.general.id}": "cook"},
    )
    async with house.life():
        first = await ann.mentions_bot(discord.general, "here?")
        second = await ann.mentions_bot(other, "there?")
        await discord.until(
            lambda: all(
                any("You said" in m.text for m in discord.reads(asked.id)) for asked in (first, second)
            )
        )
    answered = {request.turn.messages[0].text: request.assistant.name for request in house.engine.requests}
    assert answered == {"here?": "cook", "there?": "maru"}
