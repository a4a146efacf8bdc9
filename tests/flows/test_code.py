"""The Python that was run for an answer, shown to whoever asks on each platform, also after a restart."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.files import Files
from bot.ports import Engine
from storage.sqlite.store import Store
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.rendered import Seen
from tests.fakes.discord_house import DiscordHouse
from tests.fakes.house import House
from tests.fakes.openai import Asks, Calls, Computes, FakeOpenAI, Play, Says
from tests.fakes.openai.talk import engine_for
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse
from tests.fakes.visitor import Visitor

LONG = "\n".join(f"total_{number} = sum(range({number}))" for number in range(200))
SHORT = Play((Computes("x = 1 + 1"), Computes("print(x)"), Says("Two.")))

Thinks = Callable[[Store, Files, Clock], Engine]


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


@pytest.fixture
def thinks(fake: FakeOpenAI, tmp_path: Path) -> Thinks:
    return lambda store, files, clock: engine_for(fake, store, tmp_path, clock, files=files)


async def test_on_the_web_page_it_is_folded_away_under_the_answer(
    fake: FakeOpenAI, thinks: Thinks, tmp_path: Path
) -> None:
    house = House(tmp_path, thinks=thinks)
    fake.script(Calls(Asks("start_python")), SHORT)
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        await ann.send("c1", "1+1?")
        await screen.until_answered()
    async with house.open() as home, Visitor(home.url, again=ann) as same, same.watch("c1") as screen:
        first, second = screen.turns[1]["answer"]["code"]
        assert "x" in first
        assert "print" in second
        await same.send("c1", "코드")
        await screen.until(lambda: any("답변 T1에 실행한 파이썬" in n["html"] for n in screen.notices))
    async with house.open() as home, Visitor(home.url, again=ann) as same, same.watch("c2") as screen:
        await same.send("c2", "code", key="another")
        await screen.until(lambda: any("No Python" in notice["html"] for notice in screen.notices))


async def test_long_code_becomes_a_file_of_the_answer_once(
    fake: FakeOpenAI, thinks: Thinks, tmp_path: Path
) -> None:
    house = House(tmp_path, thinks=thinks)
    fake.script(Calls(Asks("start_python")), Play((Computes(LONG), Says("Done."))))
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        await ann.send("c1", "many sums")
        await screen.until_answered()
        for count in (1, 2):
            await ann.send("c1", "code")
            await screen.until(lambda count=count: len(screen.notices) == count)  # type: ignore[misc]  # mypy cannot infer it
        await screen.until(lambda: screen.turns[1]["answer"]["files"])
        (file,) = screen.turns[1]["answer"]["files"]
        assert file["name"] == "code-T1.py"
        async with ann.session.get(file["url"]) as response:
            assert (await response.text()).splitlines()[1:] == LONG.splitlines()


async def test_in_slack(fake: FakeOpenAI, thinks: Thinks, tmp_path: Path) -> None:
    """Short code is told to the person alone; long code is a file in the thread."""
    fake.script(Calls(Asks("start_python")), SHORT, Play((Computes(LONG), Says("Done."))))
    async with FakeSlack() as slack:
        house, ann = SlackHouse(tmp_path, slack, thinks=thinks), slack.person("Ann")

        def said(text: str) -> bool:
            return any(text in m.text and m.buttons for m in slack.reads(slack.general, asked))

        async with house.life():
            asked = await ann.mentions_bot(slack.general, "1+1?")
            await slack.until(lambda: said("Two."))
        async with house.life():
            await ann.says(slack.general, "code", thread=asked)
            await slack.until(lambda: any("x = 1 + 1" in m.text for m in slack.world.ephemeral))
            await ann.says(slack.general, "many sums", thread=asked)
            await slack.until(lambda: said("Done."))
            before = len(slack.answers(slack.general, asked))
            await ann.says(slack.general, "code", thread=asked)
            await slack.until(lambda: any("code-T2.py" in m.files for m in slack.reads(slack.general, asked)))
            await slack.until(lambda: any("code-T2.py" in m.text for m in slack.world.ephemeral))
            assert len(slack.answers(slack.general, asked)) == before + 1


async def test_in_discord(fake: FakeOpenAI, thinks: Thinks, tmp_path: Path) -> None:
    """Long code is a file under the answer."""
    fake.script(Calls(Asks("start_python")), Play((Computes(LONG), Says("Done."))))
    async with FakeDiscord() as discord:
        house, ann = DiscordHouse(tmp_path, discord, thinks=thinks), discord.person("Ann")

        def reads() -> list[Seen]:
            return discord.reads(asked.id)

        async with house.life():
            asked = await ann.mentions_bot(discord.general, "many sums")
            await discord.until(
                lambda: any("Done." in seen.text and len(seen.buttons) > 1 for seen in reads())
            )
        async with house.life():
            await ann.mentions_bot(discord.world.channels[asked.id], "code")
            await discord.until(lambda: any("code-T1.py" in seen.files for seen in reads()))
            await discord.until(lambda: any("is in code-T1.py" in seen.text for seen in reads()))
            assert sum("Done." in seen.text for seen in reads()) == 1
