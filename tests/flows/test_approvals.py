"""A tool of an MCP server that needs a yes: asked on each platform, over a restart, decided once."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.assistants import Assistant
from bot.clock import Clock
from bot.files import Files
from bot.mcp import McpServer
from bot.ports import Engine
from storage.sqlite.store import Store
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_house import DiscordHouse
from tests.fakes.house import House
from tests.fakes.openai import Answer, Consults, FakeMcp, FakeOpenAI, Play, Says
from tests.fakes.openai.talk import engine_for
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse
from tests.fakes.visitor import Visitor

URL = "https://tracker.example/mcp"
MARU = Assistant(
    name="maru", instructions="Be kind.", mcp=(McpServer(label="tracker", url=URL, tools=("create",)),)
)
CREATE = Consults("tracker", "create", '{"title": "Leak"}')

Thinks = Callable[[Store, Files, Clock], Engine]


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        fake.mcp.all[URL] = FakeMcp({"create": lambda given: f"created {given['title']}"})
        fake.script(Play((Says("I can report it."), CREATE)), Answer("It is reported."))
        yield fake
        assert fake.mcp.all[URL].called == [("create", {"title": "Leak"})]


@pytest.fixture
def thinks(fake: FakeOpenAI, tmp_path: Path) -> Thinks:
    return lambda store, files, clock: engine_for(fake, store, tmp_path, clock, files=files)


def audit(folder: Path) -> list[tuple[str, str, str]]:
    """What was decided by whom."""
    with closing(sqlite3.connect(folder / "maru.db")) as connection:
        return connection.execute("SELECT what, author, detail FROM audit ORDER BY id").fetchall()


async def test_on_the_web_page(fake: FakeOpenAI, thinks: Thinks, tmp_path: Path) -> None:
    house = House(tmp_path, thinks=thinks, assistant=MARU)
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        await ann.send("c1", "Report a leak")
        await screen.until(lambda: [turn["state"] for turn in screen.turns.values()] == ["paused"])
    async with (
        house.open() as home,
        Visitor(home.url, again=ann) as same,
        Visitor(home.url, "Ben") as ben,
        same.watch("c1") as screen,
    ):
        await screen.until(lambda: screen.turns[1]["state"] == "paused")
        [question] = screen.turns[1]["answer"]["questions"]
        assert question["text"] == "May I let tracker run create for Ann?"
        assert question["arguments"] == '{\n  "title": "Leak"\n}'
        assert (await ben.press("c1", 1, "approve", question["call"]))[0] == 409
        assert (await same.press("c1", 1, "approve", question["call"]))[0] == 200
        await screen.until_answered()
        assert "I can report it." in screen.answers[0]
        assert "It is reported." in screen.answers[0]
        person = same.person
    ((what, author, detail),) = audit(tmp_path)
    assert (what, author, detail.endswith(" tracker create")) == ("approve", person, True)


async def test_in_slack(fake: FakeOpenAI, thinks: Thinks, tmp_path: Path) -> None:
    async with FakeSlack() as slack:
        house = SlackHouse(tmp_path, slack, thinks=thinks, assistant=MARU)
        ann, ben = slack.person("Ann"), slack.person("Ben")

        def said(text: str) -> bool:
            return any(text in message.text for message in slack.answers(slack.general, asked))

        async with house.life():
            asked = await ann.mentions_bot(slack.general, "Report a leak")
            await slack.until(lambda: said("May I let `tracker` run `create` for `Ann`?"))
            assert said('"title": "Leak"')
        async with house.life():
            (message,) = [m for m in slack.answers(slack.general, asked) if "May I let" in m.text]
            button = f"maru_approve_{request_id(fake)}"
            await ben.presses(message, button)
            await slack.until(lambda: any(m.only_for == ben.id for m in slack.world.ephemeral))
            await ann.presses(message, button)
            await slack.until(lambda: said("It is reported."))
            await slack.until(lambda: not said("May I let"))
    assert [what for what, _, _ in audit(tmp_path)] == ["approve"]


async def test_in_discord(fake: FakeOpenAI, thinks: Thinks, tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        house = DiscordHouse(tmp_path, discord, thinks=thinks, assistants=(MARU,))
        ann, ben = discord.person("Ann"), discord.person("Ben")

        def said(text: str) -> bool:
            return any(text in message.content for message in discord.answers(asked.id))

        async with house.life():
            asked = await ann.mentions_bot(discord.general, "Report a leak")
            await discord.until(lambda: said("May I let `tracker` run `create` for `Ann`?"))
            assert said('"title": "Leak"')
        async with house.life():
            (message,) = [m for m in discord.answers(asked.id) if "May I let" in m.content]
            button = f"maru:approve:1:{request_id(fake)}"
            await ben.presses(message, button)
            await discord.until(lambda: len(discord.reads(asked.id, ben)) > len(discord.reads(asked.id)))
            await ann.presses(message, button)
            await discord.until(lambda: said("It is reported."))
            await discord.until(lambda: not said("May I let"))
    assert [what for what, _, _ in audit(tmp_path)] == ["approve"]


def request_id(fake: FakeOpenAI) -> str:
    """What the service calls its only question."""
    (item,) = [item for item in fake.conversation.items if item["type"] == "mcp_approval_request"]
    return str(item["id"])
