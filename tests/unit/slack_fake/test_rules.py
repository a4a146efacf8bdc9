"""The fake Slack's files, people, rates and tokens, driven by the real slack_sdk."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.clock import ManualClock
from tests.fakes.slack import App, FakeSlack, Message
from tests.unit.slack_fake.conftest import error


async def test_files_go_out_in_three_steps_and_appear_later(
    slack: FakeSlack, client: AsyncWebClient, question: Message
) -> None:
    done = await client.files_upload_v2(
        channel=slack.general.id, thread_ts=question.ts, filename="a.png", content=b"\x89PNG", title="A floor"
    )
    assert len(slack.reads(slack.general, question)) == 1
    await slack.until(lambda: len(slack.reads(slack.general, question)) == 2)
    assert slack.reads(slack.general, question)[1].files == ("a.png",)
    told = await client.files_info(file=done["files"][0]["id"])
    assert told["file"]["shares"]["public"][slack.general.id][0]["thread_ts"] == question.ts


async def test_a_file_can_be_taken_back(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Its message goes with it."""
    done = await client.files_upload_v2(channel=slack.general.id, filename="a.png", content=b"\x89PNG")
    await slack.until(lambda: slack.reads(slack.general))
    await client.files_delete(file=done["files"][0]["id"])
    assert not slack.reads(slack.general)


async def test_a_download_demands_the_token_and_leads_elsewhere(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    """Without the scope there is a page to sign in; the other host must not see the token."""
    ann = slack.person("Ann")
    plain, far = ann.file("a.txt", b"words"), ann.file("b.txt", b"far", elsewhere=True)
    bare = slack.add_token(slack.team, "xoxb-bare", frozenset({"chat:write"}))
    addresses = [
        (await client.files_info(file=file.id))["file"]["url_private_download"] for file in (plain, far)
    ]
    async with aiohttp.ClientSession() as session:
        for value, expected in ((bare.value, "text/html"), (slack.bot_token, "text/plain")):
            headers = {"Authorization": f"Bearer {value}"}
            async with session.get(addresses[0], headers=headers) as response:
                assert (response.status, response.content_type) == (200, expected)
        async with session.get(addresses[1], headers=headers) as response:
            assert await response.read() == b"far"
        assert not slack.sharing.leaked


async def test_files_that_are_not_there_say_so(slack: FakeSlack, client: AsyncWebClient) -> None:
    ann = slack.person("Ann")
    foreign = ann.file("a.txt", b"words", check=True)
    message = await ann.says(slack.general, "look", files=[foreign, ann.file("b", b"", mode="tombstone")])
    event = slack.delivery.parcels[-1].event
    assert event["subtype"] == "file_share"
    assert [set(file) & {"file_access", "url_private"} for file in event["files"]] == [{"file_access"}, set()]
    told = await client.files_info(file=foreign.id)
    assert "url_private" in told["file"]
    assert message.files[0] is foreign


async def test_rates_are_limited_by_method_and_channel(clock: ManualClock) -> None:
    """Three posts at once go through, then one a second; 429 says how long to wait."""
    async with FakeSlack(clock=clock, limits=True) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api)
        for _ in range(3):
            await client.chat_postMessage(channel=slack.general.id, text="a")
        with pytest.raises(SlackApiError) as failure:
            await client.chat_postMessage(channel=slack.general.id, text="a")
        assert failure.value.response.status_code == 429
        assert failure.value.response.headers["Retry-After"] == "1"
        await clock.advance(1)
        await client.chat_postMessage(channel=slack.general.id, text="a")
        assert slack.limits.refused == {"chat.postMessage": 1}


async def test_an_app_that_is_sold_reads_little_history(clock: ManualClock) -> None:
    async with FakeSlack(clock=clock, limits=True) as slack:
        slack.sold()
        ann = slack.person("Ann")
        for number in range(20):
            await ann.says(slack.general, str(number))
        client = AsyncWebClient(slack.bot_token, base_url=slack.api)
        first = await client.conversations_history(channel=slack.general.id, limit=100)
        assert [message["text"] for message in first["messages"]] == [str(n) for n in range(19, 4, -1)]
        following = {"channel": slack.general.id, "cursor": first["response_metadata"]["next_cursor"]}
        with pytest.raises(SlackApiError) as failure:
            await client.conversations_history(**following)
        assert failure.value.response.headers["Retry-After"] == "60"
        await clock.advance(60)
        assert len((await client.conversations_history(**following))["messages"]) == 5


async def test_scopes_tokens_and_membership_are_checked(slack: FakeSlack, client: AsyncWebClient) -> None:
    elsewhere = slack.add_channel("elsewhere", bot=False)
    secret = slack.add_channel("secret", bot=False, kind="private")
    for channel, code in ((elsewhere, "not_in_channel"), (secret, "channel_not_found")):
        with pytest.raises(SlackApiError) as failure:
            await client.chat_postMessage(channel=channel.id, text="a")
        assert error(failure) == code
    bare = slack.add_token(slack.team, "xoxb-bare", frozenset({"chat:write"}))
    with pytest.raises(SlackApiError) as failure:
        await client.conversations_history(token=bare.value, channel=slack.general.id)
    assert (error(failure), failure.value.response["needed"]) == ("missing_scope", "channels:history")
    bare.revoked = True
    for value, code in ((bare.value, "token_revoked"), ("xoxb-none", "invalid_auth")):
        with pytest.raises(SlackApiError) as failure:
            await client.auth_test(token=value)
        assert error(failure) == code


async def test_people_are_what_they_are(slack: FakeSlack, client: AsyncWebClient) -> None:
    other = slack.add_team("Other")
    seen = {}
    for name, person in {
        "guest": slack.person("Gil", kind="single_guest", locale="ko-KR"),
        "outsider": slack.person("Olga", team=other),
    }.items():
        seen[name] = (await client.users_info(user=person.id, include_locale=True))["user"]
    assert (seen["guest"]["is_ultra_restricted"], seen["guest"]["locale"]) == (True, "ko-KR")
    assert seen["outsider"]["team_id"] == other.id
    assert "locale" not in seen["outsider"]


# slack_sdk still gives aiohttp its BasicAuth.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_tokens_rotate(clock: ManualClock) -> None:
    """An access token lives twelve hours, a refresh token is good once."""
    async with FakeSlack(clock=clock, app=App(rotation=True)) as slack:
        client = AsyncWebClient(base_url=slack.api)
        secrets = {"client_id": slack.app.client_id, "client_secret": slack.app.client_secret}
        first = await client.oauth_v2_access(**secrets, code=slack.oauth.approve(slack.team, "U1"))
        await clock.advance(12 * 3600)
        with pytest.raises(SlackApiError) as failure:
            await client.auth_test(token=first["access_token"])
        assert error(failure) == "token_expired"
        again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        second = await client.oauth_v2_access(**secrets, **again)
        await client.auth_test(token=second["access_token"])
        with pytest.raises(SlackApiError) as failure:
            await client.oauth_v2_access(**secrets, **again)
        assert error(failure) == "invalid_refresh_token"
