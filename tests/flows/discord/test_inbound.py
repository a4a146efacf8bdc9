"""What people do in Discord reaches Maru once, whatever the connection does."""

import asyncio
import threading
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.events import Completed, Started, Text
from tests.fakes.clock import FastForward
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_house import DiscordHouse, answered
from tests.fakes.engine import Gate
from tests.fakes.processes import until


async def test_a_mention_opens_a_thread_and_follow_ups_need_none(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    ann = discord.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await answered(discord, "hello", asked.id)
        thread = discord.thread(asked)
        assert thread is not None
        await ann.says(thread, "and now?")
        await answered(discord, "and now?", thread)
    assert house.heard() == ["hello", "and now?"]


async def test_what_is_for_others_is_left_alone(discord: FakeDiscord, house: DiscordHouse) -> None:
    """Channel talk, a follow-up to somebody else, @everyone, other bots and webhooks."""
    ann, ben, robot = discord.person("Ann"), discord.person("Ben"), discord.person("Robo", bot=True)
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await answered(discord, "hello", asked.id)
        thread = discord.thread(asked)
        assert thread is not None
        await ann.says(discord.general, "lunch?")
        await ann.says(discord.general, "@everyone lunch!")
        await ann.says(thread, f"<@{ben.id}> what do you think?")
        await robot.mentions_bot(discord.general, "beep")
        await ann.says(discord.general, f"<@{discord.world.maru.id}> hook", webhook=True)
        last = await ann.mentions_bot(discord.general, "bye")
        await answered(discord, "bye", last.id)
    assert house.heard() == ["hello", "bye"]


async def test_a_direct_message_needs_no_mention(discord: FakeDiscord, house: DiscordHouse) -> None:
    ann = discord.person("Ann")
    async with house.life():
        await ann.writes("one")
        await answered(discord, "one", ann.dm)
        await ann.writes("two")
        await answered(discord, "two", ann.dm)
    assert house.engine.requests[0].turn.conversation == house.engine.requests[1].turn.conversation


async def test_a_mention_in_a_discussion_is_asked_with_what_was_said_before(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    ann, ben = discord.person("Ann"), discord.person("Ben")
    async with house.life():
        await ann.says(discord.general, "The launch is on Friday.")
        await ben.says(discord.general, "Fine with me.")
        asked = await ann.mentions_bot(discord.general, "summarise this")
        await answered(discord, "summarise this", asked.id)
    (request,) = house.engine.requests
    assert [(one.author, one.text) for one in request.prior] == [
        ("Ann", "The launch is on Friday."),
        ("Ben", "Fine with me."),
    ]


async def test_a_file_is_read_also_when_its_address_has_expired(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), gate, Text("First."), Completed()])
    ann = discord.person("Ann")
    async with house.life():
        await ann.writes("first")
        await gate.reached.wait()
        await ann.writes("read", files=[ann.file("a.txt", b"seven")])
        clock.ahead = 25 * 3_600
        gate.open()
        await answered(discord, "read", ann.dm)
        assert discord.cdn.served == ["a.txt"]
    (attachment,) = house.engine.requests[-1].turn.messages[0].attachments
    assert attachment.digest
    assert not attachment.problem


async def test_a_file_that_is_gone_is_asked_for_again(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward
) -> None:
    ann = discord.person("Ann")
    async with house.life():
        file = ann.file("a.txt", b"seven")
        discord.cdn.lost.add(file.id)
        await ann.writes("read", files=[file])
        await discord.until(lambda: "Please send it again" in discord.reads(ann.dm)[-1].text)


async def test_ask_answers_in_the_channel(discord: FakeDiscord, house: DiscordHouse) -> None:
    ann = discord.person("Ann")
    async with house.life():
        await discord.until(lambda: discord.world.commands)
        interaction = await ann.uses_command("ask", discord.general, prompt="hello")
        assert interaction.acknowledged
        await answered(discord, "hello", discord.general)
    assert discord.gestures.complaints == []


