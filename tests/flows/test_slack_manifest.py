"""What the shipped manifest asks Slack for is enough for all that Maru does."""

import re
from importlib import resources
from pathlib import Path

from adapters.slack.setup import manifest
from bot.events import Completed, FileMade, Started, Text
from bot.events import File as Made
from tests.fakes.slack import App, FakeSlack
from tests.fakes.slack.calls import PREFIXES
from tests.fakes.slack.methods import EVENTS, METHODS
from tests.fakes.slack_house import SlackHouse, answered

# https://docs.slack.dev/reference/events
OF_EVENTS = {
    "app_mention": "app_mentions:read",
    "agent_session_stopped": "chat:write",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
}
# Without a method of their own: `/maru` and the shortcut, downloads, and a DM to who never wrote one.
BESIDES = {"commands", "files:read", "im:write"}


def code() -> str:
    """What the adapter is written in, without its list of limits."""
    files = [file for file in resources.files("adapters.slack").iterdir() if file.name.endswith(".py")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.name != "limits.py")


def test_the_manifest_asks_for_the_permissions_of_what_maru_calls_and_hears_and_no_other() -> None:
    called = set(re.findall(r'"([a-zA-Z0-9.]+)"', code())) & METHODS.keys()
    needed = {METHODS[method].scope for method in called if METHODS[method].token == "bot"} - {""}
    events = manifest()["settings"]["event_subscriptions"]["bot_events"]
    needed |= {OF_EVENTS[event] for event in events if event in OF_EVENTS} | BESIDES
    kinds = {scope for scope in needed if scope.startswith("*")}
    needed = needed - kinds | {kind + scope[1:] for scope in kinds for kind in PREFIXES.values()}
    assert sorted(needed) == manifest()["oauth_config"]["scopes"]["bot"]


def test_the_manifest_asks_for_the_events_that_maru_takes_up_and_no_other() -> None:
    taken_up = {event for event in EVENTS if f'"{event.partition(".")[0]}"' in code()}
    assert sorted(taken_up) == manifest()["settings"]["event_subscriptions"]["bot_events"]


async def test_events_that_nobody_asked_for_are_acknowledged_and_left_alone(tmp_path: Path) -> None:
    """An app may be subscribed to more, as to what people look at beside Maru."""
    older = {"assistant_thread_started", "assistant_thread_context_changed"}
    async with FakeSlack(app=App(events=EVENTS | older)) as slack:
        house = SlackHouse(tmp_path, slack)
        ann = slack.person("Ann")
        async with house.life():
            await ann.looks_at(slack.general)
            thread = {"user_id": ann.id, "channel_id": ann.dm.id, "thread_ts": "1.2", "context": {}}
            for kind in older:
                event = {"type": kind, "assistant_thread": thread, "event_ts": "1.2"}
                slack.world.announce(slack.team, event, ann.dm, ann.user)
            asked = await ann.writes("hello")
            await answered(slack, "You said: hello", asked, ann.dm)
            await slack.delivered()
        told = {parcel.payload["event"]["type"] for parcel in slack.delivery.parcels}
        assert told == {"message", "app_context_changed", *older}
        assert all(parcel.acknowledged and not parcel.reasons for parcel in slack.delivery.parcels)
        assert len([m for m in slack.reads(ann.dm) if m.author == "Maru"]) == 1


async def test_the_manifests_permissions_are_enough(tmp_path: Path) -> None:
    """Channels, groups, DMs, files both ways, the tabs, commands, and looking for what was missed."""
    found = manifest()
    scopes = frozenset(found["oauth_config"]["scopes"]["bot"])
    app = App(scopes=scopes, events=frozenset(found["settings"]["event_subscriptions"]["bot_events"]))
    async with FakeSlack(app=app) as slack:
        house = SlackHouse(tmp_path, slack)
        ann, ben = slack.person("Ann"), slack.person("Ben")
        group = slack.add_channel("", ann, ben, kind="mpim")
        private = slack.add_channel("secrets", ann, kind="private")
        async with house.life() as life:
            kept = await life.files.keep_bytes(b"1,2\n")
            made = Made(kept.digest, "table.csv", "text/csv", kept.size)
            house.engine.script([Started("r"), Text("Here."), FileMade(made), Completed()])
            asked = await ann.mentions_bot(slack.general, "read", files=[ann.file("in.txt", b"words")])
            await slack.until(lambda: any("table.csv" in m.files for m in slack.reads(slack.general, asked)))
            for place, message in (
                (group, await ben.says(group, "in a group")),
                (private, await ann.mentions_bot(private, "in private")),
                (ann.dm, await ann.writes("in a DM")),
            ):
                await answered(slack, "You said: in", message, place)
            await ann.types_command("/maru help", slack.general)
            await ann.opens_home("messages")
            await ann.opens_home("home")
            await slack.until(lambda: ann.id in slack.sessions.homes and slack.sessions.prompts)
        slack.delivery.dark = True
        missed = await ben.says(group, "while you were away")
        slack.delivery.dark = False
        async with house.life():
            await answered(slack, "You said: while you were away", missed, group)
        assert not slack.routes.refusals
