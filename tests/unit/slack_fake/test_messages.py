"""The fake Slack's messages, driven by the real slack_sdk."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import FakeSlack, Message, SlackError
from tests.unit.slack_fake.conftest import error


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


async def test_pings_and_unfurled_links_are_noted(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Code pings nobody, and links stay as they are where unfurling is off."""
    quiet: dict[str, Any] = {"channel": slack.general.id, "unfurl_links": False, "unfurl_media": False}
    await client.chat_postMessage(**quiet, text="`<!channel>` https://a.example")
    assert (slack.events.pinged, slack.events.unfurled) == ([], [])
    await client.chat_postMessage(channel=slack.general.id, text="<!here> <@U1> https://b.example/?q=1.")
    assert [ping for _, ping in slack.events.pinged] == ["<!here>", "<@U1>"]
    assert slack.events.unfurled == ["https://b.example/?q=1"]


async def test_blocks_ping_and_link_like_text(slack: FakeSlack, client: AsyncWebClient) -> None:
    elements = [
        {"type": "broadcast", "range": "channel"},
        {"type": "user", "user_id": "U1"},
        {"type": "link", "url": "https://a.example"},
    ]
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "<!here> <https://b.example|B>"}}
    await client.chat_postMessage(channel=slack.general.id, text="a", blocks=[rich, section])
    assert [ping for _, ping in slack.events.pinged] == ["<!channel>", "<@U1>", "<!here>"]
    assert slack.addresses(slack.general) == ["https://a.example", "https://b.example"]
    assert [seen.text for seen in slack.reads(slack.general)] == ["@channel@U1https://a.example\n@here B"]


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
