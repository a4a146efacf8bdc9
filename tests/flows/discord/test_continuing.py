"""A conversation goes on outside of threads too, where only Maru's own messages say which one it is."""

from dataclasses import replace

import pytest

from adapters.discord.options import ALL, Channels
from bot.events import Completed, Started, Text
from tests.fakes.clock import FastForward
from tests.fakes.discord import FakeDiscord, Message, Person
from tests.fakes.discord_house import DiscordHouse, answered, finished, texts
from tests.fakes.engine import Gate

EXPIRED = 15 * 60


def conversations(house: DiscordHouse) -> set[str]:
    return {request.turn.conversation for request in house.engine.requests}


def last_answer(discord: FakeDiscord) -> Message:
    return discord.answers(discord.general)[-1]


async def test_replies_to_the_answer_of_a_command_go_on_with_it(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life():
        await ann.uses_command("ask", discord.general, prompt="one")
        await finished(discord, discord.general)
        await ann.replies(last_answer(discord), "two")
        await answered(discord, "two", discord.general)
        await finished(discord, discord.general)
        assert discord.reads(discord.general)[-1].reply_to == "two"
        await ann.replies(last_answer(discord), "three")
        await answered(discord, "three", discord.general)
    assert house.heard() == ["one", "two", "three"]
    assert len(conversations(house)) == 1


async def test_an_answer_that_outlived_its_command_is_known_by_a_reply(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, ann: Person
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), gate, Text("Late."), Completed()])
    async with house.life():
        interaction = await ann.uses_command("ask", discord.general, prompt="one")
        await gate.reached.wait()
        clock.ahead = EXPIRED
        gate.open()
        await finished(discord, discord.general)
        assert interaction.follow_ups == 0
        await ann.replies(last_answer(discord), "two")
        await answered(discord, "two", discord.general)
    assert len(conversations(house)) == 1


async def test_buttons_under_later_answers_work_after_a_restart(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life() as life:
        await ann.uses_command("ask", discord.general, prompt="one")
        await finished(discord, discord.general)
        await ann.replies(last_answer(discord), "two")
        await answered(discord, "two", discord.general)
        await finished(discord, discord.general)
        await life.over()
    house.engine.script([Started("r"), Text("Better."), Completed()])
    async with house.life():
        await ann.presses(last_answer(discord), "Again")
        await discord.until(lambda: "Better." in texts(discord, discord.general))
        await finished(discord, discord.general)
    assert len(conversations(house)) == 1


async def test_an_edited_follow_up_in_place_can_be_answered_again(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    house.options = replace(house.options, in_place=Channels(frozenset({ALL})))
    async with house.life():
        await ann.mentions_bot(discord.general, "one")
        await finished(discord, discord.general)
        follow_up = await ann.replies(last_answer(discord), "two")
        await answered(discord, "two", discord.general)
        await finished(discord, discord.general)
        await ann.edits(follow_up, "three")
        await discord.until(lambda: "Shall I answer" in discord.reads(discord.general)[-1].text)
        await ann.presses(last_answer(discord), "Again")
        await answered(discord, "three", discord.general)
    assert len(conversations(house)) == 1


@pytest.mark.parametrize("denied", [set[str](), {"threads"}])
async def test_the_answer_to_one_person_does_not_ping_whoever_began(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, denied: set[str]
) -> None:
    """It refers to the first question, which may be somebody else's."""
    ben = discord.person("Ben")
    discord.general.denied |= denied
    house.options = replace(house.options, in_place=Channels(frozenset() if denied else frozenset({ALL})))
    async with house.life():
        await ann.mentions_bot(discord.general, "one")
        await finished(discord, discord.general)
        assert last_answer(discord).pinged == {ann.id}
        await ben.replies(last_answer(discord), "two")
        await answered(discord, "two", discord.general)
    assert last_answer(discord).pinged == set()
