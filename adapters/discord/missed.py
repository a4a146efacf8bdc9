"""Takes in what was said, edited and deleted while no session was there; what is known is a repeat."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

import discord

from adapters.discord.link import Link
from adapters.discord.pages import SHARD_OF_DIRECTS, Page, page_of, pages
from adapters.discord.parse import key, position
from adapters.discord.places import PLATFORM, origin_of
from bot.catchup import CatchUp
from bot.messages import Message
from bot.ports import Archive, Receive
from bot.vanished import known, vanished

PATIENCE = 1.5  # seconds that a message waits for what was missed before it: nothing is kept of it yet

Hear = Callable[[discord.Message], Awaitable[None]]
"""Takes a message that may be new, known or edited."""


class Missed:
    """Reads once for each session of a shard; a conversation that somebody writes in meanwhile goes first."""

    def __init__(self, link: Link, archive: Archive, hear: Hear, receive: Receive) -> None:
        self._link, self._archive, self._hear, self._receive = link, archive, hear, receive
        # Of each shard.
        self._catching_up = defaultdict[int, CatchUp](lambda: CatchUp(link.clock, PATIENCE))

    def begun(self, shard: int) -> None:
        """A session begins: what was said before it comes before what it tells."""
        self._catching_up[shard].open()

    def settled(self, shard: int) -> None:
        """Its servers are known: look for what was said before it."""
        self._catching_up[shard].begin(lambda: self._find(shard))

    async def close(self) -> None:
        """End what is still being read."""
        for catch_up in self._catching_up.values():
            await catch_up.end()

    def maybe(self, message: discord.Message) -> bool:
        """Whether something can have been missed before a message where it was written."""
        followed = isinstance(message.channel, discord.Thread | discord.DMChannel)
        return followed and self._of(message).is_open

    async def before(self, message: discord.Message, conversation: str) -> None:
        """Return once it is known what was missed there, or when that takes too long."""
        where = message.channel
        if isinstance(where, discord.Thread | discord.DMChannel):
            await self._of(message).before(conversation, lambda: self._look(conversation, where))

    def _of(self, message: discord.Message) -> CatchUp:
        return self._catching_up[message.guild.shard_id if message.guild else SHARD_OF_DIRECTS]

    async def _find(self, shard: int) -> None:
        said = await known(self._archive, f"{PLATFORM}:")
        async for page in pages(self._link, self._archive, shard):
            await self._take(page, said)

    async def _look(self, conversation: str, where: discord.Thread | discord.DMChannel) -> None:
        """Catch up with one conversation at once, because somebody writes on in it."""
        said = await known(self._archive, conversation)
        await self._take(await page_of(self._link, where), said)

    async def _take(self, page: Page, said: Sequence[Message]) -> None:
        # Known before the page was read: what came in since then may be missing on it, and is not gone.
        here = [message for message in said if origin_of(message.origin).channel == page.channel]
        shown = frozenset(key(message.id) for message in page.messages)
        for gone in vanished([one for one in here if _written(one)], shown, position(page.since)):
            await self._receive(gone)
        for message in page.messages:
            if message.id > page.recent:
                await self._hear(message)


def _written(message: Message) -> bool:
    """Whether a channel shows it, and not only that a command was used."""
    return bool(origin_of(message.origin).message)
