"""Where conversations lie."""

import re

ID = re.compile(r"[a-z]+:[^\s,]+")


def identified(text: str) -> bool:
    """Whether this can name a place, a person or a group: "slack:T1/C1", "discord:42"."""
    return ID.fullmatch(text) is not None


def places(conversation: str) -> list[str]:
    """A conversation and what it lies in, nearest first: "slack:T1/C1/171.2", "slack:T1/C1", "slack:T1"."""
    parts = conversation.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts), 0, -1)]


def within(conversation: str, channel: str) -> list[str]:
    """The places of a conversation that lies in a channel which its name may not tell, nearest first."""
    named = places(conversation)
    return list(dict.fromkeys([named[0], *(places(channel) if channel else ()), *named[1:]]))