async def test_a_private_question_is_answered_in_private_and_goes_on(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    ann, ben = discord.person("Ann"), discord.person("Ben")
    async with house.life():
        await discord.until(lambda: discord.world.commands)
        await ann.uses_command("ask", discord.general, prompt="psst", private=True)
        await answered(discord, "psst", discord.general, ann)
        await ann.uses_command("ask", discord.general, prompt="more", private=True)
        await answered(discord, "more", discord.general, ann)
        assert discord.reads(discord.general, ben) == []
    first, second = house.engine.requests
    assert first.turn.conversation == second.turn.conversation


async def test_commands_answer_in_private_and_in_the_persons_language(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    minji = discord.person("Minji", locale="ko")
    async with house.life():
        await discord.until(lambda: discord.world.commands)
        await minji.uses_command("help", discord.general)
        await discord.until(
            lambda: any("동료에게" in m.text for m in discord.reads(discord.general, minji) if m.private)
        )
    assert discord.reads(discord.general) == []


async def test_the_menu_of_a_message_asks_about_it(discord: FakeDiscord, house: DiscordHouse) -> None:
    ann, ben = discord.person("Ann"), discord.person("Ben")
    async with house.life():
        await discord.until(lambda: discord.world.commands)
        said = await ben.says(discord.general, "The build is red.")
        await ann.uses_menu("Ask Maru about this", said)
        await answered(discord, "The build is red.", discord.general)
    assert "> The build is red." in house.heard()[0]


async def test_an_edited_question_can_be_answered_again(discord: FakeDiscord, house: DiscordHouse) -> None:
    ann = discord.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "one")
        await answered(discord, "one", asked.id)
        await discord.until(lambda: any(m.buttons for m in discord.reads(asked.id)))
        await ann.edits(asked, f"<@{discord.world.maru.id}> two")
        await discord.until(lambda: "Shall I answer" in discord.reads(asked.id)[-1].text)
        offer = discord.answers(asked.id)[-1]
        await ann.presses(offer, discord.reads(asked.id)[-1].buttons[0])
        await answered(discord, "two", asked.id)


async def test_a_deleted_question_is_not_answered(discord: FakeDiscord, house: DiscordHouse) -> None:
    gate = Gate()
    house.engine.script([Started("r"), Text("Once "), gate, Text("upon"), Completed()])
    ann = discord.person("Ann")
    async with house.life():
        await ann.writes("first")
        await gate.reached.wait()
        gone = await ann.writes("second")
        await ann.writes("third")
        await ann.deletes(gone)
        await asyncio.sleep(0)
        gate.open()
        await answered(discord, "third", ann.dm)
    assert house.heard() == ["first", "third"]


async def test_what_is_told_twice_is_asked_once(discord: FakeDiscord, house: DiscordHouse) -> None:
    ann = discord.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "once")
        discord.repeat()
        await answered(discord, "once", asked.id)
        last = await ann.mentions_bot(discord.general, "bye")
        await answered(discord, "bye", last.id)
    assert house.heard() == ["once", "bye"]


async def test_after_a_resume_nothing_is_lost_or_answered_twice(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    ann = discord.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "before")
        await answered(discord, "before", asked.id)
        await discord.drop(4000)
        missed = await ann.mentions_bot(discord.general, "meanwhile")
        await answered(discord, "meanwhile", missed.id)
    assert house.heard() == ["before", "meanwhile"]


async def test_what_was_said_while_maru_was_away_is_answered_at_start(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    ann = discord.person("Ann")
    missed = await ann.mentions_bot(discord.general, "anybody there?")
    async with house.life():
        await answered(discord, "anybody there?", missed.id)


async def test_it_begins_again_where_discord_py_gives_up(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward
) -> None:
    clock.speed = 20.0
    ann = discord.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "before")
        await answered(discord, "before", asked.id)
        discord.malform()
        last = await ann.mentions_bot(discord.general, "after")
        await answered(discord, "after", last.id)


async def test_without_the_content_intent_it_hears_what_is_for_it_and_says_what_is_missing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with FakeDiscord(content=False) as discord:
        house = DiscordHouse(tmp_path, discord)
        ann = discord.person("Ann")
        async with house.life():
            asked = await ann.mentions_bot(discord.general, "hello")
            await answered(discord, "hello", asked.id)
            await ann.writes("hi")
            await answered(discord, "hi", ann.dm)
    assert "Message Content intent is switched off" in caplog.text


async def test_a_wrong_token_ends_the_start_with_the_remedy(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    discord.token = "wrong"
    with pytest.raises(SettingsError, match="DISCORD_BOT_TOKEN"):
        async with house.life():
            pass


async def test_after_a_lost_session_the_gap_is_read_from_history(
    discord: FakeDiscord, house: DiscordHouse
) -> None:
    """A mention, a follow-up in a thread and a direct message; what others said is left alone."""
    ann = discord.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "before")
        await answered(discord, "before", asked.id)
        await ann.writes("direct before")
        await answered(discord, "direct before", ann.dm)
        thread = discord.thread(asked)
        assert thread is not None
        async with discord.outage():
            await ann.says(discord.general, "lunch?")
            missed = await ann.mentions_bot(discord.general, "meanwhile")
            await ann.says(thread, "follow-up")
            await ann.writes("direct meanwhile")
        await answered(discord, "meanwhile", missed.id)
        await answered(discord, "follow-up", thread)
        await answered(discord, "direct meanwhile", ann.dm)
    assert sorted(house.heard()) == ["before", "direct before", "direct meanwhile", "follow-up", "meanwhile"]
    heartbeats = [thread for thread in threading.enumerate() if thread.name.startswith("keep-alive-handler")]
    for heartbeat in heartbeats:
        heartbeat.join(timeout=5.0)
    assert not any(heartbeat.is_alive() for heartbeat in heartbeats)


async def test_what_is_said_while_the_disk_is_full_is_answered_once_there_is_room(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, caplog: pytest.LogCaptureFixture
) -> None:
    """Discord tells it once."""

    async def noticed() -> bool:
        return "cannot be stored yet" in caplog.text

    ann = discord.person("Ann")
    async with house.life() as life:
        await life.store.database.read(lambda connection: connection.execute("PRAGMA query_only=ON"))
        asked = await ann.mentions_bot(discord.general, "anybody there?")
        await until(noticed)
        await life.store.database.read(lambda connection: connection.execute("PRAGMA query_only=OFF"))
        clock.ahead += 60
        await answered(discord, "anybody there?", asked.id)
    assert house.heard() == ["anybody there?"]
