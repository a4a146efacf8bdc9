"""Several workspaces install Maru, and each is answered with its own token."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from tests.fakes.slack import App, Channel, FakeSlack, Message, Team
from tests.fakes.slack_house import SlackHouse

COOKIE = "slack-app-oauth-state"
LEFT = ("app_uninstalled", "tokens_revoked")


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        running.team.installed = False
        yield running


@pytest.fixture
async def house(slack: FakeSlack, tmp_path: Path) -> SlackHouse:
    return SlackHouse(tmp_path, slack, token=False, oauth=True)


@dataclass(frozen=True)
class Browser:
    """Installs Maru as a person does: the link, Slack's question, and back."""

    slack: FakeSlack
    address: str

    async def begins(self) -> tuple[str, str]:
        """Open the page: the state in the link to Slack, and the one in the cookie."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.address}/slack/install") as page:
            assert page.status == 200
            link = (await page.text()).partition('<a href="')[2].partition('"')[0].replace("&amp;", "&")
            cookie = page.cookies[COOKIE].value
        asked = parse_qs(urlsplit(link).query)
        assert asked["client_id"] == [self.slack.app.client_id]
        assert "app_mentions:read" in asked["scope"][0].split(",")
        return asked["state"][0], cookie

    async def returns(self, state: str, cookie: str, code: str) -> int:
        """Come back from Slack: the status of the page shown then."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(
                f"{self.address}/slack/oauth_redirect",
                params={"state": state, "code": code},
                headers={"Cookie": f"{COOKIE}={cookie}"},
            ) as page,
        ):
            return page.status

    async def installs(self, team: Team) -> None:
        state, cookie = await self.begins()
        code = self.slack.oauth.approve(team, self.slack.person("Admin", team=team).id)
        assert await self.returns(state, cookie, code) == 200


async def answered(slack: FakeSlack, text: str, thread: Message, channel: Channel) -> None:
    """Return once Maru's finished messages in a thread say this."""
    await slack.until(
        lambda: any(text in m.text and not m.streaming and m.buttons for m in slack.reads(channel, thread))
    )


def tokens(slack: FakeSlack, team: Team) -> list[str]:
    return [t.value for t in slack.world.tokens.values() if t.team == team.id and t.value.startswith("xox")]


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_two_workspaces_are_answered_each_with_its_own_token(
    slack: FakeSlack, tmp_path: Path, *, http: bool
) -> None:
    """With another's token Slack knows neither the channel nor the person."""
    house = SlackHouse(tmp_path, slack, http=http, token=False, oauth=True)
    other = slack.add_team("Globex")
    ann, bob = slack.person("Ann"), slack.person("Bob", team=other)
    lobby = slack.add_channel("lobby", bob, team=other)
    async with house.life() as life:
        browser = Browser(slack, life.address)
        await browser.installs(slack.team)
        await browser.installs(other)
        first = await ann.mentions_bot(slack.general, "from Acme")
        second = await bob.mentions_bot(lobby, "from Globex")
        await answered(slack, "You said: from Acme", first, slack.general)
        await answered(slack, "You said: from Globex", second, lobby)
        file = bob.file("notes.txt", b"the plan")
        third = await bob.says(lobby, "look at this", thread=second, files=[file])
        await answered(slack, "You said: look at this", third, lobby)
        await slack.delivered()
    assert not slack.routes.refusals


async def test_an_installation_outlives_a_restart(slack: FakeSlack, house: SlackHouse) -> None:
    ann = slack.person("Ann")
    async with house.life() as life:
        await Browser(slack, life.address).installs(slack.team)
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "hello")
        await answered(slack, "You said: hello", asked, slack.general)


