"""Killed at any moment and started again, Maru answers every accepted message exactly once, in order."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.openai.server import KEY
from tests.fakes.processes import fake_discord, fake_openai, fake_slack
from tests.fakes.slack import FakeSlack
from tests.flows.crowds import Discord, Slack, Web
from tests.flows.killing import Crowd, Killed

WORDS = ("--words", "40", "--pace", "15")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.mark.timeout(110)
@pytest.mark.parametrize("mode", ["hosted", "compatible"])
async def test_on_the_web_page(tmp_path: Path, session: aiohttp.ClientSession, mode: str) -> None:
    options = ["--compatible"] if mode == "compatible" else []
    async with fake_openai(tmp_path, *WORDS, *options) as openai:
        maru = Killed(tmp_path, {"OPENAI_BASE_URL": openai, "OPENAI_API_KEY": KEY}, session)
        await maru.outlives(Web(session, maru))


@pytest.mark.timeout(110)
@pytest.mark.parametrize("platforms", [("slack",), ("discord",), ("slack", "discord")], ids="-".join)
async def test_where_people_talk(
    tmp_path: Path, session: aiohttp.ClientSession, platforms: tuple[str, ...]
) -> None:
    """Also what they wrote while it was away."""
    async with (
        fake_openai(tmp_path, *WORDS) as openai,
        fake_slack(tmp_path) as slack,
        fake_discord(tmp_path) as (discord, gateway),
    ):
        environment = {"OPENAI_BASE_URL": openai, "OPENAI_API_KEY": KEY}
        if "slack" in platforms:
            environment |= {
                "SLACK_BOT_TOKEN": FakeSlack().bot_token,
                "SLACK_APP_TOKEN": FakeSlack().app_token,
                "SLACK_API_URL": slack,
            }
        if "discord" in platforms:
            environment |= {
                "DISCORD_BOT_TOKEN": FakeDiscord().token,
                "DISCORD_API_URL": discord,
                "DISCORD_GATEWAY_URL": gateway,
            }
        crowds: dict[str, Crowd] = {"slack": Slack(session, slack), "discord": Discord(session, discord)}
        maru = Killed(tmp_path, environment, session)
        await maru.outlives(*(crowds[platform] for platform in platforms))
