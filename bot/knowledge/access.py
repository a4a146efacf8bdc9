"""Who may search a collection, and where."""

from dataclasses import dataclass

from bot.places import places
from bot.ports import Collection


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads an answer, and where they read it."""

    places: frozenset[str]  # the conversation, and everything it lies in
    private: bool = False  # nobody but its authors reads it
    authors: tuple[frozenset[str], ...] = ()  # for each author, the id and the groups


def may_search(collection: Collection, audience: Audience) -> bool:
    """Whether everything in a collection may be told to everybody in an audience.

    One limited to channels is searched only there, one limited to people only where nobody else reads;
    one limited to both needs both.
    """
    if collection.channels and not audience.places & set(collection.channels):
        return False
    if not collection.readers:
        return True
    readers = set(collection.readers)
    return (
        audience.private and bool(audience.authors) and all(readers & author for author in audience.authors)
    )


def around(conversation: str, *channels: str) -> frozenset[str]:
    """The places of a conversation that lies in these channels, too."""
    return frozenset(place for name in (conversation, *channels) if name for place in places(name))
