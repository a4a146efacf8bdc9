"""What people in Discord see of an answer, while it grows and when it is there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.events import Activity, Completed, FileMade, Started, Text
from bot.events import File as Made
from bot.ports import Part
from storage.sqlite.store import Store
from tests.fakes.clock import FastForward
from tests.fakes.discord import FakeDiscord, Person
from tests.fakes.discord.wire import DiscordError
from tests.fakes.discord_house import DiscordHouse, finished, texts
from tests.fakes.engine import Gate

EXPIRED = 15 * 60


@asynccontextmanager
async def store_of(house: DiscordHouse) -> AsyncIterator[Store]:
    """What Maru remembers, between two lives."""
    store = await Store.open(house.folder / "maru.db", house.clock)
    try:
        yield store
    finally:
        await store.close()


async def test_an_answer_grows_by_edits_with_a_line_of_what_is_being_done(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    searching, writing = Gate(), Gate()
    house.engine.script(
        [
            Started("r"),
            Activity("searching", "maps"),
            searching,
            Text("One.\n\n"),
            writing,
            Text("Two."),
            Completed(),
        ]
    )
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "count")
        await discord.until(lambda: any("-# " in text for text in texts(discord, asked.id)))
        assert discord.reads(asked.id)[-1].buttons == ("Stop",)
        searching.open()
        await discord.until(lambda: any(text.startswith("One.") for text in texts(discord, asked.id)))
        writing.open()
        await finished(discord, asked.id)
    assert texts(discord, asked.id) == ["One.\n\nTwo."]
    assert discord.reads(asked.id)[-1].edited


async def test_a_long_answer_is_split_and_only_its_end_has_buttons(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    code = "```py\n" + "print(1)\n" * 500 + "```"
    house.engine.script([Started("r"), Text(f"Look:\n\n{code}\n\nDone."), Completed()])
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "an example")
        await finished(discord, asked.id)
    parts = [seen for seen in discord.reads(asked.id) if seen.author == "Maru"]
    assert len(parts) > 2
    assert all(part.text.count("```") == 2 for part in parts[:-1])
    assert sum(part.text.count("print(1)") for part in parts) == 500
    assert [part.buttons for part in parts[:-1]] == [()] * (len(parts) - 1)
    assert parts[-1].text.endswith("Done.")


async def test_nobody_is_pinged_and_nothing_is_previewed(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    # Too large: its name stands in a sentence of ours.
    named = Made("0" * 64, f"@everyone <@{ann.id}>.csv", "text/csv", 99_000_000)
    evil = Text(f"@everyone <@{ann.id}> see https://evil.example/?q=1")
    house.engine.script([Started("r"), evil, FileMade(named), Completed()])
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "ping them")
        await discord.until(lambda: any("too large" in text for text in texts(discord, asked.id)))
    assert all(not answer.pinged for answer in discord.answers(asked.id))
    assert all(not seen.previews for seen in discord.reads(asked.id) if seen.author == "Maru")
    assert "`https://evil.example/?q=1`" in texts(discord, asked.id)[0]


async def test_files_come_with_the_answer_and_one_that_is_too_large_is_named(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life() as life:
        small = await life.files.keep_bytes(b"a,b\n1,2\n")
        large = await life.files.keep_bytes(b"x" * (10 * 2**20 + 1))
        house.engine.script(
            [
                Started("r"),
                Text("Here."),
                FileMade(Made(small.digest, "table.csv", "text/csv", small.size, alt="Two columns."), ""),
                FileMade(Made(large.digest, "film.mp4", "video/mp4", large.size), ""),
                Completed(),
            ]
        )
        asked = await ann.mentions_bot(discord.general, "files")
        await discord.until(lambda: any("film.mp4" in text for text in texts(discord, asked.id)))
    (posted,) = [seen for seen in discord.reads(asked.id) if seen.files]
    assert posted.files == ("table.csv",)
    assert "too large" in posted.text
    (answer,) = [answer for answer in discord.answers(asked.id) if answer.attachments]
    assert answer.attachments[0].content == b"a,b\n1,2\n"
    assert answer.attachments[0].description == "Two columns."


async def test_a_503_while_posting_does_not_post_twice(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life():
        discord.fail("POST messages", 503)
        asked = await ann.mentions_bot(discord.general, "hello")
        await finished(discord, asked.id)
    assert texts(discord, asked.id) == ["You said: hello"]


async def test_an_answer_cut_short_is_finished_after_a_restart(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), Text("Half.\n\n"), gate])
    house.engine.script([Started("r"), Text("Half.\n\nWhole."), Completed()])
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "go")
        await discord.until(lambda: texts(discord, asked.id))
        await gate.reached.wait()
    async with house.life():
        await finished(discord, asked.id)
    assert len(texts(discord, asked.id)) == 1
    assert texts(discord, asked.id)[0].endswith("Whole.")


async def test_the_stop_button_stops(discord: FakeDiscord, house: DiscordHouse, ann: Person) -> None:
    gate = Gate()
    house.engine.script([Started("r"), Text("Half.\n\n"), gate, Text("Never."), Completed()])
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "go")
        await discord.until(lambda: texts(discord, asked.id))
        await gate.reached.wait()
        await ann.presses(discord.answers(asked.id)[-1], "Stop")
        await discord.until(lambda: discord.reads(asked.id)[-1].buttons == ("Again",))
    assert texts(discord, asked.id)[0].startswith("Half.")
    assert "Never." not in texts(discord, asked.id)[0]


async def test_the_again_button_goes_on_working_after_a_restart(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    house.engine.script([Started("r"), Text("First."), Completed()])
    async with house.life() as life:
        asked = await ann.mentions_bot(discord.general, "say")
        await finished(discord, asked.id)
        await life.over()
    discord.world.commands.clear()
    house.engine.script([Started("r"), Text("Second."), Completed()])
    async with house.life():
        await ann.presses(discord.answers(asked.id)[-1], "Again")
        await discord.until(lambda: "Second." in texts(discord, asked.id))
        await finished(discord, asked.id)


async def test_a_command_is_answered_in_its_own_message(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life():
        await discord.until(lambda: discord.world.commands)
        await ann.uses_command("ask", discord.general, prompt="hello")
        await finished(discord, discord.general)
    assert texts(discord, discord.general) == ["You said: hello"]


async def test_a_private_answer_is_seen_by_the_person_alone(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    ben = discord.person("Ben")
    house.engine.script([Started("r"), Text("secret " * 600), Completed()])
    async with house.life():
        await discord.until(lambda: discord.world.commands)
        await ann.uses_command("ask", discord.general, prompt="hello", private=True)
        await finished(discord, discord.general, ann)
    assert len(texts(discord, discord.general, ann)) > 1
    assert all(seen.private for seen in discord.reads(discord.general, ann))
    assert texts(discord, discord.general, ben) == []


async def test_without_the_right_to_make_threads_the_answer_is_a_reply(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    discord.general.denied.add("threads")
    async with house.life():
        await ann.mentions_bot(discord.general, "hello")
        await finished(discord, discord.general)
    assert discord.reads(discord.general)[-1].reply_to.endswith("hello")
    assert discord.answers(discord.general)[-1].pinged == {ann.id}


async def test_an_answer_that_was_posted_while_the_connection_broke_is_there_once(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    async with house.life():
        discord.routes.answers_lost["POST messages"] = 1
        asked = await ann.mentions_bot(discord.general, "hello")
        await finished(discord, asked.id)
    assert texts(discord, asked.id) == ["You said: hello"]


@pytest.mark.parametrize("denied", [set[str](), {"history"}])
async def test_a_crash_between_posting_and_remembering_does_not_post_twice(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, denied: set[str]
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), Text("Half.\n\n"), gate])
    house.engine.script([Started("r"), Text("Half.\n\nWhole."), Completed()])
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "go")
        await discord.until(lambda: texts(discord, asked.id))
        await gate.reached.wait()
        (message,) = discord.answers(asked.id)
        thread = discord.thread(asked)
        assert thread is not None
        thread.denied |= denied
    async with store_of(house) as store:
        await store.parts.put(1, Part(1, "", "Half."))
    async with house.life():
        await finished(discord, asked.id)
    assert len(texts(discord, asked.id)) == 1
    assert discord.answers(asked.id)[0].id == message.id


@pytest.mark.parametrize("headers", [{}, {"Via": "1.1 google"}])
async def test_an_old_message_that_takes_no_more_edits_is_posted_anew(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, headers: dict[str, str]
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), Text("Half.\n\n"), gate, Text("Whole."), Completed()])
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "go")
        await discord.until(lambda: texts(discord, asked.id))
        await gate.reached.wait()
        (before,) = discord.answers(asked.id)
        refusal = DiscordError(429, 30046, "Maximum number of edits reached", headers=headers)
        discord.routes.fails_next["PATCH messages"] = [refusal]
        gate.open()
        await finished(discord, asked.id)
    assert texts(discord, asked.id) == ["Half.\n\nWhole."]
    assert discord.answers(asked.id)[0].id != before.id


async def test_a_thread_that_somebody_made_from_the_question_is_used(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), gate, Text("Here."), Completed()])
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await gate.reached.wait()
        ann.thread(discord.general, "Mine", of=asked)
        gate.open()
        await finished(discord, asked.id)
    assert texts(discord, asked.id) == ["Here."]


async def test_a_thread_that_was_archived_meanwhile_is_woken(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), Text("Half.\n\n"), gate, Text("Whole."), Completed()])
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "hello")
        await discord.until(lambda: texts(discord, asked.id))
        await gate.reached.wait()
        thread = discord.thread(asked)
        assert thread is not None
        thread.archived = True
        gate.open()
        await finished(discord, asked.id)
    assert texts(discord, asked.id) == ["Half.\n\nWhole."]


async def test_a_private_answer_goes_on_by_direct_message_after_its_token(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, ann: Person
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), gate, Text("Secret."), Completed()])
    async with house.life():
        await discord.until(lambda: discord.world.commands)
        await ann.uses_command("ask", discord.general, prompt="hello", private=True)
        await gate.reached.wait()
        clock.ahead = EXPIRED
        gate.open()
        await finished(discord, ann.dm)
    assert texts(discord, ann.dm) == ["Secret."]
    assert texts(discord, discord.general) == []


async def test_a_public_answer_that_outlives_its_token_goes_on_in_the_channel(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, ann: Person
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), Text("Half.\n\n"), gate, Text("Whole. " * 400), Completed()])
    async with house.life():
        await discord.until(lambda: discord.world.commands)
        await ann.uses_command("ask", discord.general, prompt="hello")
        await discord.until(lambda: texts(discord, discord.general))
        await gate.reached.wait()
        clock.ahead = EXPIRED
        gate.open()
        await finished(discord, discord.general)
    said = texts(discord, discord.general)
    assert len(said) == 2
    assert sum(text.count("Whole.") for text in said) == 400


async def test_many_answers_at_once_stay_within_discords_limits(clock: FastForward, tmp_path: Path) -> None:
    async with FakeDiscord(clock=clock, limits=True) as discord:
        house = DiscordHouse(tmp_path, discord, clock=clock)
        ann = discord.person("Ann")
        channels = [discord.add_channel(f"c{number}") for number in range(20)]
        async with house.life():
            asked = [await ann.mentions_bot(channel, "hello") for channel in channels]
            for question in asked:
                await finished(discord, question.id)
        assert not discord.limits.refused
        assert all(texts(discord, question.id) == ["You said: hello"] for question in asked)


async def test_on_a_server_without_maru_what_is_beyond_five_follow_ups_comes_by_direct_message(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    foreign = discord.add_channel("foreign", guild=discord.add_guild("Others", bot=False))
    house.engine.script([Started("r"), Text("word " * 3_000), Completed()])
    async with house.life():
        await discord.until(lambda: discord.world.commands)
        await ann.uses_command("ask", foreign, prompt="hello")
        await finished(discord, ann.dm)
    here, there = texts(discord, foreign), texts(discord, ann.dm)
    assert len(here) == 6
    assert sum(text.count("word") for text in here + there) == 3_000
    assert all(seen.buttons == () for seen in discord.reads(foreign))


async def test_where_maru_cannot_write_the_person_is_told_in_private(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    discord.general.denied |= {"threads", "send"}
    async with house.life():
        await ann.mentions_bot(discord.general, "hello")
        await discord.until(lambda: texts(discord, ann.dm))
    assert "not allowed to write" in texts(discord, ann.dm)[0]
    assert texts(discord, discord.general) == []


async def test_maru_is_seen_typing_until_there_is_something_to_read(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    gate = Gate()
    house.engine.script([Started("r"), gate, Text("Here."), Completed()])
    async with house.life():
        await ann.writes("hello")
        await discord.until(lambda: ann.dm.typed)
        gate.open()
        await finished(discord, ann.dm)
    assert texts(discord, ann.dm) == ["Here."]


@pytest.mark.parametrize("expired", [False, True])
async def test_a_crash_does_not_post_a_commands_follow_up_twice(
    discord: FakeDiscord, house: DiscordHouse, clock: FastForward, ann: Person, expired: bool
) -> None:
    """Such a message has no nonce; the channel says which command it answers."""
    gate = Gate()
    house.engine.script([Started("r"), Text("word " * 600 + "\n\n"), gate])
    house.engine.script([Started("r"), Text("word " * 600 + "\n\nWhole."), Completed()])
    async with house.life():
        await ann.uses_command("ask", discord.general, prompt="hello")
        await discord.until(lambda: len(texts(discord, discord.general)) == 2)
        before = [seen.id for seen in discord.reads(discord.general)]
    async with store_of(house) as store:
        second = (await store.parts.parts(1))[1]
        await store.parts.put(1, Part(second.number, "", second.text))
    clock.ahead = EXPIRED if expired else 0.0
    async with house.life():
        await finished(discord, discord.general)
    assert [seen.id for seen in discord.reads(discord.general)] == before
    assert texts(discord, discord.general)[-1].endswith("Whole.")


async def test_a_crash_does_not_post_an_answer_given_again_twice(
    discord: FakeDiscord, house: DiscordHouse, ann: Person
) -> None:
    gate = Gate()
    async with house.life() as life:
        await ann.uses_command("ask", discord.general, prompt="hello")
        await finished(discord, discord.general)
        await life.over()
        house.engine.script([Started("r"), Text("Half.\n\n"), gate])
        house.engine.script([Started("r"), Text("Half.\n\nWhole."), Completed()])
        await ann.presses(discord.answers(discord.general)[-1], "Again")
        await discord.until(lambda: any(text.startswith("Half.") for text in texts(discord, discord.general)))
    async with store_of(house) as store:
        await store.parts.put(2, Part(1, "", "Half."))
    async with house.life():
        await finished(discord, discord.general)
    assert texts(discord, discord.general) == ["You said: hello", "Half.\n\nWhole."]
