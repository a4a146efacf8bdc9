"""Who people are in Discord, as far as Maru has met them."""

from collections.abc import Collection
from typing import TypeVar

import discord

from adapters.discord.link import DiscordRefused, Link
from adapters.discord.places import PLATFORM, user_of
from bot.errors import PlatformGone
from bot.messages import Author, Person
from bot.pace import Priority

T = TypeVar("T")

MOST = 10_000  # people of whom something is remembered
FRESH = 600.0  # seconds that an answer of Discord is believed


class People:
    """Remembers the locales that interactions tell; messages tell none."""

    def __init__(self, link: Link, servers: Collection[str] = ()) -> None:
        """`servers`: ids of those whose members matter; what else is among them has none."""
        self._link, self._servers = link, sorted(servers)
        self._locales: dict[str, str] = {}
        self._groups: dict[str, tuple[frozenset[str], float]] = {}  # of a user, and until when that counts

    def met(self, author: Author) -> None:
        if author.locale:
            _remember(self._locales, user_of(author.id), author.locale)

    async def person(self, author: Author) -> Person:
        """Whoever reaches Maru shares a server with it or has installed it: Discord has no guests.

        Their groups are those of the servers that they belong to. Raises PlatformUnreachable.
        """
        user = user_of(author.id)
        return Person("member", author.locale or self._locales.get(user, ""), await self._groups_of(user))

    async def _groups_of(self, user: str) -> frozenset[str]:
        groups, until = self._groups.get(user, (frozenset(), 0.0))
        if until <= self._link.clock.now():
            groups = frozenset(
                [f"{PLATFORM}:{server}" for server in self._servers if await self._belongs(user, server)]
            )
            _remember(self._groups, user, (groups, self._link.clock.now() + FRESH))
        return groups

    async def _belongs(self, user: str, server: str) -> bool:
        async def asked(client: discord.Client) -> object:
            return await client.http.get_member(int(server), int(user))

        try:
            await self._link.call("member", "", Priority.FINAL, asked)
        except (PlatformGone, DiscordRefused):
            return False  # not a member; or Maru is not, or it is no server at all
        return True


def _remember(known: dict[str, T], user: str, what: T) -> None:
    if len(known) >= MOST:
        known.pop(next(iter(known)))
    known[user] = what
