"""Slack's events become the common ones, or nothing."""

import json
from typing import Any

import pytest

from adapters.slack.parse import Reader, Spoken, attachment, parse, position
from adapters.slack.people import person_of
from adapters.slack.places import origin_of, place_of, user_of
from adapters.slack.setup import Way, manifest, missing_scopes
from bot.messages import Delete, Edit, Stop

READER = Reader("T1", "UBOT", {"U1": "Ann"}, {"U1": "ko-KR"})
SAID: dict[str, Any] = {
    "type": "message",
    "channel": "C1",
    "channel_type": "channel",
    "user": "U1",
    "text": "<@UBOT> hello",
    "ts": "171.000200",
    "client_msg_id": "abc",
}


def spoken(**more: Any) -> Spoken:
    found = parse(SAID | more, READER)
    assert isinstance(found, Spoken)
    return found


def test_a_mention_begins_a_conversation_at_its_own_message() -> None:
    found = spoken()
    message = found.message
    assert found.addressed
    assert message.conversation == "slack:T1/C1/171.000200"
    assert message.keys == ("slack:T1/C1/171.000200", "slack:T1/C1/client/abc")
    assert (message.text, message.author.name, message.author.locale) == ("hello", "Ann", "ko-KR")
    assert place_of(message.conversation).thread_ts == "171.000200"
    assert origin_of(message.origin).user == "U1"
    assert user_of(message.author.id) == ("T1", "U1")


def test_both_events_of_a_mention_have_one_identity() -> None:
    mention = spoken(type="app_mention", channel_type="")
    assert mention.message.keys == spoken().message.keys


@pytest.mark.parametrize(
    ("more", "addressed", "follow_up"),
    [
        ({"text": "hello"}, False, False),
        ({"text": "hello", "thread_ts": "170.1"}, False, True),
        ({"text": "<@U2> hello", "thread_ts": "170.1"}, False, False),
        ({"text": "<!subteam^S1|@devs> hello", "thread_ts": "170.1"}, False, False),
        ({"text": "<!here> hello", "thread_ts": "170.1"}, False, False),
        ({"text": "<!here> <@UBOT> hello", "thread_ts": "170.1"}, True, False),
        ({"text": "<@U2> <@UBOT> hello", "thread_ts": "170.1"}, True, False),
        ({"text": "hello", "channel": "D1", "channel_type": "im"}, True, False),
        ({"text": "hello", "channel": "G1", "channel_type": "mpim"}, True, False),
        ({"text": "<@U2> hello", "channel": "G1", "channel_type": "mpim"}, False, False),
        ({"text": "hello", "subtype": "thread_broadcast", "thread_ts": "170.1"}, False, True),
    ],
)
def test_whom_a_message_is_for(more: dict[str, Any], addressed: bool, follow_up: bool) -> None:
    found = spoken(**more)
    assert (found.addressed, found.follow_up) == (addressed, follow_up)


@pytest.mark.parametrize(
    ("channel", "kind", "private"), [("D1", "im", True), ("G1", "mpim", False), ("C1", "channel", False)]
)
def test_only_a_conversation_of_two_is_private(channel: str, kind: str, *, private: bool) -> None:
    assert spoken(text="<@UBOT> hello", channel=channel, channel_type=kind).message.private is private


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B1"},
        {"subtype": "bot_message"},
        {"user": "UBOT"},
        {"user": "USLACK"},
        {"user": None},
        {"subtype": "channel_join"},
        {"type": "reaction_added"},
        {"bot_profile": {"name": "x"}},
        {"text": "", "channel": "D1"},
    ],
)
def test_what_says_nothing_to_maru(more: dict[str, Any]) -> None:
    assert parse(SAID | more, READER) is None


def test_edits_and_deletions() -> None:
    """An unfurl is a change without one."""
    before = SAID | {"text": "<@UBOT> helo"}
    changed = {
        "type": "message",
        "subtype": "message_changed",
        "channel": "C1",
        "ts": "172.0",
        "message": SAID,
    }
    edit = parse(changed | {"previous_message": before}, READER)
    assert isinstance(edit, Edit)
    assert (edit.text, edit.edited_at) == ("hello", 172.0)
    assert parse(changed | {"previous_message": SAID}, READER) is None
    deleted = {"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "171.000200"}
    delete = parse(deleted | {"previous_message": SAID}, READER)
    assert isinstance(delete, Delete)
    assert delete.keys == edit.keys
    tombstone = changed | {"message": SAID | {"subtype": "tombstone"}, "previous_message": SAID}
    assert isinstance(parse(tombstone, READER), Delete)


def test_slacks_own_stop() -> None:
    event = {"type": "agent_session_stopped", "channel": "C1", "thread_ts": "170.1", "user": "U1"}
    stop = parse(event, READER)
    assert isinstance(stop, Stop)
    assert stop.conversation == "slack:T1/C1/170.1"


@pytest.mark.parametrize(
    ("mode", "problem"),
    [("hosted", ""), ("snippet", ""), ("external", "slack_file_external"), ("tombstone", "slack_file_gone")],
)
def test_files_that_slack_keeps_back_are_named(mode: str, problem: str) -> None:
    file = attachment(
        {"id": "F1", "name": "a.txt", "mode": mode, "url_private": "https://x", "size": 3}, "T1"
    )
    assert (file.name, file.size, file.problem) == ("a.txt", 3, problem)
    assert json.loads(file.source)["url"] == "https://x"


def test_positions_sort_as_slack_does() -> None:
    assert position("99.9") < position("100.000001") < position("100.1")


@pytest.mark.parametrize(
    ("user", "kind"),
    [
        ({"team_id": "T1"}, "member"),
        ({"team_id": "T1", "is_restricted": True}, "guest"),
        ({"team_id": "T1", "is_ultra_restricted": True, "is_restricted": True}, "guest"),
        ({"team_id": "T2"}, "outsider"),
        ({"team_id": "T1", "is_stranger": True}, "outsider"),
        ({"team_id": "T1", "deleted": True}, "outsider"),
        ({"team_id": "T2", "is_bot": True}, "bot"),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1", "teams": ["T2"]}}, "member"),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E2", "teams": ["T2"]}}, "outsider"),
    ],
)
def test_what_people_are(user: dict[str, Any], kind: str) -> None:
    assert person_of(user, "T1", "E1").kind == kind


def test_the_manifest_fits_either_way_to_connect() -> None:
    assert manifest()["settings"]["socket_mode_enabled"]
    http = manifest(Way("https://maru.example/", http=True))
    assert http["settings"]["event_subscriptions"]["request_url"] == "https://maru.example/slack/events"
    assert missing_scopes(manifest()["oauth_config"]["scopes"]["bot"]) == []
    assert missing_scopes(["chat:write"]) != []
