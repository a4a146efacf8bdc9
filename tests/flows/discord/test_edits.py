"""What people edit and delete counts, and what is not for Maru is left alone."""

import pytest

from bot.events import Completed, Started, Text
from tests.fakes.discord import Channel, FakeDiscord, Person
from tests.fakes.discord_house import DiscordHouse, answered, finished, texts
from tests.fakes.engine import Gate, Script

SLOW: Script = [Started("r"), Text("Once.\n\n")]


@pytest.fixture
def gate(house: DiscordHouse) -> Gate:
    """The first answer waits here."""
    gate = Gate()
    house.engine.script([*SLOW, gate, Completed()])
    return gate


async def test_a_question_edited_while_it_waits_is_asked_as_it_is_now(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, gate: Gate
) -> None:
    async with house.life():
        await ann.writes("first")
        await gate.reached.wait()
        waiting = await ann.writes("secnd")
        await ann.edits(waiting, "second")
        await heard_all(discord, house, ann)
        gate.open()
        await answered(discord, "second", ann.dm)
    assert house.heard() == ["first", "second"]


async def heard_all(discord: FakeDiscord, house: DiscordHouse, ann: Person) -> None:
    """Return once Maru has taken in all that was said: what comes later is answered."""
    channel = discord.add_channel("later")
    await ann.mentions_bot(channel, "help")
    await discord.until(lambda: texts(discord, channel))


async def test_a_question_deleted_while_it_waits_is_not_asked(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, gate: Gate
) -> None:
    async with house.life() as life:
        await ann.writes("first")
        await gate.reached.wait()
        await ann.deletes(await ann.writes("second"))
        await heard_all(discord, house, ann)
        gate.open()
        await finished(discord, ann.dm)
        await life.over()
    assert house.heard() == ["first"]
    assert len(texts(discord, ann.dm)) == 1


async def test_many_messages_deleted_at_once_are_all_gone(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, gate: Gate
) -> None:
    async with house.life() as life:
        asked = await ann.mentions_bot(discord.general, "first")
        await discord.until(lambda: texts(discord, asked.id))
        thread = discord.thread(asked)
        assert thread is not None
        await ann.deletes(*[await ann.says(thread, text) for text in ("second", "third")])
        await heard_all(discord, house, ann)
        gate.open()
        await finished(discord, thread)
        await life.over()
    assert house.heard() == ["first"]


async def test_later_edits_and_deletes_reach_what_is_remembered(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life() as life:
        first = await ann.writes("one")
        await answered(discord, "one", ann.dm)
        second = await ann.writes("two")
        await answered(discord, "two", ann.dm)
        await life.over()
        await ann.edits(first, "uno")
        await ann.deletes(second)
        await heard_all(discord, house, ann)
        conversation = house.engine.requests[0].turn.conversation
        records = await life.store.archive.records(conversation)
    assert [m.text for record in records for m in record.turn.messages] == ["uno"]


@pytest.mark.parametrize("where", ["its thread", "a DM"])
async def test_after_an_edit_of_the_last_question_it_can_be_answered_again(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, where: str
) -> None:
    async with house.life():
        if where == "a DM":
            asked = await ann.writes("one")
            place: Channel | str = ann.dm
        else:
            asked = await ann.mentions_bot(discord.general, "one")
            place = asked.id
        await answered(discord, "one", place)
        await finished(discord, place)
        await ann.edits(asked, "two")
        await discord.until(lambda: "Shall I answer" in discord.reads(place)[-1].text)
        await ann.presses(discord.answers(place)[-1], "Again")
        await answered(discord, "two", place)
    assert texts(discord, discord.general) == []


async def test_an_edit_of_an_older_question_offers_nothing(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life() as life:
        first = await ann.writes("one")
        await answered(discord, "one", ann.dm)
        await ann.writes("two")
        await answered(discord, "two", ann.dm)
        await life.over()
        await ann.edits(first, "uno")
        await heard_all(discord, house, ann)
    assert len(texts(discord, ann.dm)) == 2


async def test_when_an_edit_takes_the_mention_away_and_hides_the_words_they_stay_as_they_were(
    house: DiscordHouse, ann: Person, discord: FakeDiscord
) -> None:
    """Without the Message Content intent Discord then shows nothing of it."""
    discord.world.content_allowed = False
    async with house.life() as life:
        asked = await ann.mentions_bot(discord.general, "one")
        await finished(discord, asked.id)
        await ann.edits(asked, "something else")
        await heard_all(discord, house, ann)
        (record,) = await life.store.archive.records(house.engine.requests[0].turn.conversation)
    assert record.turn.messages[0].text == "one"
    assert len(texts(discord, asked.id)) == 1


@pytest.mark.parametrize("kind", [6, 7, 18, 46])
async def test_what_discord_itself_says_is_not_answered(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, kind: int
) -> None:
    """Pins, joins, threads and polls that ended, though they mention Maru."""
    async with house.life():
        await ann.says(discord.general, f"<@{discord.world.maru.id}> pinned a message", kind=kind)
        await heard_all(discord, house, ann)
    assert house.heard() == []


async def test_a_reply_to_somebody_else_in_its_thread_is_left_alone_and_one_to_oneself_is_not(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    ben = discord.person("Ben")
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await answered(discord, "hello", asked.id)
        thread = discord.thread(asked)
        assert thread is not None
        said = await ben.says(thread, "what is for lunch?")
        await answered(discord, "what is for lunch?", thread)
        await ann.replies(said, "pizza")
        await ben.replies(said, "I mean today")
        await answered(discord, "I mean today", thread)
        await ann.replies(said, f"<@{discord.world.maru.id}> do you know?")
        await answered(discord, "do you know?", thread)
    assert house.heard() == ["hello", "what is for lunch?", "I mean today", "do you know?"]
