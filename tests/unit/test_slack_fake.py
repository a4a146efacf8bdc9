"""The fake Slack, driven by the real slack_sdk."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.clock import ManualClock
from tests.fakes.slack import App, FakeSlack, Message, SlackError


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(clock=clock) as fake:
        yield fake


@pytest.fixture
async def client(slack: FakeSlack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(slack.bot_token, base_url=slack.api, session=session)


@pytest.fixture
async def question(slack: FakeSlack) -> Message:
    return await slack.person("Ann").mentions_bot(slack.general, "what is a maru?")


def error(failure: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(failure.value.response["error"])


async def test_a_message_is_posted_read_back_edited_and_deleted(
    slack: FakeSlack, client: AsyncWebClient, question: Message
) -> None:
    """Metadata comes back where it is asked for."""
    kept = {"event_type": "part", "event_payload": {"key": "7"}}
    posted = await client.chat_postMessage(
        channel=slack.general.id,
        thread_ts=question.ts,
        markdown_text="**A floor**",
        metadata=kept,
        unfurl_links=False,
        unfurl_media=False,
    )
    read = await client.conversations_replies(
        channel=slack.general.id, ts=question.ts, include_all_metadata=True
    )
    assert [message["ts"] for message in read["messages"]] == [question.ts, posted["ts"]]
    assert read["messages"][1]["metadata"] == kept
    await client.chat_update(channel=slack.general.id, ts=posted["ts"], text="A *floor*")
    assert [seen.text for seen in slack.reads(slack.general, question)][1] == "A *floor*"
    await client.chat_delete(channel=slack.general.id, ts=posted["ts"])
    assert len(slack.reads(slack.general, question)) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"text": "a" * 4_001}, "msg_too_long"),
        ({"markdown_text": "a" * 12_001}, "msg_too_long"),
        ({"text": "a", "markdown_text": "a"}, "markdown_text_conflict"),
        ({"text": ""}, "no_text"),
        ({"text": "a", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"text": "a", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        (
            {
                "text": "a",
                "blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}],
            },
            "invalid_blocks",
        ),
        (
            {
                "text": "a",
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "a" * 3_000}}] * 5,
            },
            "msg_blocks_too_long",
        ),
        ({"text": "a", "colour": "red"}, "invalid_arguments"),
    ],
)
async def test_what_is_too_long_or_wrong_is_refused(
    slack: FakeSlack, client: AsyncWebClient, arguments: dict[str, object], code: str
) -> None:
    posted = await client.chat_postMessage(channel=slack.general.id, text="first")
    with pytest.raises(SlackApiError) as failure:
        await client.api_call(
            "chat.update", json={"channel": slack.general.id, "ts": posted["ts"]} | arguments
        )
    assert error(failure) == code
    assert [seen.text for seen in slack.reads(slack.general)] == ["first"]


async def test_a_stream_is_read_as_one_text(
    slack: FakeSlack, client: AsyncWebClient, question: Message
) -> None:
    """Text and task updates; the SDK's own helper does it."""
    stream = await client.chat_stream(
        channel=slack.general.id,
        thread_ts=question.ts,
        recipient_user_id=question.user,
        recipient_team_id=slack.team.id,
        buffer_size=1,
    )
    await stream.append(markdown_text="A floor ")
    await stream.append(
        chunks=[{"type": "task_update", "id": "1", "title": "Searching", "status": "in_progress"}]
    )
    (_, seen) = slack.reads(slack.general, question)
    assert seen.streaming
    assert seen.tasks == ("in_progress: Searching",)
    await stream.stop(markdown_text="to sit on.")
    (_, seen) = slack.reads(slack.general, question)
    assert (seen.text, seen.streaming) == ("A floor to sit on.", False)


async def start(client: AsyncWebClient, question: Message) -> dict[str, Any]:
    started = await client.chat_startStream(
        channel=question.channel,
        thread_ts=question.ts,
        markdown_text="a",
        recipient_user_id=question.user,
        recipient_team_id="T",
    )
    return {"channel": question.channel, "ts": str(started["ts"])}


async def test_a_stream_dies_after_five_minutes_and_can_be_repaired(
    client: AsyncWebClient, question: Message, clock: ManualClock
) -> None:
    place = await start(client, question)
    with pytest.raises(SlackApiError) as failure:
        await client.chat_update(**place, text="b")
    assert error(failure) == "streaming_state_conflict"
    await clock.advance(300)
    for act in (client.chat_appendStream, client.chat_stopStream):
        with pytest.raises(SlackApiError) as failure:
            await act(**place, markdown_text="b")
        assert error(failure) == "message_not_in_streaming_state"
    await client.chat_update(**place, text="b")


