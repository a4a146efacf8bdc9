"""Assistants for some people alone: by their user group in Slack, by their role in Discord."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.assistants import Assistant
from bot.clock import SystemClock
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.rendered import Seen
from tests.fakes.discord_house import DiscordHouse
from tests.fakes.engine import Gate
from tests.fakes.processes import run_maru
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse

NOT_YOU = "answers only some people, and you are not among them"


class Clock(SystemClock):
    """The system's, which a test can put forward."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


def law(*access: str) -> Assistant:
    return Assistant(name="maru", instructions="Judge.", access=access)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as running:
        yield running


async def test_a_user_group_of_slack_lets_its_people_in(slack: FakeSlack, tmp_path: Path) -> None:
    """The others are told, each alone, before any model call; who joins later is let in as well."""
    ann, ben = slack.person("Ann"), slack.person("Ben")
    lawyers = slack.group("lawyers", ann)
    clock = Clock()
    house = SlackHouse(tmp_path, slack, clock=clock)
    house.others = (
        Assistant(name="law", instructions="Judge.", access=(f"slack:{slack.team.id}/{lawyers.id}",)),
    )
    async with house.life() as maru:
        await maru.store.choices.choose(f"slack:{slack.team.id}/{slack.general.id}", "law")
        await ben.mentions_bot(slack.general, "is it legal?")
        await slack.until(lambda: slack.world.ephemeral)
        assert house.engine.requests == []
        [told] = slack.world.ephemeral
        assert (told.only_for, NOT_YOU in told.text) == (ben.id, True)
        asked = await ann.mentions_bot(slack.general, "is this?")
        await slack.until(
            lambda: any("is this?" in m.text and m.buttons for m in slack.reads(slack.general, asked))
        )
        lawyers.members.add(ben.id)
        clock.ahead = 3_600.0
        again = await ben.mentions_bot(slack.general, "and now?")
        await slack.until(
            lambda: any("and now?" in m.text and m.buttons for m in slack.reads(slack.general, again))
        )
    assert [request.assistant.name for request in house.engine.requests] == ["law", "law"]


async def test_without_the_right_to_read_groups_everything_else_works(
    slack: FakeSlack, tmp_path: Path
) -> None:
    slack.world.tokens[slack.bot_token].scopes -= {"usergroups:read"}
    ann = slack.person("Ann")
    async with SlackHouse(tmp_path, slack).life():
        asked = await ann.mentions_bot(slack.general, "hello")
        await slack.until(
            lambda: any("hello" in m.text and m.buttons for m in slack.reads(slack.general, asked))
        )


async def test_a_role_of_discord_lets_its_people_in(discord: FakeDiscord, tmp_path: Path) -> None:
    ann, ben = discord.person("Ann"), discord.person("Ben")
    lawyers = discord.role("lawyers", ann)
    house = DiscordHouse(tmp_path, discord, assistants=(law(f"discord:{discord.guild.id}/{lawyers.id}"),))
    async with house.life():
        refused = await ben.mentions_bot(discord.general, "is it legal?")
        await discord.until(lambda: any(NOT_YOU in seen.text for seen in _all(discord)))
        assert house.engine.requests == []
        assert discord.thread(refused) is None
        asked = await ann.mentions_bot(discord.general, "is this?")
        await discord.until(
            lambda: any("is this?" in seen.text for seen in discord.reads(asked.id) if seen.author == "Maru")
        )
    assert discord.routes.counts["GET member"] == 0


async def test_a_role_counts_in_direct_messages_and_after_a_restart(
    discord: FakeDiscord, tmp_path: Path
) -> None:
    """Nothing comes with roles there: they are asked for."""
    ann = discord.person("Ann")
    lawyers = discord.role("lawyers", ann)
    house = DiscordHouse(tmp_path, discord, assistants=(law(f"discord:{discord.guild.id}/{lawyers.id}"),))
    house.engine.script([Gate()])
    async with house.life():
        await ann.mentions_bot(discord.general, "one")
        await discord.until(lambda: house.engine.requests)
    async with house.life():
        await ann.writes("two")
        await discord.until(
            lambda: any("two" in seen.text for seen in discord.reads(ann.dm) if seen.author == "Maru")
        )
    assert not any(NOT_YOU in seen.text for seen in _all(discord))
    assert 1 <= discord.routes.counts["GET member"] <= 2


async def test_a_role_that_was_taken_away_does_not_count_in_another_server(
    discord: FakeDiscord, tmp_path: Path
) -> None:
    """Where somebody writes, roles come with it; nothing comes from the server that the role is of."""
    ann = discord.person("Ann")
    lawyers = discord.role("lawyers", ann)
    elsewhere = discord.add_channel("room", guild=discord.add_guild("Elsewhere"))
    clock = Clock()
    house = DiscordHouse(
        tmp_path, discord, clock=clock, assistants=(law(f"discord:{discord.guild.id}/{lawyers.id}"),)
    )
    async with house.life():
        asked = await ann.mentions_bot(discord.general, "one")
        await discord.until(lambda: any("one" in seen.text for seen in discord.reads(asked.id)))
        lawyers.members.clear()
        clock.ahead = 3_600.0
        await ann.mentions_bot(elsewhere, "two")
        await discord.until(lambda: any(NOT_YOU in seen.text for seen in _all(discord)))
    assert len(house.engine.requests) == 1


def _all(discord: FakeDiscord) -> list[Seen]:
    return [seen for channel in discord.world.channels.values() for seen in discord.reads(channel)]


async def test_names_in_access_that_nobody_has_are_reported(
    tmp_path: Path, slack: FakeSlack, discord: FakeDiscord
) -> None:
    ann, bea = slack.person("Ann"), discord.person("Bea")
    lawyers, judges = slack.group("lawyers", ann), discord.role("judges", bea)
    team, guild = slack.team.id, discord.guild.id
    good = [
        f"slack:{team}/{lawyers.id}",
        f"slack:{team}/{ann.id}",
        f"discord:{guild}/{judges.id}",
        f"discord:{bea.id}",
    ]
    bad = [
        f"slack:{team}/S404",
        f"slack:{team}/U404",
        "slack:T404/U1",
        f"discord:{guild}/404",
        "discord:404",
        "web:x",
    ]
    (tmp_path / "assistants").mkdir()
    file = tmp_path / "assistants" / "maru.toml"
    settings = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api,
        "DISCORD_BOT_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api,
    }
    file.write_text(f'instructions = "Judge."\naccess = {good + bad}\n', encoding="utf-8")
    status, said = await run_maru(tmp_path, settings, "doctor")
    assert status == 1
    for name in bad[:-1]:
        assert f"maru: access: there is no {name}" in said
    assert not any(f"no {name}" in said for name in [*good, bad[-1]])
    file.write_text('instructions = "Judge."\naccess = ["ann"]\n', encoding="utf-8")
    status, said = await run_maru(tmp_path, settings, "doctor")
    assert "maru.toml:2: access.0: String should match pattern" in said
