"""An operator names the places where Maru answers; elsewhere it costs nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.allowed_places import AllowedPlaces
from bot.policy import Policy
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_house import DiscordHouse
from tests.fakes.slack import FakeSlack, Team
from tests.fakes.slack_house import SlackHouse

REFUSED = "I am not open to this place"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        running.team.installed = False
        yield running


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as running:
        yield running


def limited(discord: FakeDiscord, folder: Path, *named: str) -> DiscordHouse:
    policy = Policy(places=AllowedPlaces([f"discord:{name}" for name in named]))
    return DiscordHouse(folder, discord, policy=policy, places=named)


async def install(slack: FakeSlack, address: str, team: Team) -> tuple[int, str]:
    """Install as a person does; the status and the text of the last page."""
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{address}/slack/install") as page:
            link = (await page.text()).partition('<a href="')[2].partition('"')[0].replace("&amp;", "&")
            cookie = page.cookies["slack-app-oauth-state"].value
        (state,) = parse_qs(urlsplit(link).query)["state"]
        code = slack.oauth.approve(team, slack.person("Admin", team=team).id)
        async with session.get(
            f"{address}/slack/oauth_redirect",
            params={"state": state, "code": code},
            headers={"Cookie": f"slack-app-oauth-state={cookie}"},
        ) as page:
            return page.status, await page.text()


async def test_a_workspace_that_is_not_named_cannot_install_maru(slack: FakeSlack, tmp_path: Path) -> None:
    """The page says why, nothing is kept, and its token is good for nothing."""
    other = slack.add_team("Globex")
    house = SlackHouse(tmp_path, slack, token=False, oauth=True, places=frozenset({slack.team.id}))
    async with house.life() as life:
        status, page = await install(slack, life.address, other)
        assert status == 403
        assert "has not opened it to your workspace" in page
        assert "열어 두지 않았어요" in page
        assert not await life.store.installations.places(slack.app.client_id)
        (token,) = [t for t in slack.world.tokens.values() if t.team == other.id]
        assert token.revoked
        assert (await install(slack, life.address, slack.team))[0] == 200
        assert list(await life.store.installations.places(slack.app.client_id)) == [slack.team.id]


async def test_an_organisation_can_be_named_and_so_can_a_person(slack: FakeSlack, tmp_path: Path) -> None:
    sales = slack.add_team("Sales", enterprise="E1", org_install=True)
    ann = slack.person("Ann", team=sales)
    deals = slack.add_channel("deals", ann, team=sales)
    house = SlackHouse(
        tmp_path,
        slack,
        token=False,
        oauth=True,
        places=frozenset({"E1"}),
        policy=Policy(places=AllowedPlaces(["slack:E1"])),
    )
    async with house.life() as life:
        assert (await install(slack, life.address, sales))[0] == 200
        asked = await ann.mentions_bot(deals, "hello")
        await slack.until(lambda: any("You said: hello" in m.text for m in slack.reads(deals, asked)))


async def test_a_workspace_that_is_named_no_more_is_told_so(tmp_path: Path) -> None:
    async with FakeSlack() as slack:
        house = SlackHouse(tmp_path, slack, policy=Policy(places=AllowedPlaces(["slack:T9"])))
        async with house.life():
            ann = slack.person("Ann")
            await ann.mentions_bot(slack.general, "hello")
            await slack.until(lambda: any(REFUSED in m.text for m in slack.reads(slack.general, person=ann)))
            assert not any("You said" in m.text for m in slack.reads(slack.general))
        assert not house.engine.requests


async def test_a_server_that_is_not_named_is_told_so(discord: FakeDiscord, tmp_path: Path) -> None:
    other = discord.add_guild("Globex")
    lobby = discord.add_channel("lobby", guild=other)
    house = limited(discord, tmp_path, discord.guild.id)
    async with house.life():
        ann = discord.person("Ann")
        bob = discord.person("Bob")
        discord.guild.members.remove(bob.id)
        await bob.mentions_bot(lobby, "for nothing?")
        await discord.until(lambda: any(REFUSED in one.text for one in discord.reads(lobby)))
        assert not house.engine.requests
        asked = await ann.mentions_bot(discord.general, "hello")
        await discord.until(lambda: any("You said: hello" in one.text for one in discord.reads(asked.id)))


async def test_members_of_a_named_server_are_answered_in_their_direct_messages(
    discord: FakeDiscord, tmp_path: Path
) -> None:
    house = limited(discord, tmp_path, discord.guild.id)
    async with house.life():
        ann, stranger = discord.person("Ann"), discord.person("Stranger")
        discord.guild.members.remove(stranger.id)
        await stranger.writes("let me in")
        await discord.until(lambda: any(REFUSED in one.text for one in discord.reads(stranger.dm)))
        await ann.writes("hello")
        await discord.until(lambda: any("You said: hello" in one.text for one in discord.reads(ann.dm)))
    assert len(house.engine.requests) == 1


async def test_a_person_can_be_named(discord: FakeDiscord, tmp_path: Path) -> None:
    carol = discord.person("Carol")
    house = limited(discord, tmp_path, carol.id)
    async with house.life():
        await carol.writes("hello")
        await discord.until(lambda: any("You said: hello" in one.text for one in discord.reads(carol.dm)))
