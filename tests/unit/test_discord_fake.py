"""What is said and done in the fake Discord, with the real discord.py living in it."""

import io
from collections.abc import AsyncIterator

import discord
import pytest
from discord.http import Route

from bot.clock import Clock
from tests.fakes.clock import ManualClock
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.listener import Bot, listening

MANY = "x" * 2001


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def service(clock: Clock) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(clock=clock) as service:
        yield service


@pytest.fixture
async def bot(service: FakeDiscord) -> AsyncIterator[Bot]:
    async with listening(service) as bot:
        yield bot


def channel_of(bot: Bot, service: FakeDiscord) -> discord.TextChannel:
    found = bot.get_channel(int(service.general.id))
    assert isinstance(found, discord.TextChannel)
    return found


async def refused(code: int, done: object) -> None:
    """What was asked for is refused with this code."""
    with pytest.raises(discord.HTTPException) as caught:
        await done  # type: ignore[misc]  # an awaitable of any kind
    assert caught.value.code == code


async def test_a_bot_hears_a_mention_and_replies(service: FakeDiscord, bot: Bot) -> None:
    ann = service.person("Ann")
    await ann.mentions_bot(service.general, "hello")
    assert await bot.texts(1) == [f"<@{service.world.maru.id}> hello"]
    assert bot.user in bot.heard[0].mentions
    await bot.heard[0].reply("hi")
    seen = service.reads(service.general)
    assert [(one.author, one.text) for one in seen] == [("Ann", "@Maru hello"), ("Maru", "hi")]
    assert seen[1].reply_to.endswith("hello")


async def test_edits_and_deletes_are_told(service: FakeDiscord, bot: Bot) -> None:
    ann = service.person("Ann")
    message = await ann.says(service.general, "one")
    await ann.edits(message, "two")
    await ann.deletes(message)
    await service.until(lambda: bot.deleted)
    assert [event.message.content for event in bot.edited] == ["two"]
    assert bot.deleted == [int(message.id)]
    assert service.reads(service.general) == []


async def test_direct_messages_arrive_and_go(service: FakeDiscord, bot: Bot) -> None:
    ann = service.person("Ann")
    await ann.writes("psst")
    assert await bot.texts(1) == ["psst"]
    assert isinstance(bot.heard[0].channel, discord.DMChannel)
    await bot.heard[0].channel.send("yes?")
    assert [one.text for one in service.reads(ann.dm)] == ["psst", "yes?"]


async def test_a_person_who_is_closed_gets_no_direct_message(service: FakeDiscord, bot: Bot) -> None:
    ann = service.person("Ann")
    ann.user.closed = True
    user = await bot.fetch_user(int(ann.id))
    await refused(50007, user.send("hi"))


async def test_what_is_too_long_or_empty_is_refused(service: FakeDiscord, bot: Bot) -> None:
    channel = channel_of(bot, service)
    await refused(50035, channel.send(MANY))
    await refused(50006, channel.send(" "))
    message = await channel.send("x" * 2000)
    await refused(50035, message.edit(content=MANY))
    assert [len(one.text) for one in service.reads(service.general)] == [2000]


async def test_everybody_hears_a_sound_unless_that_is_forbidden(service: FakeDiscord, bot: Bot) -> None:
    ann = service.person("Ann")
    channel = channel_of(bot, service)
    text = f"@everyone <@{ann.id}> <@&77>"
    await channel.send(text)
    await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
    loud, quiet = service.answers(service.general)
    assert loud.pinged == {ann.id, "role:77", "everyone"}
    assert quiet.pinged == set()


async def test_links_are_previewed_unless_that_is_suppressed(service: FakeDiscord, bot: Bot) -> None:
    channel = channel_of(bot, service)
    await channel.send("see https://example.com/a and <https://example.com/b>")
    await channel.send("see https://example.com/a", suppress_embeds=True)
    assert [one.previews for one in service.reads(service.general)] == [("https://example.com/a",), ()]


async def test_a_nonce_gives_the_same_message_again(
    service: FakeDiscord, bot: Bot, clock: ManualClock
) -> None:
    channel = channel_of(bot, service)
    first = await channel.send("once", nonce="n1")
    assert (await channel.send("once", nonce="n1")).id == first.id
    await clock.advance(181)
    assert (await channel.send("once", nonce="n1")).id != first.id


async def test_an_old_message_takes_few_edits(service: FakeDiscord, bot: Bot, clock: ManualClock) -> None:
    message = await channel_of(bot, service).send("old")
    await clock.advance(3601)
    for number in range(3):
        await message.edit(content=f"edit {number}")
    await refused(30046, message.edit(content="one more"))


async def test_components_are_looked_at(service: FakeDiscord, bot: Bot) -> None:
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=service.general.id)

    async def send(*buttons: dict[str, object]) -> object:
        rows = [{"type": 1, "components": list(buttons)}]
        return await bot.http.request(route, json={"content": "x", "components": rows})

    good: dict[str, object] = {"type": 2, "style": 2, "label": "Stop", "custom_id": "a"}
    await send(good)
    await refused(50035, send(good | {"custom_id": "a" * 101}))
    await refused(50035, send(good | {"label": "a" * 81}))
    await refused(50035, send(*(good | {"custom_id": str(number)} for number in range(6))))
    await refused(50035, send(good, good))
    assert [one.buttons for one in service.reads(service.general)] == [("Stop",)]


