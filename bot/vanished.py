"""Finds what was deleted while nobody listened: what is known of a place, and not shown there any more."""

from collections.abc import Iterable, Sequence

from bot.messages import Delete, Message
from bot.ports import Archive

CONVERSATIONS = 100  # of a platform that are looked at, those that changed last
TURNS = 20  # of each, the newest


async def known(archive: Archive, prefix: str) -> Sequence[Message]:
    """What people said last in the conversations whose name begins with `prefix`."""
    return [
        message
        for summary in await archive.conversations(prefix, CONVERSATIONS)
        for record in await archive.records(summary.conversation, limit=TURNS)
        for message in record.turn.messages
    ]


def vanished(said: Iterable[Message], shown: frozenset[str], since: str) -> Sequence[Delete]:
    """The deletion of each message that a place does not show.

    `said` was known before the place was looked at, `shown` are the keys of all that stands in it from the
    position `since` on.
    """
    return [
        Delete(message.conversation, message.keys)
        for message in said
        if message.position >= since and shown.isdisjoint(message.keys)
    ]
