"""Maru keeps to Discord's limits by itself, however many ask at once."""

from pathlib import Path

from adapters.discord.limits import GROWING_AT_ONCE
from bot.events import Completed, Started, Text
from tests.fakes.discord import FakeDiscord, Message
from tests.fakes.discord_house import DiscordHouse
from tests.fakes.engine import Gate

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


async def test_a_long_answer_that_had_to_wait_grows_when_others_are_over(tmp_path: Path) -> None:
    """With its button to stop; before that only typing is shown."""
    async with FakeDiscord(limits=True) as discord:
        house = DiscordHouse(tmp_path, discord)
        first, more, last = Gate(), Gate(), Gate()
        for _ in range(GROWING_AT_ONCE):
            house.engine.script([Started("r"), Text("so far"), first, Completed()])
        house.engine.script([Started("r"), Text("one"), more, Text(" two"), last, Completed()])
        async with house.life():
            *others, late = [discord.person(f"Person {n}") for n in range(GROWING_AT_ONCE + 1)]
            for person in others:
                await person.writes("hello")
                await discord.until(lambda: discord.answers(person.dm))  # noqa: B023 - waited for at once
            await late.writes("hello")
            await more.reached.wait()
            assert not discord.answers(late.dm)
            first.open()
            await discord.until(
                lambda: all("Stop" not in discord.reads(person.dm)[1].buttons for person in others)
            )
            more.open()
            await discord.until(lambda: discord.answers(late.dm))
            assert "Stop" in discord.reads(late.dm)[1].buttons
            last.open()
            await discord.until(lambda: "Stop" not in discord.reads(late.dm)[1].buttons)


def _question(message: Message) -> str:
    return message.content.partition("> ")[2]
