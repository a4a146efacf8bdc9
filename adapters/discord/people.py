"""Who people are in Discord, as far as Maru has met them."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import discord

from adapters.discord.link import DiscordRefused, Link
from adapters.discord.places import PLATFORM, user_of
from bot.errors import PlatformGone
from bot.messages import Author, Person
from bot.pace import Priority

MOST = 10_000  # people of whom something is remembered
FRESH = 600.0  # seconds that an answer of Discord is believed
SERVERS = 20  # that are asked for somebody who was not met in any of them lately


@dataclass(slots=True)
class _Known:
    locale: str = ""
    groups: dict[str, frozenset[str]] = field(default_factory=dict)  # of each server
    until: dict[str, float] = field(default_factory=dict)  # when that has to be asked for again


class People:
    """Remembers the locales that interactions tell, and the roles that come with what people write."""

    def __init__(self, link: Link, servers: Collection[str] = ()) -> None:
        """`servers`: ids of those whose members matter; what else is among them has none."""
        self._link, self._servers = link, sorted(servers)
        self._known: dict[str, _Known] = {}

    def met(self, author: Author, user: object = None) -> None:
        """Somebody wrote or pressed something; a `user` who is a member of a server has roles there."""
        if not author.locale and not isinstance(user, discord.Member):
            return
        known = self._at(user_of(author.id))
        known.locale = author.locale or known.locale
        if isinstance(user, discord.Member):
            self._learn(known, str(user.guild.id), (role.id for role in user.roles))

    async def person(self, author: Author) -> Person:
        """Whoever reaches Maru shares a server with it or has installed it: Discord has no guests.

        Their groups are the servers that they belong to, and their roles there. Raises PlatformUnreachable.
        """
        user = user_of(author.id)
        known = self._at(user)
        if user.isdecimal():
            await asyncio.gather(*(self._ask(user, known, server) for server in self._unsure(known)))
        groups = frozenset(group for groups in known.groups.values() for group in groups)
        return Person("member", author.locale or known.locale, groups)

    def _at(self, user: str) -> _Known:
        if user not in self._known and len(self._known) >= MOST:
            self._known.pop(next(iter(self._known)))
        return self._known.setdefault(user, _Known())

    def _unsure(self, known: _Known) -> Iterable[str]:
        """The servers that have to be asked: after a start, or in a DM, nothing came with roles.

        And those where somebody once was: a role that was taken away counts no longer than it is believed.
        """
        now = self._link.clock.now()
        fresh = {server for server, until in known.until.items() if until > now}
        been = {server for server, groups in known.groups.items() if groups}
        guilds = self._link.client.guilds[:SERVERS] if self._link.client and not fresh else ()
        return {*self._servers, *been, *(str(guild.id) for guild in guilds)} - fresh

    def _learn(self, known: _Known, server: str, roles: Iterable[object]) -> None:
        # Everybody has the role that is named after the server itself.
        own = (f"{PLATFORM}:{server}/{role}" for role in roles if str(role) != server)
        self._note(known, server, frozenset({f"{PLATFORM}:{server}", *own}))

    def _note(self, known: _Known, server: str, groups: frozenset[str]) -> None:
        known.groups[server], known.until[server] = groups, self._link.clock.now() + FRESH

    async def _ask(self, user: str, known: _Known, server: str) -> None:
        async def asked(client: discord.Client) -> Iterable[object]:
            return (await client.http.get_member(int(server), int(user)))["roles"]

        try:
            roles = await self._link.call("member", "", Priority.FINAL, asked)
        except (PlatformGone, DiscordRefused):
            # Not a member; or Maru is not, or it is no server at all.
            self._note(known, server, frozenset())
        else:
            self._learn(known, server, roles)
