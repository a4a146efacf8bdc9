"""What the fake Slack tells of people's doings, to the real Bolt."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.fakes.clock import ManualClock
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.listener import Bot, listening


async def test_a_mention_arrives_as_two_events_with_one_ts(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        message = await ann.mentions_bot(slack.general, "hello")
        await slack.delivered()
    assert {event["type"] for event in bot.events} == {"message", "app_mention"}
    assert {event["ts"] for event in bot.events} == {message.ts}
    assert len({body["event_id"] for body in bot.heard}) == 2


async def test_a_stranger_to_the_channel_hears_only_the_mention(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        where = slack.add_channel("elsewhere", ann, bot=False)
        await ann.mentions_bot(where, "hello")
        await slack.delivered()
    assert [event["type"] for event in bot.events] == ["app_mention"]


async def test_gestures_are_acknowledged_and_answered(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        button = {
            "type": "button",
            "action_id": "again",
            "value": "7",
            "text": {"type": "plain_text", "text": "Again"},
        }
        await bot.client.chat_postMessage(
            channel=slack.general.id, text="a", blocks=[{"type": "actions", "elements": [button]}]
        )
        (seen,) = slack.reads(slack.general)
        assert seen.buttons == {"again": "Again"}
        (answer,) = slack.answers(slack.general)
        assert await ann.presses(answer, "again") is not None
        await ann.types_command("/maru help me", slack.general)
        await slack.until(lambda: len(slack.world.ephemeral) == 2)
        await ann.uses_shortcut(answer, "ask")
        pressed, command, shortcut = (body for body in bot.heard if "event" not in body)
        modal = {"type": "modal", "title": {"type": "plain_text", "text": "Ask"}, "blocks": []}
        await bot.client.views_open(trigger_id=shortcut["trigger_id"], view=modal)
        with pytest.raises(SlackApiError):
            await bot.client.views_open(trigger_id=shortcut["trigger_id"], view=modal)
        await ann.submits({"b": {"a": {"type": "plain_text_input", "value": "why?"}}})
    assert pressed["actions"][0]["value"] == "7"
    assert command["text"] == "help me"
    assert shortcut["message"]["ts"] == answer.ts
    assert bot.heard[-1]["view"]["state"]["values"]["b"]["a"]["value"] == "why?"
    whispered = [seen.text for seen in slack.reads(slack.general, person=ann) if seen.only_for]
    assert sorted(whispered) == ["at once", "you said help me"]


async def test_a_gesture_that_nobody_answers_is_seen(slack: FakeSlack, bot: Bot, clock: ManualClock) -> None:
    async with listening(bot):
        bot.deaf = 1
        ann = slack.person("Ann")
        typing = asyncio.create_task(ann.types_command("/maru help"))
        await clock.until_asleep()
        await clock.advance(3)
        assert await typing is None
    assert slack.gestures.complaints == [(ann.id, "Maru did not respond.")]


async def test_a_response_url_is_good_five_times_for_half_an_hour(
    slack: FakeSlack, bot: Bot, clock: ManualClock
) -> None:
    async with listening(bot), aiohttp.ClientSession() as session:
        ann = slack.person("Ann")
        await ann.types_command("/maru a")
        address = bot.heard[-1]["response_url"]
        await slack.until(lambda: len(slack.world.ephemeral) == 2)
        statuses = []
        for body in [{"markdown_text": "a"}] + [{"text": "a"}] * 3:
            async with session.post(address, json=body) as response:
                statuses.append(response.status)
        async with session.post(address, json={"text": "a"}) as response:
            statuses.append(response.status)
    assert statuses == [404, 200, 200, 200, 404]


async def test_edits_deletions_and_previews_arrive_hidden(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        message = await ann.writes("see https://a.example")
        await slack.unfurls(message)
        await ann.edits(message, "see this")
        await ann.deletes(message)
        await slack.delivered()
    told = {event.get("subtype"): event for event in bot.events[1:]}
    assert set(told) == {"message_changed", "message_deleted"}
    changes = [event for event in bot.events if event.get("subtype") == "message_changed"]
    same = [event["message"]["text"] == event["previous_message"]["text"] for event in changes]
    assert sorted(same) == [False, True]
    assert told["message_deleted"]["deleted_ts"] == message.ts


async def test_one_gesture_can_be_two_messages(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        await ann.mentions_bot(slack.general, "hello", twice=True)
        await slack.delivered()
    assert len({event["ts"] for event in bot.events}) == 2
    assert len({event["client_msg_id"] for event in bot.events}) == 1


async def test_other_companies_are_named(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        other = slack.add_team("Other")
        other.installed = False
        olga = slack.person("Olga", team=other)
        slack.share(slack.general, olga)
        await olga.says(slack.general, "hello")
        await slack.delivered()
    (body,) = bot.heard
    assert body["is_ext_shared_channel"]
    assert (body["event"]["user_team"], body["context_team_id"]) == (other.id, slack.team.id)


async def test_uninstalling_is_told_and_takes_the_token(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        await slack.uninstalls()
        await slack.delivered()
    with pytest.raises(SlackApiError):
        await bot.client.auth_test()
    assert {parcel.event["type"] for parcel in slack.delivery.parcels} == {
        "app_uninstalled",
        "tokens_revoked",
    }


async def test_a_deleted_question_with_answers_leaves_a_tombstone(slack: FakeSlack, bot: Bot) -> None:
    """That arrives as a change, not as a deletion."""
    async with listening(bot):
        ann = slack.person("Ann")
        message = await ann.mentions_bot(slack.general, "hello")
        await bot.client.chat_postMessage(channel=slack.general.id, thread_ts=message.ts, text="hi")
        await ann.deletes(message)
        await slack.delivered()
    (change,) = [event for event in bot.events if event.get("subtype") == "message_changed"]
    assert (change["message"]["subtype"], change["message"]["ts"]) == ("tombstone", message.ts)
    assert [seen.text for seen in slack.reads(slack.general, message)] == ["This message was deleted.", "hi"]


async def test_other_bots_are_known_as_such(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        robot = slack.person("Robo", kind="bot")
        await robot.mentions_bot(slack.general, "beep")
        await slack.delivered()
    assert {(event["type"], bool(event["bot_id"])) for event in bot.events} == {
        ("message", True),
        ("app_mention", True),
    }


async def test_an_organisation_installs_once_for_all_workspaces() -> None:
    """One token; events say whose they are, and no team is authorised alone."""
    async with FakeSlack() as slack, aiohttp.ClientSession() as session:
        east = slack.add_team("East", enterprise="E1", org_install=True)
        west = slack.add_team("West", enterprise="E1", org_install=True)
        west.bot_user = east.bot_user
        token = slack.add_token(east, "xoxb-org")
        slack.bot_token = token.value
        bot = Bot(slack, session)
        async with listening(bot):
            wendy = slack.person("Wendy", team=west)
            where = slack.add_channel("west", wendy, team=west)
            await wendy.says(where, "hello")
            await slack.delivered()
            await bot.client.chat_postMessage(channel=where.id, text="hi")
        (body,) = [body for body in bot.heard if body["event"]["user"] == wendy.id]
        assert (body["team_id"], body["enterprise_id"]) == (west.id, "E1")
        assert body["authorizations"][0]["is_enterprise_install"]
        assert [seen.text for seen in slack.reads(where)] == ["hello", "hi"]
        with pytest.raises(SlackApiError):
            await bot.client.conversations_list()
        found = await bot.client.conversations_list(team_id=west.id)
        assert [channel["id"] for channel in found["channels"]] == [where.id]


async def test_the_agents_tab_and_what_a_person_looks_at_are_told(slack: FakeSlack, bot: Bot) -> None:
    async with listening(bot):
        ann = slack.person("Ann")
        await ann.opens_home()
        await ann.opens_home("messages")
        await ann.looks_at(slack.general)
        await slack.delivered()
    seen = {(event["type"], event.get("tab", "")) for event in bot.events}
    assert seen == {("app_home_opened", "home"), ("app_home_opened", "messages"), ("app_context_changed", "")}
