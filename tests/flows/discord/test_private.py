"""Answers that one person alone may see stay so, also when their fifteen minutes are over."""

import pytest

from bot.events import Completed, FileMade, Started, Text
from bot.events import File as Made
from tests.fakes.clock import FastForward
from tests.fakes.discord import Channel, FakeDiscord, Person
from tests.fakes.discord_house import DONE, DiscordHouse, finished, texts
from tests.fakes.engine import Gate

NEARLY, OVER = 13.5 * 60, 16 * 60  # seconds of a token's fifteen minutes


async def left(
    discord: FakeDiscord, clock: FastForward, where: Channel, person: Person | None = None
) -> None:
    """Return once the answer has the button for its rest, and no token of its time is good."""
    clock.ahead = NEARLY
    await discord.until(lambda: "Show the rest" in discord.reads(where, person)[-1].buttons)
    clock.ahead = OVER


@pytest.fixture
def gate(house: DiscordHouse) -> Gate:
    gate = Gate()
    house.engine.script([Started("r"), Text("Half.\n\n"), gate, Text("Whole. " * 400), Completed()])
    return gate


async def test_when_direct_messages_are_closed_the_rest_is_behind_a_button(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, ann: Person, gate: Gate
) -> None:
    ben = discord.person("Ben")
    ann.user.closed = True
    async with house.life() as life:
        await ann.uses_command("ask", discord.general, prompt="hello", private=True)
        await left(discord, clock, discord.general, ann)
        gate.open()
        await life.over()
        await ann.presses(discord.answers(discord.general, ann)[-1], "Show the rest")
        await discord.until(
            lambda: sum(text.count("Whole.") for text in texts(discord, discord.general, ann)) == 400
        )
    assert all(seen.private for seen in discord.reads(discord.general, ann))
    assert discord.reads(discord.general, ben) == []
    assert texts(discord, ann.dm) == []


async def test_an_answer_that_is_still_written_is_not_shown_yet_and_after_a_restart_it_is(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, ann: Person, gate: Gate
) -> None:
    async with house.life():
        await ann.uses_command("ask", discord.general, prompt="hello", private=True)
        await left(discord, clock, discord.general, ann)
        button = discord.answers(discord.general, ann)[-1]
        await ann.presses(button, "Show the rest")
        await discord.until(lambda: "not finished yet" in texts(discord, discord.general, ann)[-1])
    house.engine.script([Started("r"), Text("All of it."), Completed()])
    async with house.life():
        await finished(discord, ann.dm)
        await ann.presses(button, "Show the rest")
        await discord.until(lambda: texts(discord, discord.general, ann)[-1] == "All of it.")


async def test_where_maru_is_no_member_the_rest_of_a_public_answer_is_shown_to_who_asked(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, ann: Person, gate: Gate
) -> None:
    foreign = discord.add_channel("foreign", guild=discord.add_guild("Others", bot=False))
    ann.user.closed = True
    async with house.life() as life:
        await ann.uses_command("ask", foreign, prompt="hello")
        await left(discord, clock, foreign)
        gate.open()
        await life.over()
        await ann.presses(discord.answers(foreign)[-1], "Show the rest")
        await discord.until(lambda: sum(text.count("Whole.") for text in texts(discord, foreign, ann)) == 400)
    assert [text for text in texts(discord, foreign) if "Whole." in text] == []


async def test_files_of_the_rest_are_shown_too(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, ann: Person
) -> None:
    gate = Gate()
    ann.user.closed = True
    async with house.life() as life:
        file = await life.files.keep_bytes(b"a,b\n1,2\n")
        made = FileMade(Made(file.digest, "table.csv", "text/csv", file.size), "")
        house.engine.script([Started("r"), gate, Text("Here."), made, Completed()])
        await ann.uses_command("ask", discord.general, prompt="hello", private=True)
        await left(discord, clock, discord.general, ann)
        gate.open()
        await life.over()
        await ann.presses(discord.answers(discord.general, ann)[-1], "Show the rest")
        await discord.until(lambda: discord.reads(discord.general, ann)[-1].files == ("table.csv",))


async def test_in_time_there_is_no_such_button(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life():
        await ann.uses_command("ask", discord.general, prompt="hello", private=True)
        await finished(discord, discord.general, ann)
    assert discord.reads(discord.general, ann)[-1].buttons == DONE
