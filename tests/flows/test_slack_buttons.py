"""Buttons under Maru's answers in Slack, pressed at awkward moments."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.events import Completed, Started, Text
from tests.fakes.engine import Gate
from tests.fakes.processes import until
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse, answered


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
