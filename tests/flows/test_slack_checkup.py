"""What `maru doctor` finds out about Slack."""

from adapters.slack.checkup import problems
from adapters.slack.setup import manifest
from tests.fakes.slack import FakeSlack


async def test_right_tokens_have_no_problems() -> None:
    async with FakeSlack() as slack:
        assert await problems(slack.bot_token, slack.app_token, slack.api) == []


async def test_wrong_tokens_and_missing_scopes_are_named() -> None:
    async with FakeSlack() as slack:
        wrong = await problems("xoxb-wrong", "xapp-wrong", slack.api)
        assert [problem.partition(":")[0] for problem in wrong] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]
        slack.world.tokens[slack.bot_token].scopes -= {"files:read"}
        (missing,) = await problems(slack.bot_token, "", slack.api)
        assert "files:read" in missing


async def test_the_manifest_asks_for_what_the_service_knows() -> None:
    """Every event and scope in it exists."""
    slack = FakeSlack()
    found = manifest()
    assert set(found["settings"]["event_subscriptions"]["bot_events"]) <= slack.app.events
    assert set(found["oauth_config"]["scopes"]["bot"]) <= slack.app.scopes
