"""How the fake Slack streams, driven by the real slack_sdk."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.clock import ManualClock
from tests.fakes.slack import FakeSlack, Message
from tests.unit.slack_fake.conftest import error


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
    await client.agents_sessions_setStatus(
        channel_id=slack.general.id, thread_ts=question.ts, status="processing"
    )
    await stream.stop(markdown_text="to sit on.", session_status="active")
    assert slack.sessions.sessions[slack.general.id, question.ts].history == ["processing", "active"]
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
