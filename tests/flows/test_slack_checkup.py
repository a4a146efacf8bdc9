"""What `maru doctor` finds out about Slack."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.slack.checkup import Checkup
from adapters.slack.installing import OAuth
from adapters.slack.setup import Way, manifest
from bot.clock import SystemClock
from bot.findings import Finding
from storage.sqlite.store import Store
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.app import CONFIG_TOKEN
from tests.fakes.slack_house import SlackHouse
from tests.flows.test_places import install

SOCKET = Way()


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        running.app.manifest = manifest(SOCKET)
        yield running


def checkup(slack: FakeSlack) -> Checkup:
    return Checkup(
        api_url=slack.api,
        bot_token=slack.bot_token,
        app_token=slack.app_token,
        config_token=CONFIG_TOKEN,
        way=SOCKET,
        oauth=None,
        clock=SystemClock(),
    )


async def findings(checked: Checkup) -> list[Finding]:
    return [finding async for finding in checked.findings()]


async def problems(checked: Checkup) -> list[str]:
    return [problem for finding in await findings(checked) for problem in finding.problems]


async def test_right_tokens_and_settings_have_no_problems(slack: FakeSlack) -> None:
    found = await findings(checkup(slack))
    assert [finding.name for finding in found] == [
        f"Slack, Acme ({slack.team.id})",
        "Slack, Socket Mode",
        "Slack, the app's settings",
    ]
    assert not any(finding.problems for finding in found)


async def test_wrong_tokens_and_missing_scopes_are_named(slack: FakeSlack) -> None:
    wrong = replace(checkup(slack), bot_token="xoxb-wrong", app_token="xapp-wrong")
    found = await problems(wrong)
    assert [problem.partition(":")[0] for problem in found] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]
    slack.world.tokens[slack.bot_token].scopes -= {"files:read"}
    (missing,) = await problems(checkup(slack))
    assert "files:read" in missing


async def test_each_error_has_its_remedy(slack: FakeSlack) -> None:
    slack.app.socket_mode = False
    slack.world.tokens[slack.bot_token].revoked = True
    token, socket = await problems(checkup(slack))
    assert token.endswith("The app was uninstalled: install it again, and copy the new token.")
    assert socket.endswith("Switch on Socket Mode in the app's settings.")
    (swapped,) = await problems(replace(checkup(slack), bot_token=slack.app_token, app_token=""))
    assert "It is another kind of token" in swapped


async def test_what_the_apps_settings_lack_is_named_with_its_page(slack: FakeSlack) -> None:
    app = slack.app.manifest
    app["settings"]["event_subscriptions"]["bot_events"].remove("message.groups")
    app["settings"]["interactivity"]["is_enabled"] = False
    app["features"]["app_home"]["messages_tab_read_only_enabled"] = True
    app["features"]["slash_commands"].clear()
    del app["features"]["agent_view"]
    found = await problems(checkup(slack))
    assert found[0] == "Event Subscriptions: subscribe to the bot events message.groups."
    assert "Interactivity & Shortcuts: should be on, and is off." in found
    assert "App Home, Messages Tab, read only: should be off, and is on." in found
    assert "Slash Commands: /maru is missing." in found
    assert any(problem.startswith("Agents: ") for problem in found)
    assert len(found) == 5


async def test_where_slack_calls_the_addresses_are_compared(slack: FakeSlack) -> None:
    way = Way("https://maru.example.com", http=True, oauth=True)
    found = await problems(replace(checkup(slack), app_token="", way=way))
    assert any("https://maru.example.com/slack/oauth_redirect" in problem for problem in found)
    assert any("should be https://maru.example.com/slack/events, and is off" in problem for problem in found)
    slack.app.manifest = manifest(way)
    assert not await problems(replace(checkup(slack), app_token="", way=way))


async def test_without_a_token_for_it_the_settings_are_no_problem_but_it_is_said(slack: FakeSlack) -> None:
    found = await findings(replace(checkup(slack), config_token=""))
    assert not any(finding.problems for finding in found)
    assert "SLACK_CONFIG_TOKEN" in found[-1].notes[0]


async def test_each_installation_is_looked_at(slack: FakeSlack, tmp_path: Path) -> None:
    """Good ones, revoked ones, and those that are not answered."""
    other = slack.add_team("Globex")
    house = SlackHouse(tmp_path, slack, token=False, oauth=True)
    async with house.life() as life:
        assert (await install(slack, life.address, slack.team))[0] == 200
        assert (await install(slack, life.address, other))[0] == 200
    for token in slack.world.tokens.values():
        token.revoked = token.revoked or token.team == other.id
    store = await Store.open(tmp_path / "maru.db", SystemClock())
    try:
        oauth = OAuth(slack.app.client_id, "x", store.installations, places=frozenset({other.id}))
        way = Way("https://maru.example.com", oauth=True)
        found = await findings(replace(checkup(slack), bot_token="", way=way, oauth=oauth))
    finally:
        await store.close()
    told = {finding.name: finding for finding in found}
    good = told[f"Slack, installed in Acme ({slack.team.id})"]
    gone = told[f"Slack, installed in Globex ({other.id})"]
    assert not good.problems
    assert "MARU_PLACES does not name it" in good.notes[0]
    assert gone.problems[0].startswith("its token: Slack says token_revoked.")


async def test_the_manifest_asks_for_what_the_service_knows() -> None:
    """Every event and scope in it exists."""
    slack = FakeSlack()
    found = manifest()
    assert set(found["settings"]["event_subscriptions"]["bot_events"]) <= slack.app.events
    assert set(found["oauth_config"]["scopes"]["bot"]) <= slack.app.scopes