async def test_a_stream_holds_twelve_thousand_characters(client: AsyncWebClient, question: Message) -> None:
    place = await start(client, question)
    await client.chat_appendStream(**place, markdown_text="b" * 11_999)
    with pytest.raises(SlackApiError) as failure:
        await client.chat_appendStream(**place, markdown_text="c")
    assert error(failure) == "msg_too_long"


async def test_a_stream_in_a_channel_names_its_reader(client: AsyncWebClient, question: Message) -> None:
    with pytest.raises(SlackApiError) as failure:
        await client.chat_startStream(channel=question.channel, thread_ts=question.ts)
    assert error(failure) == "missing_recipient_user_id"


async def test_completed_is_no_status_of_a_task(client: AsyncWebClient, question: Message) -> None:
    place = await start(client, question)
    with pytest.raises(SlackApiError) as failure:
        await client.chat_appendStream(
            **place,
            markdown_text="",
            chunks=[{"type": "task_update", "id": "1", "title": "a", "status": "completed"}],
        )
    assert error(failure) == "invalid_chunks"


async def test_a_stopped_stream_says_so(slack: FakeSlack, client: AsyncWebClient) -> None:
    ann = slack.person("Ann")
    question = await ann.mentions_bot(slack.general, "go on")
    place = await start(client, question)
    await ann.presses_stop(question)
    with pytest.raises(SlackApiError) as failure:
        await client.chat_appendStream(**place, markdown_text="b")
    assert error(failure) == "stopped_by_user"
    stopped = [p.event for p in slack.delivery.parcels if p.event["type"] == "agent_session_stopped"]
    assert stopped[0]["streaming_message_ts"] == [place["ts"]]


async def test_streaming_can_be_missing(slack: FakeSlack, client: AsyncWebClient, question: Message) -> None:
    slack.routes.unavailable["chat.startStream"] = "feature_disabled"
    with pytest.raises(SlackApiError) as failure:
        await start(client, question)
    assert error(failure) == "feature_disabled"


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


async def test_pings_and_unfurled_links_are_noted(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Code pings nobody, and links stay as they are where unfurling is off."""
    quiet: dict[str, Any] = {"channel": slack.general.id, "unfurl_links": False, "unfurl_media": False}
    await client.chat_postMessage(**quiet, text="`<!channel>` https://a.example")
    assert (slack.events.pinged, slack.events.unfurled) == ([], [])
    await client.chat_postMessage(channel=slack.general.id, text="<!here> <@U1> https://b.example/?q=1.")
    assert [ping for _, ping in slack.events.pinged] == ["<!here>", "<@U1>"]
    assert slack.events.unfurled == ["https://b.example/?q=1"]


async def test_a_lost_answer_is_a_post_nobody_heard_of(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.routes.answers_lost["chat.postMessage"] = 1
    client.retry_handlers.clear()
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=slack.general.id, text="a")
    assert len(slack.reads(slack.general)) == 1


async def test_a_call_can_fail_on_demand(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.routes.fails_next["auth.test"] = [SlackError("internal_error", status=503)]
    with pytest.raises(SlackApiError):
        await client.auth_test()
    assert (await client.auth_test())["user_id"] == slack.team.bot_user


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


async def test_sessions_prompts_and_home(slack: FakeSlack, client: AsyncWebClient) -> None:
    ann = slack.person("Ann")
    question = await ann.writes("hello")
    place: dict[str, Any] = {"channel_id": ann.dm.id, "thread_ts": question.ts}
    await client.agents_sessions_setStatus(**place, status="processing", title="Hello")
    await client.assistant_threads_setStatus(**place, status="is thinking…")
    assert slack.sessions.status((ann.dm.id, question.ts)) == "is thinking…"
    prompts = [{"title": "Hi", "message": "Say hi"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id=ann.dm.id, prompts=prompts)
    await client.chat_postMessage(channel=ann.dm.id, thread_ts=question.ts, text="hi")
    assert slack.sessions.status((ann.dm.id, question.ts)) == ""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "Maru"}}
    await client.views_publish(user_id=ann.id, view={"type": "home", "blocks": [section]})
    assert slack.sessions.homes[ann.id]["blocks"] == [section]
    slack.app.agent = False
    with pytest.raises(SlackApiError) as failure:
        await client.assistant_threads_setSuggestedPrompts(channel_id=ann.dm.id, prompts=prompts)
    assert error(failure) == "not_agent_app"


async def test_until_waits_for_a_condition(slack: FakeSlack) -> None:
    ann = slack.person("Ann")
    waiting = asyncio.create_task(slack.until(lambda: slack.reads(slack.general)))
    await ann.says(slack.general, "hello")
    await waiting
