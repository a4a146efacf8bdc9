"""Answers that stream in Slack: what they show of Maru's work, and how they outlive Slack's caps."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack.limits import STREAM_SECONDS
from bot.events import Activity, Completed, Failed, Started, Text
from tests.fakes.clock import ManualClock
from tests.fakes.engine import Gate
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse, answered, texts


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
async def house(slack: FakeSlack, tmp_path: Path) -> SlackHouse:
    return SlackHouse(tmp_path, slack)


async def test_what_maru_does_stands_above_the_answer(slack: FakeSlack, house: SlackHouse) -> None:
    """Steps before the first word, and steps between two sentences, in the person's language."""
    working, done = Gate(), Gate()
    house.engine.script(
        [
            Started("r"),
            Activity("searching"),
            Text("The handbook says so. "),
            Activity("function", "weather"),
            working,
            Text("And it is sunny."),
            done,
            Completed(),
        ]
    )
    ann = slack.person("Ann", locale="ko-KR")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "날씨는?")

        def tasks() -> tuple[str, ...]:
            return next((m.tasks for m in slack.reads(slack.general, asked) if m.tasks), ())

        await slack.until(lambda: tasks() == ("complete: 핸드북 찾기", "in_progress: weather 사용"))
        working.open()
        await slack.until(lambda: tasks() == ("complete: 핸드북 찾기", "complete: weather 사용"))
        done.open()
        await answered(slack, "The handbook says so. And it is sunny.", asked)
    assert tasks() == ("complete: 핸드북 찾기", "complete: weather 사용")


async def test_a_step_that_went_wrong_does_not_look_done(slack: FakeSlack, house: SlackHouse) -> None:
    """The turn fails while Python runs."""
    gate = Gate()
    house.engine.script([Started("r"), Text("Let me see. "), Activity("python"), gate, Failed("quota", "")])
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "count")
        await slack.until(lambda: any(m.tasks for m in slack.reads(slack.general, asked)))
        gate.open()
        await slack.until(
            lambda: any(m.tasks == ("error: Run Python",) for m in slack.reads(slack.general, asked))
        )


async def test_a_stream_is_left_before_slack_ends_it(tmp_path: Path) -> None:
    """The message goes on growing as if nothing was: nothing is refused, and nobody sees a seam."""
    clock = ManualClock()
    async with FakeSlack(clock=clock) as slack:
        house = SlackHouse(tmp_path, slack, clock=clock)
        first, second, third = Gate(), Gate(), Gate()
        house.engine.script(
            [
                Started("r"),
                Text("One. "),
                first,
                Text("Two. "),
                second,
                Text("Three. "),
                third,
                Text("Four."),
                Completed(),
            ]
        )
        ann = slack.person("Ann")
        async with house.life():
            asked = await ann.mentions_bot(slack.general, "count")
            await slack.until(lambda: any(m.streaming for m in slack.reads(slack.general, asked)))
            (beginning,) = slack.answers(slack.general, asked)
            await clock.advance(STREAM_SECONDS - 2)
            first.open()
            async with clock.passing(0.1):
                await slack.until(lambda: texts(slack, asked) == ["One. Two."])
            assert slack.reads(slack.general, asked)[-1].streaming
            await clock.advance(3)
            second.open()
            async with clock.passing():
                await slack.until(lambda: texts(slack, asked) == ["One. Two. Three."])
                assert not slack.reads(slack.general, asked)[-1].streaming
                third.open()
                await answered(slack, "One. Two. Three. Four.", asked)
        assert [message.ts for message in slack.answers(slack.general, asked)] == [beginning.ts]
        assert not slack.routes.refusals


async def test_the_status_says_what_is_done_for_as_long_as_it_takes(tmp_path: Path) -> None:
    """Slack takes it away after two minutes, and when Maru writes; at the end nothing is left of it."""
    clock = ManualClock()
    async with FakeSlack(clock=clock) as slack:
        house = SlackHouse(tmp_path, slack, clock=clock)
        gate = Gate()
        house.engine.script([Started("r"), Activity("python"), gate, Text("42"), Completed()])
        ann = slack.person("Ann")
        async with house.life():
            asked = await ann.mentions_bot(slack.general, "compute")
            place = (slack.general.id, asked.ts)
            await slack.until(lambda: "Python" in slack.sessions.status(place))
            said = slack.routes.counts["assistant.threads.setStatus"]
            await clock.advance(100)
            await slack.until(lambda: slack.routes.counts["assistant.threads.setStatus"] > said)
            await clock.advance(100)
            assert "Python" in slack.sessions.status(place)
            gate.open()
            await answered(slack, "42", asked)
            await slack.until(lambda: slack.sessions.sessions[place].status == "active")
            assert slack.sessions.status(place) == ""


async def test_a_stream_is_full_before_slack_says_so(slack: FakeSlack, house: SlackHouse) -> None:
    """The answer goes on in further streams; together they are the answer, and nothing is refused."""
    words = [f"word{number}" for number in range(4_000)]
    chunks = [" ".join(words[n : n + 50]) + ".\n\n" for n in range(0, 4_000, 50)]
    gates = [Gate() for _ in chunks]
    steps = [entry for pair in zip(map(Text, chunks), gates, strict=True) for entry in pair]
    house.engine.script([Started("r"), *(Activity("python") for _ in range(9)), *steps, Completed()])
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "tell me")
        for gate, chunk in zip(gates, chunks, strict=True):
            await gate.reached.wait()
            if "word1950" in chunk:
                await slack.until(lambda: "word1900" in "".join(texts(slack, asked)))
            gate.open()
        await answered(slack, words[-1], asked)
    said = " ".join(texts(slack, asked)).replace(".", " ").split()
    assert said == words
    assert slack.routes.counts["chat.startStream"] > 1
    assert not slack.routes.refusals


async def test_slacks_stop_button_ends_a_stream_where_it_stands(slack: FakeSlack, house: SlackHouse) -> None:
    """What was said stays, and the message says that it was stopped."""
    gate = Gate()
    house.engine.script([Started("r"), Text("As far as here. "), gate, Text("Not any more."), Completed()])
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "go on")
        await slack.until(lambda: any(m.streaming and m.text for m in slack.reads(slack.general, asked)))
        await ann.presses_stop(asked)
        await answered(slack, "Stopped.", asked)
        await slack.until(lambda: slack.sessions.sessions[slack.general.id, asked.ts].status == "active")
    (text,) = texts(slack, asked)
    assert text.startswith("As far as here.")
    assert "Not any more" not in text


async def test_a_conversation_has_its_question_for_a_title(slack: FakeSlack, house: SlackHouse) -> None:
    """By agent sessions, or in the older way where Slack does not know those."""
    ann = slack.person("Ann")
    async with house.life():
        first = await ann.writes("How do I book a room?")
        await answered(slack, "book a room", first, ann.dm)
        session = slack.sessions.sessions[ann.dm.id, first.ts]
        await slack.until(lambda: session.history == ["processing", "active"])
        assert (session.title, session.initiator) == ("How do I book a room?", ann.id)
        slack.routes.unavailable["agents.sessions.setStatus"] = "feature_disabled"
        second = await ann.writes("And a car?")
        await answered(slack, "And a car?", second, ann.dm)
        await slack.until(lambda: slack.sessions.titles.get((ann.dm.id, second.ts)) == "And a car?")
        await ann.writes("Thanks", thread=second)
        await answered(slack, "Thanks", second, ann.dm)
    assert slack.routes.counts["assistant.threads.setTitle"] == 1
