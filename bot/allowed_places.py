"""Where Maru answers: everywhere, or in the workspaces and servers that its operator names."""

from collections.abc import Collection

from bot.messages import Author, Person


class AllowedPlaces:
    """A place is a workspace, organisation, server or person, written as platform:id.

    A platform of which none is named is not limited.
    """

    def __init__(self, named: Collection[str] = ()) -> None:
        self._named = frozenset(named)

    def of(self, platform: str) -> frozenset[str]:
        """The ids named of a platform; empty when it is not limited."""
        found = (name.partition(":") for name in self._named)
        return frozenset(id_ for at, _, id_ in found if at == platform)

    def allow(self, conversation: str, author: Author, person: Person) -> bool:
        """Whether somebody is answered there: for the place, for themselves, or for a group of theirs."""
        platform, _, where = conversation.partition(":")
        if not self.of(platform):
            return True
        place = f"{platform}:{where.partition('/')[0]}"
        return not self._named.isdisjoint({place, author.id, *person.groups})
