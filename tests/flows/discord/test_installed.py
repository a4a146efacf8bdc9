"""Maru as an app that a person installed: in servers without it, in other people's DMs, and in its own."""

import pytest

from bot.events import Completed, FileMade, Started, Text
from bot.events import File as Made
from tests.fakes.clock import FastForward
from tests.fakes.discord import Channel, FakeDiscord, Person
from tests.fakes.discord_house import DONE, DiscordHouse, answered, finished, texts
from tests.fakes.engine import Gate

EXPIRED = 15 * 60


@pytest.fixture(params=["a server without Maru", "a group", "its own DM"])
def place(request: pytest.FixtureRequest, discord: FakeDiscord, ann: Person) -> Channel:
    if request.param == "its own DM":
        return ann.dm
    if request.param == "a group":
        group = discord.add_channel("", kind="group")
        group.recipients = {ann.id, discord.person("Ben").id}
        return group
    return discord.add_channel("foreign", guild=discord.add_guild("Others", bot=False))


async def test_a_command_is_answered_in_place_with_its_buttons(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, place: Channel
) -> None:
    async with house.life():
        await ann.uses_command("ask", place, prompt="hello")
        await finished(discord, place)
        assert texts(discord, place) == ["You said: hello"]
        await ann.presses(discord.answers(place)[-1], "Helpful")
        assert discord.gestures.complaints == []
        house.engine.script([Started("r"), Text("Better."), Completed()])
        await ann.presses(discord.answers(place)[-1], "Again")
        await discord.until(lambda: "Better." in texts(discord, place))


async def test_the_menu_asks_about_a_message_there(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, place: Channel
) -> None:
    async with house.life():
        said = await ann.says(place, "The build is red.")
        await ann.uses_menu("Ask Maru about this", said)
        await answered(discord, "The build is red.", place)


async def test_a_private_question_stays_so(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, place: Channel
) -> None:
    ben = discord.person("Carl")
    async with house.life():
        await ann.uses_command("ask", place, prompt="psst", private=True)
        await answered(discord, "psst", place, ann)
    if place.kind != "dm":
        assert discord.reads(place, ben) == []


async def test_stop_stops_there(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, place: Channel
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), Text("Half.\n\n"), gate, Text("Never."), Completed()])
    async with house.life():
        await ann.uses_command("ask", place, prompt="go")
        await discord.until(lambda: any(text.startswith("Half.") for text in texts(discord, place)))
        await ann.presses(discord.answers(place)[-1], "Stop")
        await discord.until(lambda: discord.reads(place)[-1].buttons == ("Again",))


async def test_again_works_when_the_first_fifteen_minutes_are_long_over(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, ann: Person, place: Channel
) -> None:
    async with house.life() as life:
        await ann.uses_command("ask", place, prompt="hello")
        await finished(discord, place)
        await life.over()
    clock.ahead = EXPIRED
    house.engine.script([Started("r"), Text("Better."), Completed()])
    async with house.life():
        await ann.presses(discord.answers(place)[-1], "Again")
        await discord.until(lambda: "Better." in texts(discord, place))
        await discord.until(lambda: discord.reads(place)[-1].buttons == DONE)
    assert texts(discord, place) == ["You said: hello", "Better."]


@pytest.mark.parametrize("tier", [0, 2])
async def test_a_boosted_server_takes_larger_files_also_without_maru(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, tier: int
) -> None:
    guild = discord.add_guild("Others", bot=False)
    guild.premium_tier = tier
    foreign = discord.add_channel("foreign", guild=guild)
    async with house.life() as life:
        large = await life.files.keep_bytes(b"x" * 12 * 2**20)
        made = FileMade(Made(large.digest, "film.mp4", "video/mp4", large.size), "")
        house.engine.script([Started("r"), Text("Here."), made, Completed()])
        await ann.uses_command("ask", foreign, prompt="film")
        await discord.until(lambda: len(texts(discord, foreign)) == 2)
    shown = discord.reads(foreign)[-1]
    assert shown.files == (("film.mp4",) if tier else ())
    assert ("too large" in shown.text) is (tier == 0)
