"""Files that Python made, as they come to Slack and Discord: each once, cited or not."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.files import Files
from bot.ports import Engine
from storage.sqlite.store import Store
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_house import DiscordHouse
from tests.fakes.openai import Asks, Calls, Computes, FakeOpenAI, Play, Says
from tests.fakes.openai.talk import engine_for
from tests.fakes.pictures import PNG
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse

FILES = (
    ("cfile_1", "sums.csv", b"sum\n3\n"),
    ("cfile_2", "cfile_2.png", PNG),  # the same bytes as the chart: the service lists it twice
    ("cfile_3", "chart.png", PNG),
)
TEXT = "See [the sums](sandbox:/mnt/data/sums.csv)."
MADE = ["chart.png", "sums.csv"]

Thinks = Callable[[Store, Files, Clock], Engine]


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        fake.script(Calls(Asks("start_python")), Play((Computes("plot()", FILES), Says(TEXT))))
        yield fake


@pytest.fixture
def thinks(fake: FakeOpenAI, tmp_path: Path) -> Thinks:
    return lambda store, files, clock: engine_for(fake, store, tmp_path, clock, files=files)


async def test_in_slack(fake: FakeOpenAI, thinks: Thinks, tmp_path: Path) -> None:
    """Also after its container expired and another one took its place."""
    async with FakeSlack() as slack:
        house, ann = SlackHouse(tmp_path, slack, thinks=thinks), slack.person("Ann")
        async with house.life():
            asked = await ann.mentions_bot(
                slack.general, "Plot it", files=[ann.file("in.csv", b"a,b\n1,2\n")]
            )

            def posted() -> list[str]:
                return sorted(name for m in slack.reads(slack.general, asked) for name in m.files)

            await slack.until(lambda: len(posted()) >= len(MADE) + 1)
            (old,) = fake.containers.all
            fake.containers.expire(old)
            await ann.says(slack.general, "And now?", thread=asked)
            await slack.until(
                lambda: any("And now?" in m.text and m.buttons for m in slack.reads(slack.general, asked))
            )
            assert posted() == sorted([*MADE, "in.csv"])
            assert not any("sandbox:" in m.text for m in slack.reads(slack.general, asked))
        new = fake.requests[-1]["tools"][-1]["container"]
        assert fake.containers.all[new].names("user") == {"in.csv": b"a,b\n1,2\n"}


async def test_in_discord(fake: FakeOpenAI, thinks: Thinks, tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        house, ann = DiscordHouse(tmp_path, discord, thinks=thinks), discord.person("Ann")
        async with house.life():
            asked = await ann.mentions_bot(discord.general, "Plot x squared")
            await discord.until(lambda: any(seen.files for seen in discord.reads(asked.id)))
            await discord.until(lambda: any("Again" in seen.buttons for seen in discord.reads(asked.id)))
        seen = discord.reads(asked.id)
        assert sorted(name for one in seen for name in one.files) == MADE
        assert not any("sandbox:" in one.text for one in seen)
