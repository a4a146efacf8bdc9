"""What the shipped manifest asks Slack for is enough for all that Maru does."""

from pathlib import Path

from adapters.slack.setup import manifest
from bot.events import Completed, FileMade, Started, Text
from bot.events import File as Made
from tests.fakes.slack import App, FakeSlack
from tests.fakes.slack_house import SlackHouse, answered


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
