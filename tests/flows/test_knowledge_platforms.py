"""Documents get links, and are added, on every platform."""

import getpass
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.events import Citation, Completed, Event, Source, Started, Text
from bot.knowledge.lookup import source_of
from bot.ports import Collection
from tests.fakes.console import Maru
from tests.fakes.discord import FakeDiscord, Seen
from tests.fakes.discord_house import DiscordHouse
from tests.fakes.engine import ScriptedEngine
from tests.fakes.house import House
from tests.fakes.processes import run_maru
from tests.fakes.shelf import shelf
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse
from tests.fakes.visitor import Visitor

LINK = "https://wiki.example.com/%ED%9C%B4%EA%B0%80%20%282026%29.md"
OWN = "https://example.com/own?a=1&b=2"
LEAVE = b"# Leave\n\nEverybody gets 25 days.\n"


@pytest.fixture
async def answer(tmp_path: Path) -> list[Event]:
    """An answer from two documents: one has its collection's address, one has its own."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "휴가 (2026).md").write_text("# Leave\n\n## Days\n\nEverybody gets 25 days.\n")
    (docs / "own.md").write_text(f"---\ntitle: Rota\nurl: {OWN}\n---\nThe rota is on the door.\n")
    async with shelf(tmp_path) as (_, library):
        await library.put(
            Collection("docs", sources=(str(docs),), base_url="https://wiki.example.com", owner="Mina")
        )
        await library.sync("docs")
        sources: list[Source] = []
        for question in ("How many days?", "Where is the rota?"):
            (passage, *_) = await library.search(question, 1, ["docs"])
            sources.append(source_of(passage))
    first, second = sources
    return [
        Started("r"),
        Text("25 days"),
        Citation(first),
        Text(", and the rota is on the door"),
        Citation(second),
        Text("."),
        Completed(),
    ]


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as running:
        yield running


async def test_sources_are_links_in_slack(slack: FakeSlack, tmp_path: Path, answer: list[Event]) -> None:
    house = SlackHouse(tmp_path, slack)
    house.engine.script(answer)
    async with house.life():
        asked = await slack.person("Ann").mentions_bot(slack.general, "How many days?")
        await slack.until(lambda: any("Rota" in m.text for m in slack.reads(slack.general, asked)))
        (*_, said) = slack.reads(slack.general, asked)
    assert "25 days [1], and the rota is on the door [2]." in said.text
    assert f"1. [Leave]({LINK}) – Days" in said.text
    assert f"2. [Rota]({OWN})" in said.text


async def test_sources_are_links_in_discord(
    discord: FakeDiscord, tmp_path: Path, answer: list[Event]
) -> None:
    house = DiscordHouse(tmp_path, discord)
    house.engine.script(answer)
    async with house.life():
        asked = await discord.person("Ann").mentions_bot(discord.general, "How many days?")

        def thread() -> list[Seen]:
            opened = discord.thread(asked)
            return discord.reads(opened) if opened else []

        await discord.until(lambda: any("Rota" in m.text for m in thread()))
        (*_, said) = thread()
    assert said.text.split("\n") == [
        "25 days [1], and the rota is on the door [2].",
        "",
        "**Sources**",
        f"-# 1. [Leave]({LINK}) – Days",
        f"-# 2. [Rota]({OWN})",
    ]


async def test_sources_are_links_on_the_web_page(tmp_path: Path, answer: list[Event]) -> None:
    engine = ScriptedEngine()
    engine.script(answer)
    house = House(tmp_path, engine=engine)
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        await ann.send("c1", "How many days?")
        await screen.until_answered()
    assert [source["url"] for source in screen.turns[1]["answer"]["sources"]] == [LINK, OWN]


async def test_sources_are_links_in_the_terminal(tmp_path: Path, answer: list[Event]) -> None:
    maru = Maru(tmp_path)
    maru.engine.script(answer)
    async with maru.running():
        _, said = await maru.pipe("How many days?\n")
    assert f"[1] Leave · Days · {LINK}\n[2] Rota · {OWN}\n" in said


async def test_a_document_is_added_in_slack(slack: FakeSlack, tmp_path: Path) -> None:
    """By a mention with a file; others are told kindly, to nobody else's eyes."""
    ann, ben = slack.person("Ann"), slack.person("Ben")
    house = SlackHouse(tmp_path, slack, librarians=(f"slack:{slack.team.id}/{ann.id}",))
    async with house.life() as life:
        file = ann.file("leave.md", LEAVE)
        await ann.mentions_bot(slack.general, "knowledge add law", files=[file])
        await slack.until(lambda: any("Added to `law`" in m.text for m in slack.world.ephemeral))
        await ben.types_command("/maru knowledge list", slack.general)
        await slack.until(lambda: any("Only administrators" in m.text for m in slack.world.ephemeral))
        (added,) = await life.store.collections.additions("law")
    assert added.author == f"slack:{slack.team.id}/{ann.id}"
    assert {m.only_for for m in slack.world.ephemeral} == {ann.id, ben.id}


async def test_a_document_is_added_in_discord(discord: FakeDiscord, tmp_path: Path) -> None:
    """By a slash command with a file, and by a mention with one."""
    ann = discord.person("Ann")
    house = DiscordHouse(tmp_path, discord, librarians=(f"discord:{ann.id}",))
    async with house.life() as life:
        await discord.until(lambda: discord.world.commands)
        file = ann.file("leave.md", LEAVE)
        await ann.uses_command("knowledge", discord.general, do="add law", file=file)
        await discord.until(
            lambda: any("Added to `law`" in m.text for m in discord.reads(discord.general, ann) if m.private)
        )
        await ann.mentions_bot(discord.general, "지식 추가 law", files=[ann.file("휴가.md", LEAVE)])
        await discord.until(lambda: any("더했어요" in m.text for m in discord.reads(discord.general, ann)))
        added = await life.store.collections.additions("law")
    assert [(one.path, one.author) for one in added] == [
        ("leave.md", f"discord:{ann.id}"),
        ("휴가.md", f"discord:{ann.id}"),
    ]


async def test_on_the_web_page_others_are_told_kindly(tmp_path: Path) -> None:
    """Whoever opens it is nobody in particular."""
    house = House(tmp_path, engine=ScriptedEngine())
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        _, file = await ann.upload("leave.md", LEAVE)
        await ann.send("c1", "knowledge add law", files=(file,))
        await screen.until(lambda: screen.notices)
        assert "Only administrators" in screen.notices[0]["html"]
        assert await home.store.collections.every() == []


async def test_a_document_is_added_in_the_terminal(tmp_path: Path) -> None:
    """By its path, and the next answer comes from it."""
    (tmp_path / "penguins.md").write_text("# Penguins\n\nWe have seven penguins.\n")
    settings = {"MARU_LIBRARIANS": f"console:{getpass.getuser()}"}
    said = (await run_maru(tmp_path, settings, "chat", "knowledge add handbook ./penguins.md\n"))[1]
    assert "Added to `handbook`: `penguins.md`." in said
    said = (await run_maru(tmp_path, settings, "chat", "How many penguins do we have?\n"))[1]
    assert "We have seven penguins." in said
