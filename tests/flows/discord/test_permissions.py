"""What Maru may not do somewhere: the answer takes another way, or the person is told."""

from dataclasses import replace

import pytest

from adapters.discord.options import ALL, Channels
from bot.events import Completed, FileMade, Started, Text
from bot.events import File as Made
from tests.fakes.discord import Channel, FakeDiscord, Message, Person
from tests.fakes.discord_house import DiscordHouse, answered, finished, texts
from tests.fakes.engine import Gate


async def half_answered(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, where: Channel
) -> tuple[Message, Gate]:
    """A question whose answer has begun, and what holds it up."""
    gate = Gate()
    house.engine.script([Started("r"), Text("Half.\n\n"), gate, Text("Whole."), Completed()])
    asked = await ann.mentions_bot(where, "hello")
    thread = where.id if where.thread else asked.id
    await discord.until(lambda: "Half." in "".join(texts(discord, thread)))
    return asked, gate


async def test_the_answer_of_a_locked_thread_goes_to_its_channel_with_a_line(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life():
        asked, gate = await half_answered(discord, house, ann, discord.general)
        thread = discord.thread(asked)
        assert thread is not None
        ann.archives(thread, locked=True)
        gate.open()
        await finished(discord, discord.general)
    line, answer = texts(discord, discord.general)
    assert line.startswith("I cannot write in the thread <#")
    assert answer == "Half.\n\nWhole."
    assert discord.reads(discord.general)[-1].reply_to.endswith("hello")
    assert texts(discord, ann.dm) == []


async def test_the_answer_of_a_locked_thread_does_not_ping_whoever_began_it(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    ben = discord.person("Ben")
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await finished(discord, asked.id)
        thread = discord.thread(asked)
        assert thread is not None
        _, gate = await half_answered(discord, house, ben, thread)
        ann.archives(thread, locked=True)
        gate.open()
        await finished(discord, discord.general)
    assert [answer.pinged for answer in discord.answers(discord.general)] == [set(), set()]


async def test_the_answer_of_a_locked_post_of_a_forum_has_nowhere_to_go_and_the_person_is_told(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    forum = discord.add_channel("help", kind="forum")
    async with house.life():
        post = await ann.posts(forum, "Coffee", "Where is it?")
        _, gate = await half_answered(discord, house, ann, post)
        ann.archives(post, locked=True)
        gate.open()
        await discord.until(lambda: texts(discord, ann.dm))
    assert "not allowed to write" in texts(discord, ann.dm)[0]


async def test_without_the_right_to_write_in_threads_the_answer_is_in_the_channel(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    discord.general.denied |= {"send_in_threads"}
    async with house.life():
        await ann.mentions_bot(discord.general, "hello")
        await finished(discord, discord.general)
    assert texts(discord, discord.general)[-1] == "You said: hello"


async def test_without_the_right_to_attach_files_they_are_named(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    discord.general.denied |= {"attach"}
    async with house.life() as life:
        file = await life.files.keep_bytes(b"a,b\n1,2\n")
        made = FileMade(Made(file.digest, "table.csv", "text/csv", file.size), "")
        house.engine.script([Started("r"), Text("Here."), made, Completed()])
        asked = await ann.mentions_bot(discord.general, "table")
        await discord.until(lambda: any("table.csv" in text for text in texts(discord, asked.id)))
        await life.over()
    assert texts(discord, asked.id)[0] == "Here."
    assert texts(discord, ann.dm) == []


async def test_without_the_right_to_read_the_history_the_answer_is_no_reply_but_goes_on(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    house.options = replace(house.options, in_place=Channels(frozenset({ALL})))
    discord.general.denied |= {"history"}
    async with house.life():
        await ann.mentions_bot(discord.general, "hello")
        await finished(discord, discord.general)
        assert discord.reads(discord.general)[-1].reply_to == ""
        await ann.replies(discord.answers(discord.general)[-1], "and now?")
        await answered(discord, "and now?", discord.general)
    first, second = house.engine.requests
    assert first.turn.conversation == second.turn.conversation


@pytest.mark.parametrize("denied", ["send", "history"])
async def test_what_is_whispered_finds_another_way(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, denied: str
) -> None:
    discord.general.denied |= {denied}
    async with house.life():
        await ann.mentions_bot(discord.general, "help")
        where = ann.dm if denied == "send" else discord.general
        await discord.until(lambda: texts(discord, where))


async def test_an_answer_to_a_place_that_was_deleted_ends_in_silence(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life() as life:
        asked, gate = await half_answered(discord, house, ann, discord.general)
        discord.remove(asked.id)
        gate.open()
        await life.over()
    assert texts(discord, ann.dm) == []
    assert texts(discord, discord.general) == []
