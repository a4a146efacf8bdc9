"""Where things are in Discord: conversations and origins, written down and read back; pure."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

PLATFORM = "discord"
DIRECT = "@me"  # in place of a server, as in Discord's own addresses
ASKED = "ask-"  # before the id of the interaction


@dataclass(frozen=True, slots=True)
class Place:
    """A thread, a DM channel, or one person's or one command's own conversation in a channel.

    A thread has the id of the message that it was made from, so its name is known before it is made.
    """

    guild: str  # `DIRECT` outside of servers
    channel: str  # the channel, DM channel or thread
    apart: str = ""  # the user of a private conversation; or `ASKED` and the interaction of a public `/ask`

    @property
    def conversation(self) -> str:
        name = f"{PLATFORM}:{self.guild}/{self.channel}"
        return f"{name}/{self.apart}" if self.apart else name

    @property
    def private(self) -> bool:
        """Whether one person has it for themselves, in a channel of others."""
        return bool(self.apart) and not self.apart.startswith(ASKED)

    @property
    def direct(self) -> bool:
        """Whether it is outside of servers."""
        return self.guild == DIRECT


@dataclass(frozen=True, slots=True)
class Interaction:
    """What answers a command or a press."""

    id: str
    token: str
    application: str
    until: float  # seconds since the epoch; afterwards Discord takes no answer by this token
    file_bytes: int = 0  # the largest file that Discord takes as an answer to it; 0 when it did not say
    press: bool = False  # of a button: its original message is the one with the button, not ours to fill


@dataclass(frozen=True, slots=True)
class Origin:
    """What a reply or whisper needs to know of a message, besides its conversation."""

    channel: str = ""  # where it was written
    message: str = ""  # its id; empty for a command. A thread that is not made yet is made from it
    user: str = ""
    guild: str = ""  # empty outside of servers
    private: bool = False  # nobody but the person may see the answer
    member: bool = True  # Maru may write into the channel; else it can only answer the interaction
    interaction: Interaction | None = field(default=None)

    def dump(self) -> str:
        return json.dumps(asdict(self))


BY_TOKEN = "@"  # noqa: S105 - begins the ref of what was posted by an interaction's token


def ref_of(channel: str, message: str) -> str:
    """What a part of an answer in a channel is called in the store."""
    return f"{channel}/{message}"


def ref_by_token(message: str) -> str:
    """The same, of an answer to an interaction: its message may be out of reach otherwise."""
    return f"{BY_TOKEN}{message}"


def place_of(conversation: str) -> Place:
    """The place behind a conversation's name."""
    parts = conversation.partition(":")[2].split("/")
    guild, channel, apart = [*parts, "", "", ""][:3]
    return Place(guild, channel, apart)


def origin_of(kept: str) -> Origin:
    """The `Origin` in a message's JSON; what is not there is empty."""
    found: dict[str, Any] = json.loads(kept)
    known = {name: found[name] for name in Origin.__slots__ if name in found}
    if interaction := known.get("interaction"):
        known["interaction"] = Interaction(**interaction)
    return Origin(**known)


def author_id(user: str | int) -> str:
    return f"{PLATFORM}:{user}"


def user_of(author: str) -> str:
    """The user in an author's id."""
    return author.partition(":")[2]
