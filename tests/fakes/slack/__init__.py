"""A stateful, strict and unkind Slack on loopback."""

from tests.fakes.slack.app import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, App
from tests.fakes.slack.delivery import Undelivered
from tests.fakes.slack.people import Person
from tests.fakes.slack.rendered import Seen
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.wire import SlackError
from tests.fakes.slack.world import Channel, Message, SharedFile, Team

__all__ = [
    "APP_TOKEN",
    "BOT_TOKEN",
    "SIGNING_SECRET",
    "App",
    "Channel",
    "FakeSlack",
    "Message",
    "Person",
    "Seen",
    "SharedFile",
    "SlackError",
    "Team",
    "Undelivered",
]