async def test_a_thread_has_the_id_of_its_message_and_is_made_once(service: FakeDiscord, bot: Bot) -> None:
    ann = service.person("Ann")
    message = await ann.says(service.general, "talk")
    await bot.texts(1)
    thread = await bot.heard[0].create_thread(name="Talk")
    assert thread.id == int(message.id)
    await thread.send("here")
    await refused(160004, bot.heard[0].create_thread(name="Talk"))
    found = service.thread(message)
    assert found is not None
    assert [one.text for one in service.reads(found)] == ["here"]
    found.locked = True
    await refused(160005, thread.send("there"))


async def test_an_archived_thread_refuses_edits_and_wakes_when_written_to(
    service: FakeDiscord, bot: Bot
) -> None:
    ann = service.person("Ann")
    await ann.says(service.general, "talk")
    await bot.texts(1)
    thread = await bot.heard[0].create_thread(name="Talk")
    message = await thread.send("here")
    found = service.world.channels[str(thread.id)]
    found.archived = True
    await refused(50083, message.edit(content="there"))
    await thread.send("again")
    await message.edit(content="there")
    assert [one.text for one in service.reads(found)] == ["there", "again"]


async def test_a_forum_may_demand_a_tag(service: FakeDiscord, bot: Bot) -> None:
    forum = service.add_channel("questions", kind="forum", tags=("88",))
    forum.demands_tag = True
    await service.until(lambda: bot.get_channel(int(forum.id)))
    found = bot.get_channel(int(forum.id))
    assert isinstance(found, discord.ForumChannel)
    await refused(40067, found.create_thread(name="Why", content="why?"))
    forum.demands_tag = False
    thread, message = await found.create_thread(name="Why", content="why?")
    assert thread.id == message.id


async def test_a_forum_post_arrives_with_its_first_message(service: FakeDiscord, bot: Bot) -> None:
    forum = service.add_channel("questions", kind="forum")
    ann = service.person("Ann")
    thread = await ann.posts(forum, "Why", "why?")
    assert await bot.texts(1) == ["why?"]
    assert bot.heard[0].id == bot.heard[0].channel.id == int(thread.id)


async def test_permissions_are_demanded(service: FakeDiscord, bot: Bot) -> None:
    channel = channel_of(bot, service)
    service.general.denied = {"attach"}
    await refused(50013, channel.send(file=discord.File(io.BytesIO(b"x"), "x.txt")))
    service.general.denied = {"send"}
    await refused(50013, channel.send("hi"))
    service.general.denied = {"view"}
    await refused(50001, channel.send("hi"))


async def test_history_goes_by_pages_and_around_a_message(service: FakeDiscord, bot: Bot) -> None:
    ann = service.person("Ann")
    said = [await ann.says(service.general, str(number)) for number in range(120)]
    channel = channel_of(bot, service)
    assert [one.content async for one in channel.history(limit=None)] == [str(n) for n in range(119, -1, -1)]
    after = channel.history(after=discord.Object(said[110].id), limit=None)
    assert [one.content async for one in after] == [str(n) for n in range(111, 120)]
    around = channel.history(around=discord.Object(said[50].id), limit=5)
    assert sorted([int(one.content) async for one in around]) == [48, 49, 50, 51, 52]


async def test_files_go_in_and_out_and_their_addresses_expire(
    service: FakeDiscord, bot: Bot, clock: ManualClock
) -> None:
    ann = service.person("Ann")
    await ann.says(service.general, "look", files=[ann.file("a.txt", b"inside")])
    await bot.texts(1)
    attachment = bot.heard[0].attachments[0]
    assert await attachment.read() == b"inside"
    await clock.advance(86_401)
    with pytest.raises(discord.NotFound):
        await attachment.read()
    again = await channel_of(bot, service).fetch_message(bot.heard[0].id)
    assert await again.attachments[0].read() == b"inside"
    await channel_of(bot, service).send("mine", file=discord.File(io.BytesIO(b"out"), "b.txt"))
    assert service.reads(service.general)[-1].files == ("b.txt",)


async def test_expired_addresses_are_exchanged_for_new_ones(
    service: FakeDiscord, bot: Bot, clock: ManualClock
) -> None:
    ann = service.person("Ann")
    await ann.says(service.general, "look", files=[ann.file("a.txt", b"inside")])
    await bot.texts(1)
    await clock.advance(86_401)
    body = {"attachment_urls": [bot.heard[0].attachments[0].url]}
    done = await bot.http.request(Route("POST", "/attachments/refresh-urls"), json=body)
    assert await bot.http.get_from_cdn(done["refreshed_urls"][0]["refreshed"]) == b"inside"


async def test_a_file_beyond_the_server_s_limit_is_refused(service: FakeDiscord, bot: Bot) -> None:
    channel = channel_of(bot, service)
    large = b"x" * (10 * 2**20 + 1)
    await refused(40005, channel.send(file=discord.File(io.BytesIO(large), "x.bin")))
    service.guild.premium_tier = 2
    await channel.send(file=discord.File(io.BytesIO(large), "x.bin"))
    assert service.reads(service.general)[0].files == ("x.bin",)
