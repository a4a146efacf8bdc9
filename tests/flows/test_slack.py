"""Maru in Slack as a person sees it: asked, answered, stopped and asked again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack.limits import PLAIN_CHARS
from bot.events import Citation, Completed, FileMade, Restarted, Source, Started, Text
from bot.events import File as Made
from tests.fakes.engine import Gate
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.wire import SlackError
from tests.fakes.slack_house import SlackHouse, answered, texts


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
async def house(slack: FakeSlack, tmp_path: Path) -> SlackHouse:
    return SlackHouse(tmp_path, slack)


async def test_a_mention_is_answered_in_its_thread_and_followed_up_without_one(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """Mention and message arrive as two events and are one question."""
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "hello")
        await answered(slack, "You said: hello", asked)
        await ann.says(slack.general, "and now?", thread=asked)
        await answered(slack, "You said: and now?", asked)
        await slack.delivered()
    assert len(texts(slack, asked)) == 2
    assert slack.events.pinged == []


async def test_what_is_for_others_is_left_alone(slack: FakeSlack, house: SlackHouse) -> None:
    """Channel talk, a follow-up to somebody else, and other bots."""
    ann, ben, robot = slack.person("Ann"), slack.person("Ben"), slack.person("Robo", kind="bot")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "hello")
        await answered(slack, "hello", asked)
        await ann.says(slack.general, "lunch?")
        await ann.says(slack.general, f"<@{ben.id}> what do you think?", thread=asked)
        await robot.mentions_bot(slack.general, "beep")
        last = await ann.mentions_bot(slack.general, "bye")
        await answered(slack, "bye", last)
        await slack.delivered()
    assert len(house.engine.requests) == 2


async def test_a_gesture_that_arrives_again_is_one_question(slack: FakeSlack, house: SlackHouse) -> None:
    """Under two timestamps, and each event three times as if it were new."""
    ann = slack.person("Ann")
    slack.delivery.copies = 3
    async with house.life():
        await ann.mentions_bot(slack.general, "once", twice=True)
        await slack.until(lambda: len(slack.answers(slack.general)) >= 1)
        await slack.delivered()
    assert len(house.engine.requests) == 1


async def test_direct_and_group_messages_need_no_mention(slack: FakeSlack, house: SlackHouse) -> None:
    """Each top-level message begins a conversation."""
    ann, ben = slack.person("Ann"), slack.person("Ben")
    group = slack.add_channel("", ann, ben, kind="mpim")
    async with house.life():
        first, second = await ann.writes("one"), await ann.writes("two")
        await answered(slack, "You said: one", first, ann.dm)
        await answered(slack, "You said: two", second, ann.dm)
        third = await ben.says(group, "three")
        await answered(slack, "You said: three", third, group)


async def test_an_answer_streams_and_its_end_is_exact(slack: FakeSlack, house: SlackHouse) -> None:
    """What streamed is what stays; sources and buttons come at the end."""
    gate = Gate()
    source = Source("s1", "Handbook", "Vacation", "https://example.com/handbook")
    house.engine.script(
        [
            Started("r"),
            Text("The first sentence is here. And the second "),
            gate,
            Text("ends here."),
            Citation(source),
            Completed(),
        ]
    )
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "tell me")
        await slack.until(
            lambda: any(m.streaming and "first" in m.text for m in slack.reads(slack.general, asked))
        )
        gate.open()
        await answered(slack, "Handbook", asked)
    (text,) = texts(slack, asked)
    assert text.startswith("The first sentence is here. And the second ends here. [1]")
    assert "1. [Handbook](https://example.com/handbook) – Vacation" in text
    assert slack.routes.counts["chat.update"] == 0


async def test_without_streams_it_posts_and_edits(slack: FakeSlack, house: SlackHouse) -> None:
    """Slack is asked for a stream once, and never again."""
    slack.routes.unavailable["chat.startStream"] = "unknown_method"
    gate = Gate()
    house.engine.script([Started("r"), Text("Here is the beginning of "), gate, Text("it all."), Completed()])
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "tell me")
        await slack.until(lambda: any("beginning" in text for text in texts(slack, asked)))
        gate.open()
        await answered(slack, "Here is the beginning of it all.", asked)
        await ann.says(slack.general, "more", thread=asked)
        await answered(slack, "You said: more", asked)
    assert slack.routes.counts["chat.startStream"] == 1


async def test_a_stream_that_dies_is_made_whole(slack: FakeSlack, house: SlackHouse) -> None:
    """Slack ends it early; the message is repaired by an edit."""
    gate = Gate()
    house.engine.script(
        [Started("r"), Text("The beginning was fine. "), gate, Text("So was the end."), Completed()]
    )
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "tell me")
        await slack.until(lambda: any(m.streaming and m.text for m in slack.reads(slack.general, asked)))
        slack.streams.life = 0.0
        gate.open()
        await answered(slack, "The beginning was fine. So was the end.", asked)
    assert len(texts(slack, asked)) == 1


async def test_a_long_answer_goes_on_in_further_messages(slack: FakeSlack, house: SlackHouse) -> None:
    """Nothing is lost, and only the last carries buttons."""
    words = [f"word{number}" for number in range(4_000)]
    house.engine.script(
        [
            Started("r"),
            *(Text(" ".join(words[n : n + 100]) + ".\n\n") for n in range(0, 4_000, 100)),
            Completed(),
        ]
    )
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "tell me")
        await answered(slack, words[-1], asked)
    said = " ".join(texts(slack, asked)).replace(".", " ").split()
    assert said == words
    assert [bool(m.buttons) for m in slack.reads(slack.general, asked) if m.author == "Maru"][:-1].count(
        True
    ) == 0


async def test_a_restart_in_the_middle_of_a_stream_finishes_the_same_message(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """The new process does not know the stream, only its message."""
    gate = Gate()
    house.engine.script([Started("r"), Text("The beginning is here, "), gate, Completed()])
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "tell me")
        await slack.until(lambda: any(m.streaming and m.text for m in slack.reads(slack.general, asked)))
    house.engine.script([Text("The beginning is here, and the end."), Completed()])
    async with house.life():
        await answered(slack, "The beginning is here, ", asked)
    assert len(texts(slack, asked)) == 1


async def test_stop_works_by_slacks_button_and_by_ours(slack: FakeSlack, house: SlackHouse) -> None:
    """Also before the model has said a word."""
    silent = Gate()
    house.engine.script(
        [Started("r"), silent, Completed()], [Started("r"), Text("A long story "), Gate(), Completed()]
    )
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "one")
        await silent.reached.wait()
        await ann.presses_stop(asked)
        await answered(slack, "Stopped.", asked)
        slack.routes.unavailable["chat.startStream"] = "unknown_method"
        second = await ann.mentions_bot(slack.general, "two")
        await slack.until(lambda: any("long" in text for text in texts(slack, second)))
        (growing,) = slack.answers(slack.general, second)
        await ann.presses(growing, "maru_stop")
        await answered(slack, "Stopped.", second)


async def test_again_and_feedback(slack: FakeSlack, house: SlackHouse) -> None:
    """A thumb is stored; again answers anew."""
    ann = slack.person("Ann")
    async with house.life() as life:
        asked = await ann.mentions_bot(slack.general, "hello")
        await answered(slack, "hello", asked)
        (answer,) = slack.answers(slack.general, asked)
        thumb = next(
            element
            for block in answer.blocks
            for element in block.get("elements", ())
            if element["type"] == "feedback_buttons"
        )
        await ann.presses(answer, "maru_feedback", thumb["positive_button"]["value"])
        assert list((await life.store.ledger.feedback(1)).values()) == ["helpful"]
        await ann.presses(answer, "maru_again")
        await slack.until(lambda: len(texts(slack, asked)) == 2)
        await answered(slack, "hello", asked)


async def test_files_go_both_ways(slack: FakeSlack, house: SlackHouse) -> None:
    """A file alone is a question; what the model made is in the thread."""
    ann = slack.person("Ann")
    async with house.life() as life:
        kept = await life.files.keep_bytes(b"a,b\n1,2\n")
        made = Made(kept.digest, "table.csv", "text/csv", kept.size, alt="Two columns.")
        house.engine.script([Started("r"), Text("Here."), FileMade(made), Completed()])
        asked = await ann.mentions_bot(
            slack.general,
            "",
            files=[ann.file("in.txt", b"some words"), ann.file("moved.txt", b"x", elsewhere=True)],
        )
        await slack.until(lambda: any("table.csv" in m.files for m in slack.reads(slack.general, asked)))
        (shared,) = [file for m in slack.answers(slack.general, asked) for file in m.files]
        assert shared.alt == "Two columns."
        (request,) = house.engine.requests
        (message,) = request.turn.messages
        assert [await life.files.read(file.digest) for file in message.attachments] == [b"some words", b"x"]


async def test_a_cold_thread_is_read_first(slack: FakeSlack, house: SlackHouse) -> None:
    """What others wrote is quoted material."""
    ann, ben = slack.person("Ann"), slack.person("Ben")
    root = await ann.says(slack.general, "The launch is on Friday.")
    await ben.says(slack.general, f"<@{ann.id}> I am ready.", thread=root)
    async with house.life():
        await ben.mentions_bot(slack.general, "summarise this", thread=root)
        await answered(slack, "summarise this", root)
    prior = house.engine.requests[0].prior
    assert [(quoted.author, quoted.text) for quoted in prior] == [
        ("Ann", "The launch is on Friday."),
        ("Ben", "@Ann I am ready."),
    ]


async def test_guests_and_people_of_other_companies_are_refused(slack: FakeSlack, house: SlackHouse) -> None:
    """By what they are."""
    guest = slack.person("Gus", kind="guest", locale="ko-KR")
    other = slack.add_team("Other")
    olga = slack.person("Olga", team=other)
    slack.share(slack.general, olga)
    async with house.life():
        await guest.mentions_bot(slack.general, "안녕")
        await olga.mentions_bot(slack.general, "hi")
        await slack.until(lambda: {m.only_for for m in slack.world.ephemeral} == {guest.id, olga.id})
    assert house.engine.requests == []
    assert any("구성원" in m.text for m in slack.world.ephemeral)


async def test_commands_by_slash_and_by_message(slack: FakeSlack, house: SlackHouse) -> None:
    """`/maru reset` outside of a conversation lists the person's own."""
    ann = slack.person("Ann")
    async with house.life():
        await ann.types_command("/maru help", slack.general)
        await slack.until(lambda: any("reset" in m.text for m in slack.world.ephemeral))
        asked = await ann.mentions_bot(slack.general, "remember me")
        await answered(slack, "remember me", asked)
        await ann.types_command("/maru reset", slack.general)
        await slack.until(lambda: any(m.blocks for m in slack.world.ephemeral))
        await ann.presses(slack.world.ephemeral[-1], "maru_command_0")
        await slack.until(lambda: any("start over" in m.text for m in slack.world.ephemeral[2:]))
        await ann.says(slack.general, "help", thread=asked)
        await slack.until(lambda: len(slack.world.ephemeral) == 4)
    assert len(house.engine.requests) == 1


