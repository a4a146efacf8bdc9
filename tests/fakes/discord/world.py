"""What a Discord is made of: guilds, people, channels, messages, files and interactions."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from bot.clock import Clock
from tests.fakes.discord.wire import DiscordError, Ids, Json

ChannelKind = Literal[
    "text", "dm", "voice", "group", "news", "news_thread", "public_thread", "private_thread", "stage", "forum"
]
KINDS: dict[ChannelKind, int] = {
    "text": 0, "dm": 1, "voice": 2, "group": 3, "news": 5,
    "news_thread": 10, "public_thread": 11, "private_thread": 12, "stage": 13, "forum": 15,
}  # fmt: skip
MOST_THREADS = 1_000  # that are not archived, in a server

PERMISSIONS = {
    "view": 1 << 10,
    "send": 1 << 11,
    "embed": 1 << 14,
    "attach": 1 << 15,
    "history": 1 << 16,
    "everyone": 1 << 17,
    "threads": 1 << 35,
    "send_in_threads": 1 << 38,
}
EVERYTHING = sum(PERMISSIONS.values()) | 1 << 31

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15


@dataclass
class User:
    id: str
    name: str
    locale: str = "en-US"
    bot: bool = False
    closed: bool = False  # takes no direct messages


@dataclass
class Role:
    id: str
    name: str
    members: set[str] = field(default_factory=set)


@dataclass
class Guild:
    id: str
    name: str
    bot: bool = True  # Maru is a member
    premium_tier: int = 0
    locale: str = "en-US"
    members: set[str] = field(default_factory=set)
    roles: dict[str, Role] = field(default_factory=dict)
    unavailable: bool = False
    denied: set[str] = field(default_factory=set)  # names of PERMISSIONS that Maru's roles lack

    @property
    def file_limit(self) -> int:
        return (10, 10, 50, 100)[self.premium_tier] * 2**20


@dataclass
class Attachment:
    id: str
    name: str
    content: bytes
    media_type: str = "application/octet-stream"
    description: str = ""


@dataclass
class Message:
    id: str
    channel: str
    author: str
    content: str = ""
    kind: int = 0
    flags: int = 0
    attachments: list[Attachment] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)  # users, as the event lists them
    mentions_everyone: bool = False
    mention_roles: list[str] = field(default_factory=list)
    reference: str = ""  # the message that it replies to
    webhook: str = ""
    edited: float = 0.0
    nonce: str = ""
    pinged: set[str] = field(default_factory=set)  # user ids, `everyone`, `role:ID`: who heard a sound
    only_for: str = ""  # an ephemeral message's one reader
    interaction: str = ""  # the interaction that it answers
    history: list[str] = field(default_factory=list)  # what it said before each edit
    old_edits: int = 0


@dataclass
class Channel:
    id: str
    kind: ChannelKind
    guild: str = ""
    name: str = ""
    parent: str = ""
    recipients: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)  # names of PERMISSIONS that Maru lacks here
    archived: bool = False
    locked: bool = False
    owner: str = ""
    tags: list[str] = field(default_factory=list)  # of a forum: the tags that there are
    demands_tag: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    typed: list[float] = field(default_factory=list)  # when Maru was shown typing

    @property
    def thread(self) -> bool:
        return self.kind in ("news_thread", "public_thread", "private_thread")


@dataclass
class Interaction:
    """A gesture that the app has to answer: within 3 seconds at first, for 15 minutes after."""

    id: str
    token: str
    user: str
    channel: str
    made: float
    kind: int
    guild: str = ""
    message: str = ""  # the one with the button
    answered: int = 0  # the type of the first response
    private: bool = False
    waiting: bool = False  # deferred, and nothing said yet
    original: Message | None = None
    follow_ups: int = 0
    foreign: bool = False  # Maru is no member there: at most 5 follow-ups
    modal: Json | None = None
    took: float = 0.0

    @property
    def acknowledged(self) -> bool:
        return self.answered != 0


class World:
    """All of it, with the clock that everything goes by."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ids = Ids(clock)
        self.url = ""
        self.maru = User(self.ids(), "Maru", bot=True)
        self.application = self.ids()
        self.most_threads = MOST_THREADS
        self.content_allowed = True  # the portal's switch for the Message Content intent
        self.users: dict[str, User] = {self.maru.id: self.maru}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.interactions: dict[str, Interaction] = {}  # by id
        self.commands: list[Json] = []
        self.changed = asyncio.Event()
        self.errors: list[Exception] = []  # mistakes of the fake itself: they fail the test
        self.announce: Callable[[str, Json, Channel | None], None] = _nobody

    @property
    def application_flags(self) -> int:
        """Which privileged intents the portal has switched on for an app of few users."""
        return 1 << 19 if self.content_allowed else 0

    def channel(self, id_: str) -> Channel:
        if id_ not in self.channels:
            raise DiscordError(404, 10003, "Unknown Channel")
        return self.channels[id_]

    def message(self, channel: Channel, id_: str) -> Message:
        if id_ not in channel.messages:
            raise DiscordError(404, 10008, "Unknown Message")
        return channel.messages[id_]

    def found(self, id_: str) -> Message | None:
        """A message by its id alone."""
        return next((c.messages[id_] for c in self.channels.values() if id_ in c.messages), None)

    def open_dm(self, user: str) -> Channel:
        """The direct messages of somebody with Maru."""
        for channel in self.channels.values():
            if channel.kind == "dm" and channel.recipients == {user}:
                return channel
        channel = Channel(self.ids(), "dm", recipients={user})
        self.channels[channel.id] = channel
        return channel

    def denied(self, channel: Channel) -> set[str]:
        """What Maru may not do there; a thread has it from its channel."""
        own = channel.denied | (self.channels[channel.parent].denied if channel.thread else set())
        return own | (self.guilds[channel.guild].denied if channel.guild in self.guilds else set())

    def demand(self, channel: Channel, *permissions: str) -> None:
        """Raise what Discord says when Maru lacks one of these."""
        denied = self.denied(channel)
        outside = channel.kind == "group" or (bool(channel.guild) and not self.guilds[channel.guild].bot)
        if "view" in denied or outside:
            raise DiscordError(403, 50001, "Missing Access")
        if denied & set(permissions):
            raise DiscordError(403, 50013, "Missing Permissions")

    def touch(self) -> None:
        """Something changed: whoever waits for a condition looks again."""
        self.changed.set()

    async def until(self, condition: Callable[[], object]) -> None:
        """Return once the condition holds."""
        while not condition():
            self.changed.clear()
            await self.changed.wait()


def _nobody(event: str, payload: Json, channel: Channel | None) -> None:
    """Before there is a gateway."""
