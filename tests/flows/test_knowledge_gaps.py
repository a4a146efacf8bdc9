"""What people thumb down is listed as a gap, on every platform that has thumbs."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.events import Completed, Event, Started, Text
from storage.sqlite.store import Store
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_house import DiscordHouse
from tests.fakes.engine import ScriptedEngine
from tests.fakes.house import House
from tests.fakes.processes import until
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.wire import Json
from tests.fakes.slack.world import Message
from tests.fakes.slack_house import SlackHouse
from tests.fakes.visitor import Visitor

ANSWER: Sequence[Event] = [Started("r"), Text("Ask somebody else."), Completed()]
ASKED = "Where is the printer?"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as running:
        yield running


async def listed(store: Store) -> None:
    """Return once the question is a gap."""

    async def there() -> bool:
        return [(gap.question, gap.why) for gap in await store.searches.gaps(0.0)] == [(ASKED, "unhelpful")]

    await until(there)


def thumbs(message: Message) -> list[Json]:
    """The pair of thumbs under an answer."""
    every = [element for block in message.blocks for element in block.get("elements", ())]
    return [element for element in every if element["type"] == "feedback_buttons"]


async def test_in_slack(slack: FakeSlack, tmp_path: Path) -> None:
    house = SlackHouse(tmp_path, slack)
    house.engine.script(list(ANSWER))
    ann = slack.person("Ann")
    async with house.life() as life:
        asked = await ann.mentions_bot(slack.general, ASKED)
        await slack.until(lambda: any(map(thumbs, slack.answers(slack.general, asked))))
        (answer,) = slack.answers(slack.general, asked)
        (thumb,) = thumbs(answer)
        await ann.presses(answer, "maru_feedback", thumb["negative_button"]["value"])
        await listed(life.store)


async def test_in_discord(discord: FakeDiscord, tmp_path: Path) -> None:
    house = DiscordHouse(tmp_path, discord)
    house.engine.script(list(ANSWER))
    ann = discord.person("Ann")
    async with house.life() as life:
        asked = await ann.mentions_bot(discord.general, ASKED)

        def buttons() -> Sequence[str]:
            thread = discord.thread(asked)
            return [label for seen in discord.reads(thread) for label in seen.buttons] if thread else []

        await discord.until(lambda: "Not helpful" in buttons())
        await ann.presses(discord.answers(asked.id)[-1], "Not helpful")
        await listed(life.store)


async def test_on_the_web_page(tmp_path: Path) -> None:
    engine = ScriptedEngine()
    engine.script(list(ANSWER))
    house = House(tmp_path, engine=engine)
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        await ann.send("c1", ASKED)
        await screen.until_answered()
        await ann.press("c1", 1, "unhelpful")
        await listed(home.store)
