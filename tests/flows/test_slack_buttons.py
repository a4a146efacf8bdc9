"""Buttons under Maru's answers in Slack, pressed at awkward moments."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from bot.events import Call, Calls, Completed, Started, Text
from bot.functions import Function, Result
from bot.ports import Declaration
from bot.turns import Turn
from tests.fakes.engine import Gate
from tests.fakes.processes import until
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse, answered, texts


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
async def house(slack: FakeSlack, tmp_path: Path) -> SlackHouse:
    return SlackHouse(tmp_path, slack)


async def test_again_is_taken_the_moment_its_button_appears(slack: FakeSlack, house: SlackHouse) -> None:
    """The press overtakes Slack's word that the answer is posted."""
    ann = slack.person("Ann")
    gate, posted = Gate(), asyncio.Event()
    house.engine.script([Started("r"), Text("The first answer."), gate, Completed()])
    slack.routes.held = {"chat.stopStream": posted}
    async with house.life() as life:
        asked = await ann.mentions_bot(slack.general, "hello")
        await slack.until(lambda: any(m.streaming for m in slack.reads(slack.general, asked)))
        gate.open()
        await answered(slack, "The first answer.", asked)
        (answer,) = slack.answers(slack.general, asked)
        await ann.presses(answer, "maru_again")

        async def carried_out() -> bool:
            return not await life.store.inbox.commands()

        await until(carried_out)
        posted.set()
        await answered(slack, "You said: hello", asked)
    assert slack.world.ephemeral == []


CALL = Call("call_1", "pay", '{"amount": 5}')


class Till:
    """A function that needs a yes, and remembers what it paid."""

    def __init__(self, house: SlackHouse, *deciders: str) -> None:
        self.paid: list[object] = []
        declaration = Declaration("pay", "Pays.", "{}")
        house.functions = {"pay": Function(declaration, self._pay, approval=True, deciders=deciders)}
        house.engine.script([Started("r"), Text("I would pay."), Calls((CALL,))])

    async def _pay(self, arguments: Mapping[str, object], _: Turn) -> Result:
        self.paid.append(arguments["amount"])
        return Result("paid")


def said_privately(slack: FakeSlack, text: str, to: str) -> bool:
    return any(text in m.text and m.only_for == to for m in slack.world.ephemeral)


async def test_a_call_runs_once_the_person_says_yes(slack: FakeSlack, house: SlackHouse) -> None:
    """The question shows what would be done; somebody who did not ask cannot answer it."""
    till = Till(house)
    house.engine.script([Started("r"), Text("It is paid."), Completed()])
    ann, ben = slack.person("Ann"), slack.person("Ben")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "pay")
        await answered(slack, '"amount": 5', asked)
        (question,) = slack.answers(slack.general, asked)
        await ben.presses(question, "maru_approve_call_1")
        await slack.until(lambda: said_privately(slack, "Only whoever asked", ben.id))
        assert till.paid == []
        await ann.presses(question, "maru_approve_call_1")
        await answered(slack, "It is paid.", asked)
        assert till.paid == [5]
        assert not any("approve" in button for m in slack.reads(slack.general, asked) for button in m.buttons)


async def test_a_no_over_a_restart_is_a_no(slack: FakeSlack, house: SlackHouse) -> None:
    """The question stands there as before; only those who are named may answer it."""
    ann, boss = slack.person("Ann"), slack.person("Boss")
    till = Till(house, f"slack:{slack.team.id}/{boss.id}")
    house.engine.script([Started("r"), Text("Then I will not."), Completed()])
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "pay")
        await answered(slack, '"amount": 5', asked)
    async with house.life():
        (question,) = slack.answers(slack.general, asked)
        await ann.presses(question, "maru_approve_call_1")
        await slack.until(lambda: said_privately(slack, "Only whoever asked", ann.id))
        await boss.presses(question, "maru_decline_call_1")
        await answered(slack, "Then I will not.", asked)
    assert till.paid == []
    assert len(texts(slack, asked)) == 1
    assert [outcome.status for outcome in house.engine.requests[-1].turn.checkpoint.outcomes] == ["declined"]


async def test_a_press_while_maru_was_away_is_complained_about_and_counts_the_second_time(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """Slack delivers a press once: who pressed sees an error, and presses again."""
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "hello")
        await answered(slack, "You said: hello", asked)
    (answer,) = slack.answers(slack.general, asked)
    assert await ann.presses(answer, "maru_again") is None
    async with house.life():
        assert await ann.presses(answer, "maru_again") is not None
        await slack.until(lambda: len(texts(slack, asked)) == 2)


async def test_stop_works_before_the_model_has_begun(slack: FakeSlack, house: SlackHouse) -> None:
    """Maru is still fetching the file."""
    slack.routes.held["files.info"] = asyncio.Event()
    ann = slack.person("Ann")
    async with house.life():
        file = ann.file("in.txt", b"some words", check=True)
        asked = await ann.mentions_bot(slack.general, "read this", files=[file])
        await slack.until(lambda: slack.routes.counts["files.info"])
        await ann.presses_stop(asked)
        await answered(slack, "Stopped.", asked)
        slack.routes.held["files.info"].set()
    assert house.engine.requests == []
    session = slack.sessions.sessions[slack.general.id, asked.ts]
    assert session.status == "active"