async def test_an_installation_that_somebody_else_began_is_refused(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """Another browser's state, a state twice, a wrong code."""
    admin = slack.person("Admin")
    async with house.life() as life:
        browser = Browser(slack, life.address)
        state, cookie = await browser.begins()
        other, _ = await browser.begins()
        code = slack.oauth.approve(slack.team, admin.id)
        assert await browser.returns(other, cookie, code) == 400
        assert await browser.returns(state, cookie, "wrong") == 401
        assert await browser.returns(state, cookie, code) == 401
        assert not await life.store.installations.places(slack.app.client_id)


async def test_where_it_was_uninstalled_nobody_is_answered_and_the_others_are(
    slack: FakeSlack, house: SlackHouse
) -> None:
    other = slack.add_team("Globex")
    ann, bob = slack.person("Ann"), slack.person("Bob", team=other)
    lobby = slack.add_channel("lobby", bob, team=other)
    async with house.life() as life:
        browser = Browser(slack, life.address)
        await browser.installs(slack.team)
        await browser.installs(other)
        asked = await ann.mentions_bot(slack.general, "hello")
        await answered(slack, "You said: hello", asked, slack.general)
        await slack.uninstalls(slack.team)
        await slack.delivered()
        assert list(await life.store.installations.places(slack.app.client_id)) == [other.id]
        slack.team.installed = True  # what was under way still arrives
        await ann.mentions_bot(slack.general, "anybody?")
        await slack.delivered()
        asked = await bob.mentions_bot(lobby, "still there?")
        await answered(slack, "You said: still there?", asked, lobby)
    assert len(house.engine.requests) == 2
    assert not any(parcel.lost for parcel in slack.delivery.parcels)


async def test_an_installation_after_an_uninstallation_counts(slack: FakeSlack, house: SlackHouse) -> None:
    ann = slack.person("Ann")
    async with house.life() as life:
        browser = Browser(slack, life.address)
        await browser.installs(slack.team)
        asked = await ann.mentions_bot(slack.general, "one")
        await answered(slack, "You said: one", asked, slack.general)
        await slack.uninstalls(slack.team)
        await slack.delivered()
        await browser.installs(slack.team)
        asked = await ann.mentions_bot(slack.general, "two")
        await answered(slack, "You said: two", asked, slack.general)


async def test_a_token_is_replaced_before_it_ends(tmp_path: Path) -> None:
    """And the replacement is there after a restart, when the old one is good for nothing."""
    async with FakeSlack(app=App(rotation=True, token_life=3_600.0)) as slack:
        slack.team.installed = False
        house = SlackHouse(tmp_path, slack, token=False, oauth=True)
        ann = slack.person("Ann")
        async with house.life() as life:
            await Browser(slack, life.address).installs(slack.team)
            (old,) = [value for value in tokens(slack, slack.team) if value.startswith("xoxe")]
            slack.world.tokens[old].expires_at = 1.0
            slack.app.token_life = 12 * 3_600.0
            asked = await ann.mentions_bot(slack.general, "one")
            await answered(slack, "You said: one", asked, slack.general)
            assert slack.routes.counts["oauth.v2.access"] == 2
            asked = await ann.mentions_bot(slack.general, "two")
            await answered(slack, "You said: two", asked, slack.general)
        async with house.life():
            asked = await ann.mentions_bot(slack.general, "three")
            await answered(slack, "You said: three", asked, slack.general)
        assert slack.routes.counts["oauth.v2.access"] == 2
        assert not slack.routes.refusals


async def test_a_company_installs_it_once_for_all_its_workspaces(slack: FakeSlack, house: SlackHouse) -> None:
    """Enterprise Grid: one token, and each call says in which workspace."""
    sales = slack.add_team("Sales", enterprise="E1", org_install=True)
    support = slack.add_team("Support", enterprise="E1", org_install=True)
    ann, bob = slack.person("Ann", team=sales), slack.person("Bob", team=support)
    deals = slack.add_channel("deals", ann, team=sales)
    tickets = slack.add_channel("tickets", bob, team=support)
    async with house.life() as life:
        await Browser(slack, life.address).installs(sales)
        first = await ann.mentions_bot(deals, "from Sales")
        await answered(slack, "You said: from Sales", first, deals)
        second = await bob.mentions_bot(tickets, "from Support")
        await answered(slack, "You said: from Support", second, tickets)
    async with house.life() as life:
        assert await bob.types_command("/maru help", tickets) is not None
        third = await bob.says(tickets, "and now?", thread=second)
        await answered(slack, "You said: and now?", third, tickets)
        assert not slack.routes.refusals
        await slack.withdraws(support)
        await slack.until(lambda: slack.delivery.parcels[-1].acknowledged)
        assert list(await life.store.installations.members(slack.app.client_id)) == [sales.id]
        await slack.uninstalls(sales)
        await slack.until(
            lambda: all(p.acknowledged for p in slack.delivery.parcels if p.event.get("type") in LEFT)
        )
        assert not await life.store.installations.places(slack.app.client_id)
        assert not await life.store.installations.members(slack.app.client_id)


async def test_a_token_in_the_settings_and_installations_go_together(
    slack: FakeSlack, tmp_path: Path
) -> None:
    slack.team.installed = True
    house = SlackHouse(tmp_path, slack, oauth=True)
    other = slack.add_team("Globex")
    other.installed = False
    ann, bob = slack.person("Ann"), slack.person("Bob", team=other)
    lobby = slack.add_channel("lobby", bob, team=other)
    async with house.life() as life:
        await Browser(slack, life.address).installs(other)
        first = await ann.mentions_bot(slack.general, "by token")
        second = await bob.mentions_bot(lobby, "by OAuth")
        await answered(slack, "You said: by token", first, slack.general)
        await answered(slack, "You said: by OAuth", second, lobby)
