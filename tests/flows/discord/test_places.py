"""Where people can talk with Maru, and where it answers."""

from dataclasses import replace

import pytest

from adapters.discord.options import ALL, Channels
from tests.fakes.discord import FakeDiscord, Person
from tests.fakes.discord.world import ChannelKind
from tests.fakes.discord_house import DiscordHouse, answered, finished, texts


def conversations(house: DiscordHouse) -> list[str]:
    return [request.turn.conversation for request in house.engine.requests]


# -- forums ------------------------------------------------------------------------------------


async def test_a_post_of_a_chosen_forum_is_answered_and_its_title_is_read(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    forum, other = discord.add_channel("help", kind="forum"), discord.add_channel("ideas", kind="forum")
    house.options = replace(house.options, forums=Channels(frozenset({forum.id})))
    async with house.life():
        await ann.posts(other, "A dark mode", "What do you think?")
        post = await ann.posts(forum, "The printer is on fire", "What now?")
        await finished(discord, post)
        await ann.says(post, "And the cat?")
        await answered(discord, "And the cat?", post)
    assert house.heard() == ["**The printer is on fire**\n\nWhat now?", "And the cat?"]
    assert len(set(conversations(house))) == 1


async def test_a_post_of_another_forum_needs_a_mention(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    forum = discord.add_channel("help", kind="forum")
    async with house.life():
        post = await ann.posts(forum, "Coffee", "Where is it?")
        await ann.mentions_bot(post, "do you know?")
        await answered(discord, "do you know?", post)
    (request,) = house.engine.requests
    assert [one.text for one in request.prior] == ["**Coffee**\n\nWhere is it?"]


async def test_a_post_written_while_maru_was_away_is_answered(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    forum = discord.add_channel("help", kind="forum")
    house.options = replace(house.options, forums=Channels(frozenset({ALL})))
    post = await ann.posts(forum, "Coffee", "Where is it?")
    async with house.life():
        await finished(discord, post)


# -- in place ----------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", ["this channel", ALL])
async def test_in_a_chosen_channel_answers_are_replies_and_go_on_by_replying(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, chosen: str
) -> None:
    channel = chosen if chosen == ALL else discord.general.id
    house.options = replace(house.options, in_place=Channels(frozenset({channel})))
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await finished(discord, discord.general)
        assert discord.thread(asked) is None
        assert discord.reads(discord.general)[-1].reply_to.endswith("hello")
        await ann.replies(discord.answers(discord.general)[-1], "and now?")
        await answered(discord, "and now?", discord.general)
        await ann.mentions_bot(discord.general, "something else")
        await answered(discord, "something else", discord.general)
    first, second, third = conversations(house)
    assert first == second
    assert third != first


async def test_elsewhere_threads_are_made_as_ever(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    other = discord.add_channel("other")
    house.options = replace(house.options, in_place=Channels(frozenset({other.id})))
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await finished(discord, asked.id)
    assert texts(discord, discord.general) == []


# -- kinds of channels -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["voice", "stage"])
async def test_in_the_chat_of_a_voice_channel_the_answer_is_a_reply(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, kind: ChannelKind
) -> None:
    room = discord.add_channel("meeting", kind=kind)
    async with house.life():
        await ann.says(room, "I cannot hear you.")
        await ann.mentions_bot(room, "what did she say?")
        await finished(discord, room)
    assert discord.reads(room)[-1].reply_to.endswith("what did she say?")
    assert [one.text for one in house.engine.requests[0].prior] == ["I cannot hear you."]


async def test_in_an_announcement_channel_the_answer_gets_a_thread(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    news = discord.add_channel("news", kind="news")
    async with house.life():
        asked = await ann.mentions_bot(news, "hello")
        await finished(discord, asked.id)
        thread = discord.thread(asked)
        assert thread is not None
        await ann.says(thread, "and now?")
        await answered(discord, "and now?", thread)


async def test_in_a_private_thread_it_is_answered_there(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    thread = ann.thread(discord.general, "Secret", private=True)
    async with house.life():
        await ann.mentions_bot(thread, "hello")
        await answered(discord, "hello", thread)
        await ann.says(thread, "and now?")
        await answered(discord, "and now?", thread)
    assert texts(discord, discord.general) == []


async def test_where_there_are_too_many_threads_the_answer_is_a_reply(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    discord.world.most_threads = 0
    async with house.life():
        await ann.mentions_bot(discord.general, "hello")
        await finished(discord, discord.general)
    assert discord.reads(discord.general)[-1].reply_to.endswith("hello")


async def test_a_follow_up_that_wakes_an_archived_thread_is_answered(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await finished(discord, asked.id)
        thread = discord.thread(asked)
        assert thread is not None
        ann.archives(thread)
        await ann.says(thread, "still there?")
        await answered(discord, "still there?", thread)
