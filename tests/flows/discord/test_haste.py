"""Discord gives an app three seconds to say that it has heard, however much it has to do."""

import asyncio

from bot.events import Completed, Started, Text
from tests.fakes.discord import FakeDiscord, Person
from tests.fakes.discord_house import DiscordHouse, texts
from tests.fakes.engine import Gate, Script

MANY = 100
FIRST = 3.0  # seconds


async def test_a_hundred_commands_and_presses_at_once_are_acknowledged_in_time(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    """While a hundred answers grow; half of the commands are private, and everybody presses stop."""
    gate = Gate()
    script: Script = [Started("r"), Text("Half.\n\n"), gate, Text("Whole."), Completed()]
    house.engine.script(*[script] * MANY)
    rooms = [discord.add_channel(f"room-{number}") for number in range(MANY)]
    async with house.life():
        asked = [
            ann.uses_command("ask", room, prompt="hello", private=bool(number % 2))
            for number, room in enumerate(rooms)
        ]
        made = await asyncio.gather(*asked)
        await discord.until(
            lambda: all(any(text.startswith("Half.") for text in texts(discord, room, ann)) for room in rooms)
        )
        made += await asyncio.gather(
            *(ann.presses(discord.answers(room, ann)[-1], "Stop") for room in rooms),
            *(ann.uses_command("help", room) for room in rooms),
        )
        gate.open()
    assert discord.gestures.complaints == []
    assert max(interaction.took for interaction in made) < FIRST
    assert len(made) == 3 * MANY