async def test_an_assistant_chosen_after_the_slash_answers_in_the_whole_channel(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """Because a slash command cannot be typed in a thread."""
    ann = slack.person("Ann")
    async with house.life():
        await ann.types_command("/maru assistant", slack.general)
        await slack.until(lambda: any("`maru` answers" in m.text for m in slack.world.ephemeral))
        await ann.types_command("/maru assistant cook", slack.general)
        await slack.until(lambda: any("`cook` answers" in m.text for m in slack.world.ephemeral))
        asked = await ann.mentions_bot(slack.general, "hungry")
        await answered(slack, "hungry", asked)
    assert house.engine.requests[-1].assistant.name == "cook"


async def test_code_that_a_notification_cuts_off_pings_nobody(slack: FakeSlack, house: SlackHouse) -> None:
    """What notifications show is the beginning of the text, perhaps without the end of its code."""
    slack.routes.unavailable["chat.startStream"] = "unknown_method"
    ping = "`<!channel>"
    house.engine.script(
        [Started("r"), Text("x" * (PLAIN_CHARS // 5 * 4 - len(ping)) + f"{ping} `"), Completed()]
    )
    async with house.life():
        asked = await slack.person("Ann").mentions_bot(slack.general, "show me")
        await answered(slack, "channel", asked)
    assert slack.events.pinged == []


async def test_nothing_pings_unfurls_or_links_what_nobody_brought_up(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """Whatever the model writes, streamed or edited."""
    evil = "<!channel> <@U0AAAA> see https://evil.example/?q=secret and ![x](https://evil.example/i.png). "
    house.engine.script([Started("r"), Text(evil), Restarted(), Text(evil), Text("The end."), Completed()])
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "look at https://fine.example/page please")
        await answered(slack, "The end.", asked)
    assert slack.events.pinged == []
    assert [address for address in slack.events.unfurled if "evil" in address] == []


async def test_http_delivery_is_checked(slack: FakeSlack, tmp_path: Path) -> None:
    """Signed and recent, or not at all."""
    # Else what was really written would be found in the history, however it was delivered.
    slack.routes.fails_next["users.conversations"] = [SlackError("missing_scope")]
    house = SlackHouse(tmp_path, slack, http=True)
    ann = slack.person("Ann")
    async with house.life():
        posts = slack.posts[-1]
        assert await posts.verify() == "c-1234"
        posts.forged = True
        await ann.writes("forged")
        await slack.until(lambda: any(len(p.reasons) == 2 for p in slack.delivery.parcels))
        posts.forged, posts.age = False, 600.0
        await ann.writes("old")
        await slack.until(lambda: sum(len(p.reasons) == 2 for p in slack.delivery.parcels) == 2)
        posts.age = 0.0
        asked = await ann.writes("hello")
        await answered(slack, "You said: hello", asked, ann.dm)
    assert len(house.engine.requests) == 1


async def test_a_refresh_and_a_stale_ticket_are_survived(slack: FakeSlack, house: SlackHouse) -> None:
    """The socket comes back by itself."""
    ann = slack.person("Ann")
    async with house.life():
        await slack.socket.disconnect("refresh_requested")
        await slack.until(lambda: slack.socket.opened >= 2)
        asked = await ann.writes("hello")
        await answered(slack, "You said: hello", asked, ann.dm)


async def test_a_socket_that_cannot_come_back_is_rebuilt(slack: FakeSlack, house: SlackHouse) -> None:
    """Handshakes fail, so the ticket that the client holds on to is worth nothing."""
    ann = slack.person("Ann")
    slack.socket.refuse_handshakes = 1
    async with house.life():
        asked = await ann.writes("hello")
        await answered(slack, "You said: hello", asked, ann.dm)
    assert slack.socket.refused == 1


async def test_an_answer_whose_post_was_lost_is_not_posted_twice(slack: FakeSlack, house: SlackHouse) -> None:
    """Slack did it and the word of it never came: it is found by its metadata."""
    slack.routes.unavailable["chat.startStream"] = "unknown_method"
    slack.routes.answers_lost["chat.postMessage"] = 1
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "hello")
        await answered(slack, "You said: hello", asked)
        await slack.delivered()
    assert len(texts(slack, asked)) == 1


async def test_where_maru_cannot_write_the_person_is_told(slack: FakeSlack, house: SlackHouse) -> None:
    """A mention reaches Maru where it is no member."""
    ann = slack.person("Ann")
    elsewhere = slack.add_channel("elsewhere", ann, bot=False)
    async with house.life():
        await ann.mentions_bot(elsewhere, "hello")
        await slack.until(lambda: any("/invite" in m.text for m in slack.reads(ann.dm)))


async def test_a_page_to_log_in_is_no_file(slack: FakeSlack, house: SlackHouse) -> None:
    """Without files:read Slack answers 200 and HTML."""
    ann = slack.person("Ann")
    token = slack.world.tokens[slack.bot_token]
    token.scopes -= {"files:read"}
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "read", files=[ann.file("in.txt", b"some words")])
        await answered(slack, "files:read", asked)


async def test_the_shortcut_asks_about_a_message(slack: FakeSlack, house: SlackHouse) -> None:
    """The answer comes in that message's thread."""
    ann, ben = slack.person("Ann"), slack.person("Ben")
    async with house.life():
        chosen = await ben.says(slack.general, "The build is red.")
        await ann.uses_shortcut(chosen, "ask_maru")
        await answered(slack, "The build is red.", chosen)


async def test_what_was_said_while_maru_was_away_is_answered(slack: FakeSlack, house: SlackHouse) -> None:
    """In its threads, its DMs and by mention; once, and nothing that was for others."""
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "before")
        await answered(slack, "before", asked)
    slack.delivery.dark = True
    await ann.says(slack.general, "in the thread", thread=asked)
    direct = await ann.writes("in private")
    mention = await ann.mentions_bot(slack.general, "by mention")
    await ann.says(slack.general, "to nobody")
    slack.delivery.dark = False
    async with house.life():
        await answered(slack, "in the thread", asked)
        await answered(slack, "in private", direct, ann.dm)
        await answered(slack, "by mention", mention)
    assert len(house.engine.requests) == 4
