"""What was said while Maru heard nothing is answered once, as far as that makes sense."""

import pytest

from adapters.discord.pages import CHANNELS, PAGE
from bot.events import Completed, Started, Text
from tests.fakes.clock import FastForward
from tests.fakes.discord import FakeDiscord, Person
from tests.fakes.discord_house import DiscordHouse, answered, finished, texts
from tests.fakes.engine import Gate
from tests.fakes.processes import until

HOUR = 3_600


async def test_what_is_older_than_an_hour_is_left_alone(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, ann: Person
) -> None:
    await ann.mentions_bot(discord.general, "long ago")
    clock.ahead = HOUR + 60
    recent = await ann.mentions_bot(discord.general, "just now")
    async with house.life():
        await answered(discord, "just now", recent.id)
    assert house.heard() == ["just now"]


async def test_so_many_channels_are_looked_at_and_no_more(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    for number in range(70):
        await ann.says(discord.add_channel(f"room-{number}"), "nothing for Maru")
    last = await ann.mentions_bot(discord.general, "hello?")
    counts = discord.routes.counts

    async def looked() -> bool:
        return counts["GET messages"] >= CHANNELS

    async with house.life() as life:
        await answered(discord, "hello?", last.id)
        await until(looked)
        await life.over()
    assert counts["GET messages"] <= CHANNELS + len(["the history before the question"])


async def test_after_every_restart_the_same_is_found_and_nothing_is_answered_twice(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life() as life:
        asked = await ann.mentions_bot(discord.general, "once")
        await finished(discord, asked.id)
        await ann.writes("help")
        await discord.until(lambda: len(texts(discord, ann.dm)) == 1)
        await life.over()
    for number in range(3):
        later = await ann.mentions_bot(discord.general, f"later {number}")
        async with house.life() as life:
            await finished(discord, later.id)
            await life.over()
    assert house.heard() == ["once", "later 0", "later 1", "later 2"]
    assert len(texts(discord, ann.dm)) == 1


async def test_what_was_edited_meanwhile_is_read_as_it_is_now(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life() as life:
        asked = await ann.mentions_bot(discord.general, "one")
        await finished(discord, asked.id)
        await life.over()
    await ann.edits(asked, f"<@{discord.world.maru.id}> two")
    async with house.life():
        await discord.until(lambda: "Shall I answer" in discord.reads(asked.id)[-1].text)


@pytest.mark.parametrize("away", ["killed", "without a session"])
async def test_what_waits_and_was_deleted_or_edited_meanwhile_is_asked_as_it_is_now(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, away: str
) -> None:
    first, again = Gate(), Gate()
    house.engine.script([Started("r"), first, Text("One."), Completed()])
    asked = await ann.mentions_bot(discord.general, "one")
    conversation = f"discord:{discord.guild.id}/{asked.id}"

    async def waiting() -> list[str]:
        records = await life.store.archive.records(conversation)
        return [message.text for record in records[1:] for message in record.turn.messages]

    async def kept() -> bool:
        return await waiting() == ["two", "three", "four"]

    async def found() -> bool:
        return await waiting() == ["drei", "four"]

    async def change() -> None:
        await ann.deletes(two)
        await ann.edits(three, "drei")

    async with house.life() as life:
        await first.reached.wait()
        thread = ann.thread(discord.general, "one", of=asked)
        two, three, _ = [await ann.says(thread, text) for text in ("two", "three", "four")]
        await until(kept)
        if away == "without a session":
            async with discord.outage():
                await change()
            await until(found)
            first.open()
            await answered(discord, "four", thread)
    if away == "killed":
        await change()
        house.engine.script([Started("r"), again, Text("One."), Completed()])
        async with house.life() as life:
            await until(found)
            again.open()
            await answered(discord, "four", thread)
    assert house.heard()[-2:] == ["drei", "four"]
    assert "two" not in house.heard()


async def test_what_was_answered_and_is_deleted_meanwhile_is_remembered_no_more(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life() as life:
        await ann.writes("one")
        await answered(discord, "one", ann.dm)
        two = await ann.writes("two")
        await answered(discord, "two", ann.dm)
        await life.over()
    await ann.deletes(two)

    async def remembered() -> list[str]:
        records = await life.store.archive.records(f"discord:@me/{ann.dm.id}")
        return [message.text for record in records for message in record.turn.messages]

    async def forgotten() -> bool:
        return await remembered() == ["one"]

    async with house.life() as life:
        await until(forgotten)


async def test_what_lies_behind_the_page_that_is_read_is_not_taken_for_deleted(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life() as life:
        asked = await ann.mentions_bot(discord.general, "one")
        await finished(discord, asked.id)
        await life.over()
    for number in range(PAGE):
        await ann.says(discord.general, f"talk {number}")
    last = await ann.mentions_bot(discord.general, "two")
    async with house.life() as life:
        await finished(discord, last.id)
        await life.over()
        (record,) = await life.store.archive.records(f"discord:{discord.guild.id}/{asked.id}")
    assert [message.text for message in record.turn.messages] == ["one"]


async def test_a_reconnect_that_discord_asks_for_loses_and_repeats_nothing(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life():
        await ann.writes("before")
        await answered(discord, "before", ann.dm)
        await discord.ask_to_reconnect()
        await discord.until(lambda: discord.gateway_server.resumed)
        discord.repeat(3)
        await ann.writes("after")
        await answered(discord, "after", ann.dm)
    assert house.heard() == ["before", "after"]
    assert discord.gateway_server.identified == 1


async def test_a_refused_handshake_is_tried_again(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, ann: Person
) -> None:
    clock.speed = 20.0
    async with house.life() as life:
        discord.gateway_server.refuse_handshakes = 1
        await discord.drop(1011)
        await life.ready(is_it=False)
        asked = await ann.mentions_bot(discord.general, "meanwhile")
        await answered(discord, "meanwhile", asked.id)


async def test_what_discord_cannot_show_at_first_is_found_a_moment_later(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    asked = await ann.mentions_bot(discord.general, "anybody there?")
    discord.fail("GET messages", 503)
    async with house.life():
        await answered(discord, "anybody there?", asked.id)


# -- without the Message Content intent --------------------------------------------------------


@pytest.fixture
def hidden(discord: FakeDiscord) -> FakeDiscord:
    """The switch in the portal is off."""
    discord.world.content_allowed = False
    return discord


async def test_without_the_intent_replies_with_a_ping_commands_and_the_menu_work(
    hidden: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    discord, ben = hidden, hidden.person("Ben")
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await finished(discord, asked.id)
        await ann.replies(discord.answers(asked.id)[-1], "with a ping")
        await answered(discord, "with a ping", asked.id)
        said = await ben.says(discord.general, "The build is red.")
        await ann.uses_menu("Ask Maru about this", said)
        await answered(discord, "The build is red.", discord.general)
        await ann.uses_command("ask", discord.general, prompt="by command")
        await answered(discord, "by command", discord.general)


async def test_without_the_intent_a_reply_without_a_ping_is_told_that_it_cannot_be_read(
    hidden: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life():
        asked = await ann.mentions_bot(hidden.general, "hello")
        await finished(hidden, asked.id)
        await ann.replies(hidden.answers(asked.id)[-1], "and now?", ping=False)
        await hidden.until(lambda: "cannot read this" in texts(hidden, asked.id)[-1])
    assert house.heard() == ["hello"]


async def test_what_is_missing_without_the_intent_is_said_at_start_and_costs_no_session(
    hidden: FakeDiscord, house: DiscordHouse, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.life():
        assert "follow-ups in its threads need a mention" in caplog.text
    assert hidden.starts.left == 999


async def test_what_was_said_before_maru_came_is_not_answered_later(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    """After a restart Maru reads its threads; people talked there among themselves at first."""
    root = await ann.says(discord.general, "The launch is on Friday.")
    thread = ann.thread(discord.general, "launch", of=root)
    await ann.says(thread, "Is it?")
    async with house.life() as life:
        await ann.mentions_bot(thread, "when is it?")
        await answered(discord, "when is it?", thread)
        await life.over()
    await ann.says(thread, "thanks")
    async with house.life() as life:
        await answered(discord, "thanks", thread)
        await life.over()
    assert house.heard() == ["when is it?", "thanks"]
