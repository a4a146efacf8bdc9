"""What is said in Slack is answered in the order in which it was said, and nothing is left out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack.missed import THREADS
from tests.fakes.clock import FastForward, ManualClock
from tests.fakes.processes import until
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


async def test_a_reply_waits_for_what_was_missed_in_its_thread(slack: FakeSlack, house: SlackHouse) -> None:
    """It is stored and acknowledged at once all the same."""
    ann, ben = slack.person("Ann"), slack.person("Ben")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "begin")
        await answered(slack, "begin", asked)
    slack.delivery.dark = True
    await ann.says(slack.general, "first", thread=asked)
    slack.delivery.dark = False
    read = slack.routes.held["conversations.replies"] = asyncio.Event()
    async with house.life() as life:
        await ben.says(slack.general, "second", thread=asked)
        conversation = f"slack:{slack.team.id}/{slack.general.id}/{asked.ts}"

        async def stored() -> bool:
            (last,) = await life.store.archive.records(conversation, limit=1)
            return last.state == "waiting"

        await until(stored)
        assert len(house.engine.requests) == 1
        read.set()
        await answered(slack, "You said: first | second", asked)


async def test_what_cannot_be_read_holds_nobody_up(slack: FakeSlack, house: SlackHouse) -> None:
    """Slack refuses to show the thread, however often it is asked."""
    house.clock = clock = FastForward()
    clock.speed = 100.0
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "begin")
        await answered(slack, "begin", asked)
    slack.routes.unavailable["conversations.replies"] = "internal_error"
    async with house.life():
        await ann.says(slack.general, "go on", thread=asked)
        await answered(slack, "You said: go on", asked)


async def test_a_channel_that_cannot_be_read_hides_no_other(slack: FakeSlack, house: SlackHouse) -> None:
    """Slack shows the history of #general no more; a direct message is found all the same."""
    ann = slack.person("Ann")
    async with house.life():
        first = await ann.mentions_bot(slack.general, "begin")
        await answered(slack, "begin", first)
    slack.delivery.dark = True
    asked = await ann.writes("are you there?")
    slack.delivery.dark = False
    # What is said in #general is looked for first.
    slack.routes.fails_next["conversations.history"] = [SlackError("not_in_channel")]
    async with house.life():
        await answered(slack, "are you there?", asked, ann.dm)


async def test_what_was_said_before_maru_came_is_not_answered_later(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """After a restart Maru reads its threads; people talked there among themselves at first."""
    ann, ben = slack.person("Ann"), slack.person("Ben")
    root = await ann.says(slack.general, "The launch is on Friday.")
    await ben.says(slack.general, "Is it?", thread=root)
    async with house.life():
        await ben.mentions_bot(slack.general, "when is it?", thread=root)
        await answered(slack, "when is it?", root)
    slack.delivery.dark = True
    await ann.says(slack.general, "thanks", thread=root)
    slack.delivery.dark = False
    async with house.life():
        await answered(slack, "You said: thanks", root)
    assert len(house.engine.requests) == 2


async def test_a_mention_without_its_files_waits_for_them(slack: FakeSlack, house: SlackHouse) -> None:
    """The mention overtakes the message that it is part of, which alone names the files."""
    ann = slack.person("Ann")
    late = slack.delivery.held["message"] = asyncio.Event()
    async with house.life() as life:
        asked = await ann.mentions_bot(slack.general, "read this", files=[ann.file("in.txt", b"some words")])
        await slack.until(lambda: any(parcel.acknowledged for parcel in slack.delivery.parcels))
        late.set()
        await answered(slack, "read this", asked)
        (request,) = house.engine.requests
        (file,) = request.turn.messages[0].attachments
        assert await life.files.read(file.digest) == b"some words"


async def test_a_mention_alone_is_answered_all_the_same(slack: FakeSlack, house: SlackHouse) -> None:
    """The events for messages may not be switched on."""
    slack.app.events -= {"message.channels"}
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "hello")
        await answered(slack, "You said: hello", asked)


async def test_what_slack_gave_up_to_deliver_by_http_is_found(tmp_path: Path) -> None:
    """Maru lives on, and nobody tells it that its address was not reached."""
    clock = ManualClock()
    async with FakeSlack(clock=clock) as slack:
        house = SlackHouse(tmp_path, slack, clock=clock, http=True)
        ann = slack.person("Ann")
        async with house.life():
            async with slack.outage():
                asked = await ann.writes("is anybody there?")
                await clock.advance(400)
                assert slack.delivery.parcels[-1].lost
            async with clock.passing(10):
                await answered(slack, "is anybody there?", asked, ann.dm)


