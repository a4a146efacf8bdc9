"""What a Slack is made of: workspaces, people, channels, messages, files and tokens."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from bot.clock import Clock
from tests.fakes.slack.wire import Ids, Json, SlackError

UserKind = Literal["member", "guest", "single_guest", "bot", "deleted"]
ChannelKind = Literal["public", "private", "im", "mpim"]
FileMode = Literal["hosted", "snippet", "external", "hidden_by_limit", "tombstone"]


@dataclass
class Team:
    """A workspace, and how Maru is installed in it."""

    id: str
    name: str
    enterprise: str = ""
    org_install: bool = False
    installed: bool = True
    bot_user: str = ""
    bot_id: str = ""


@dataclass
class User:
    id: str
    team: str
    name: str
    locale: str = "en-US"
    kind: UserKind = "member"
    bot_id: str = ""


@dataclass
class Group:
    """A user group: people who can be mentioned together."""

    id: str
    team: str
    name: str
    members: set[str] = field(default_factory=set)


@dataclass
class SharedFile:
    id: str
    name: str
    user: str
    data: bytes
    media_type: str = "application/octet-stream"
    title: str = ""
    alt: str = ""  # what a picture shows, for those who cannot see it
    mode: FileMode = "hosted"
    check: bool = False  # events say only file_access: check_file_info
    elsewhere: bool = False  # the download redirects to another host
    created: int = 0


@dataclass
class Stream:
    """What is known of a message while it is streamed, and after."""

    started: float
    characters: int = 0
    live: bool = True
    stopped_by_user: bool = False
    tasks: dict[str, Json] = field(default_factory=dict)
    plan: str = ""


@dataclass
class Message:
    channel: str
    ts: str
    user: str
    text: str = ""
    thread_ts: str = ""
    subtype: str = ""
    bot_id: str = ""
    markdown: bool = False  # written as Markdown, not as mrkdwn
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json = field(default_factory=dict)
    files: list[SharedFile] = field(default_factory=list)
    client_msg_id: str = ""
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    only_for: str = ""  # an ephemeral message's one reader
    stream: Stream | None = None
    streamed: bool = False  # began as a stream, and was not replaced since
    unfurls: bool = False
    history: list[str] = field(default_factory=list)
    changed_at: float = 0.0  # when it was last written to


@dataclass
class Channel:
    id: str
    team: str
    kind: ChannelKind
    name: str = ""
    members: set[str] = field(default_factory=set)
    archived: bool = False
    shared_with: set[str] = field(default_factory=set)  # other companies' workspaces
    messages: dict[str, Message] = field(default_factory=dict)
    last_ts: int = 0

    def thread(self, ts: str) -> list[Message]:
        """A thread, its first message included, oldest first."""
        return [message for message in self.messages.values() if ts in (message.ts, message.thread_ts)]


@dataclass
class Token:
    value: str
    kind: Literal["bot", "app", "config"]
    team: str = ""
    scopes: frozenset[str] = frozenset()
    revoked: bool = False
    expires_at: float = 0.0
    enterprise: str = ""  # an organisation's token is good in all its workspaces


class World:
    """All of it, with the clock that everything goes by."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ids = Ids()
        self.random = random.Random(7)
        self.teams: dict[str, Team] = {}
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, SharedFile] = {}
        self.tokens: dict[str, Token] = {}
        self.ephemeral: list[Message] = []
        self.changed = asyncio.Event()
        self.errors: list[Exception] = []  # mistakes of the fake itself: they fail the test
        self.announce: Callable[[Team, Json, Channel | None, User | None], None] = _nobody

    def user(self, id_: str) -> User:
        if id_ not in self.users:
            raise SlackError("user_not_found")
        return self.users[id_]

    def channel(self, id_: str, team: str = "") -> Channel:
        """A channel that the workspace knows."""
        found = self.channels.get(id_)
        if found is None or (team and team != found.team and team not in found.shared_with):
            raise SlackError("channel_not_found")
        return found

    def message(self, channel: Channel, ts: str) -> Message:
        if ts not in channel.messages:
            raise SlackError("message_not_found")
        return channel.messages[ts]

    def by_maru(self, message: Message) -> bool:
        """Whether Maru wrote it, in whichever workspace."""
        return any(message.user == team.bot_user for team in self.teams.values())

    def open(self, team: str, members: set[str], kind: ChannelKind, name: str = "") -> Channel:
        """The channel of exactly these people for a DM, a new one for the rest."""
        if kind in ("im", "mpim"):
            for channel in self.channels.values():
                if channel.kind == kind and channel.team == team and channel.members == members:
                    return channel
        letter = {"public": "C", "private": "C", "im": "D", "mpim": "G"}[kind]
        channel = Channel(self.ids(letter), team, kind, name, set(members))
        self.channels[channel.id] = channel
        return channel

    def next_ts(self, channel: Channel) -> str:
        """Strictly increasing within the channel; another channel may well use the same."""
        channel.last_ts = max(int(self.clock.now() * 1_000_000), channel.last_ts + 1)
        return f"{channel.last_ts // 1_000_000}.{channel.last_ts % 1_000_000:06d}"

    def touch(self) -> None:
        """Something changed: whoever waits for a condition looks again."""
        self.changed.set()

    async def until(self, condition: Callable[[], object]) -> None:
        """Return once the condition holds."""
        while not condition():
            self.changed.clear()
            await self.changed.wait()


def _nobody(team: Team, event: Json, channel: Channel | None, author: User | None) -> None:
    """Before there is a delivery."""
