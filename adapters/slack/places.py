"""Where things are in Slack: conversations and origins, written down and read back; pure."""

import json
from dataclasses import asdict, dataclass

PLATFORM = "slack"


@dataclass(frozen=True, slots=True)
class Place:
    """A thread of a channel; every message that is no reply begins one."""

    team: str  # the workspace that Maru is installed in
    channel: str
    thread_ts: str

    @property
    def conversation(self) -> str:
        return f"{PLATFORM}:{self.team}/{self.channel}/{self.thread_ts}"

    @property
    def direct(self) -> bool:
        """Whether it is a DM between one person and Maru."""
        return self.channel.startswith("D")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a reply or whisper needs to know of a message, besides its conversation."""

    ts: str = ""
    user: str = ""
    user_team: str = ""
    response_url: str = ""  # good for 30 minutes and five times

    def dump(self) -> str:
        return json.dumps(asdict(self))


def place_of(conversation: str) -> Place:
    """The place behind a conversation's name."""
    parts = conversation.partition(":")[2].split("/")
    team, channel, thread_ts = [*parts, "", "", ""][:3]
    return Place(team, channel, thread_ts)


def origin_of(kept: str) -> Origin:
    """The `Origin` in a message's JSON; what is not there is empty."""
    found = json.loads(kept)
    return Origin(**{name: str(found.get(name, "")) for name in Origin.__slots__})


def author_id(team: str, user: str) -> str:
    return f"{PLATFORM}:{team}/{user}"


def user_of(author: str) -> tuple[str, str]:
    """Workspace and user in an author's id."""
    team, _, user = author.partition(":")[2].rpartition("/")
    return team, user