async def test_after_an_hour_without_a_network_everybody_is_answered(tmp_path: Path) -> None:
    """In Maru's threads, in direct messages and where it is mentioned; what is older than an hour is not."""
    clock = ManualClock()
    async with FakeSlack(clock=clock) as slack:
        house = SlackHouse(tmp_path, slack, clock=clock)
        ann, ben = slack.person("Ann"), slack.person("Ben")
        async with house.life():
            async with clock.passing():
                asked = await ann.mentions_bot(slack.general, "before")
                await answered(slack, "before", asked)
            async with slack.outage():
                old = await ann.writes("too old")
                await clock.advance(3_700)
                await ann.says(slack.general, "in the thread", thread=asked)
                direct = await ann.writes("in private")
                mention = await ann.mentions_bot(slack.general, "by mention")
                talk = await ann.says(slack.general, "lunch?")
                await ben.mentions_bot(slack.general, "in a thread of others", thread=talk)
                await ann.says(slack.general, "to nobody")
                # Slack tries again for six minutes, and not any more after that.
                await clock.advance(400)
                assert all(parcel.lost for parcel in slack.delivery.parcels[-5:])
            async with clock.passing():
                await answered(slack, "in the thread", asked)
                await answered(slack, "in private", direct, ann.dm)
                await answered(slack, "by mention", mention)
                await answered(slack, "in a thread of others", talk)
        assert texts(slack, old, ann.dm) == []
        assert len(house.engine.requests) == 5


async def test_a_follow_up_to_a_missed_mention_is_missed_no_less(slack: FakeSlack, house: SlackHouse) -> None:
    """Maru was called into a thread, and was asked on in it, while it was away."""
    ann, ben = slack.person("Ann"), slack.person("Ben")
    root = await ann.says(slack.general, "The launch is on Friday.")
    slack.delivery.dark = True
    await ben.mentions_bot(slack.general, "when is it?", thread=root)
    await ben.says(slack.general, "and where?", thread=root)
    slack.delivery.dark = False
    async with house.life():
        await answered(slack, "and where?", root)


async def test_what_slack_cannot_show_at_first_is_found_a_moment_later(
    slack: FakeSlack, house: SlackHouse
) -> None:
    ann = slack.person("Ann")
    slack.delivery.dark = True
    asked = await ann.writes("are you there?")
    slack.delivery.dark = False
    slack.routes.fails_next["users.conversations"] = [SlackError("internal_error")]
    slack.routes.fails_next["conversations.history"] = [SlackError("internal_error")]
    async with house.life():
        await answered(slack, "are you there?", asked, ann.dm)


async def test_a_thread_that_slack_shows_a_little_of_is_answered_at_once(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """An app outside of the Marketplace reads 15 messages a minute; the person is told, and can ask again."""
    ann, ben = slack.person("Ann"), slack.person("Ben")
    root = await ann.says(slack.general, "word 0")
    for number in range(1, 20):
        await ann.says(slack.general, f"word {number}", thread=root)
    slack.reading.most = 15
    async with house.life():
        # What may have been missed there is read at the start.
        async def read() -> bool:
            return slack.routes.counts["conversations.replies"] == 1

        await until(read)
        limited = SlackError("ratelimited", status=429, headers={"Retry-After": "60"})
        slack.routes.fails_next["conversations.replies"] = [None, limited]
        asked = await ben.mentions_bot(slack.general, "summarise this", thread=root)
        await answered(slack, "I could not read all that was written here", root)
        await ben.presses(slack.answers(slack.general, root)[0], "maru_again")
        await slack.until(lambda: len(texts(slack, root)) == 2)
        await slack.until(
            lambda: all(m.buttons for m in slack.reads(slack.general, root) if m.author == "Maru")
        )
    assert [len(request.prior) for request in house.engine.requests] == [15, 20]
    assert [text.count("could not read") for text in texts(slack, root)] == [1, 0]
    assert asked.thread_ts == root.ts


async def test_a_thread_that_slack_does_not_show_now_is_answered_all_the_same(
    slack: FakeSlack, house: SlackHouse
) -> None:
    ann = slack.person("Ann", locale="ko-KR")
    root = await ann.says(slack.general, "금요일에 출시해요")
    async with house.life():
        limited = SlackError("ratelimited", status=429, headers={"Retry-After": "60"})
        slack.routes.fails_next["conversations.replies"] = [limited, limited]
        await ann.mentions_bot(slack.general, "요약해 줘", thread=root)
        await answered(slack, "다 읽지 못했어요", root)


async def test_a_mention_in_an_old_thread_of_others_is_found(tmp_path: Path) -> None:
    """It began more than an hour ago, and Maru has more threads of its own than it reads."""
    clock = ManualClock()
    async with FakeSlack(clock=clock) as slack:
        house = SlackHouse(tmp_path, slack, clock=clock)
        ann, ben = slack.person("Ann"), slack.person("Ben")
        talk = await ann.says(slack.general, "lunch?")
        async with house.life():
            async with clock.passing():
                own = [await ann.writes(f"question {number}") for number in range(THREADS + 2)]
                for number, asked in enumerate(own):
                    await answered(slack, f"You said: question {number}", asked, ann.dm)
            async with slack.outage():
                await clock.advance(3_700)
                await ben.mentions_bot(slack.general, "where is the best soup?", thread=talk)
                await clock.advance(400)
            async with clock.passing():
                await answered(slack, "where is the best soup?", talk)
        assert len(house.engine.requests) == len(own) + 1
