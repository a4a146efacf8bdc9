"""Maru keeps to Discord's limits by itself, however many ask at once."""

from pathlib import Path

from tests.fakes.discord import FakeDiscord, Message
from tests.fakes.discord_house import DiscordHouse

CHANNELS = 60  # about four requests each: five times what Discord takes in a second


async def test_many_channels_at_once_are_all_answered_and_discord_never_says_too_many(tmp_path: Path) -> None:
    async with FakeDiscord(limits=True) as discord, DiscordHouse(tmp_path, discord).life():
        ann = discord.person("Ann")
        rooms = [discord.add_channel(f"room-{number}") for number in range(CHANNELS)]
        asked = [await ann.mentions_bot(room, f"question {room.name}") for room in rooms]

        def answered(message: Message) -> bool:
            seen = discord.reads(message.id)
            return any(f"You said: {_question(message)}" in one.text for one in seen)

        await discord.until(lambda: all(answered(message) for message in asked))
        assert not discord.limits.refused
        assert discord.routes.invalid == 0


def _question(message: Message) -> str:
    return message.content.partition("> ")[2]
