"""The client of discord.py as Maru uses it: what it listens to, and where Discord is."""

import logging
import sys
from collections import Counter
from typing import Protocol

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.options import Options
from adapters.discord.refusals import Refusals
from adapters.discord.starts import Starts

logger = logging.getLogger(__name__)

# Maru does not speak, so nobody needs to hear what is missing for that.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

API_URL = "https://discord.com/api/v10"
GATEWAY_URL = "wss://gateway.discord.gg/"
TRIES = 3  # sessions that a shard begins in a row without getting one


class Listener(Protocol):
    """What is told of what happens at Discord."""

    async def said(self, message: discord.Message) -> None: ...

    async def edited(self, event: discord.RawMessageUpdateEvent) -> None: ...

    async def deleted(self, message: int, channel: int, guild: int | None) -> None: ...

    async def interacted(self, interaction: discord.Interaction) -> None: ...

    def begun(self, shard: int) -> None:
        """A new session of a shard has begun: what was said before it was not delivered."""

    def settled(self, shard: int) -> None:
        """The servers of a new session are known."""


def intents(*, content: bool) -> discord.Intents:
    """What is asked of the gateway; `content` is the privileged intent."""
    return discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=content)


def point(api_url: str, gateway_url: str) -> None:
    """Say where Discord is, for every client of this process."""
    Route.BASE = api_url.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


class MaruClient(discord.AutoShardedClient):
    """Hands everything over to a `Listener`. It is not used again after its end."""

    def __init__(
        self,
        listener: Listener,
        gateway_url: str,
        *,
        content: bool,
        options: Options,
        starts: Starts,
        refusals: Refusals,
    ) -> None:
        super().__init__(
            http_trace=refusals.trace(),
            intents=intents(content=content),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=options.settle,
        )
        if options.shards:
            self.shard_ids, self.shard_count = list(options.shards.ids), options.shards.count
        self.content = content
        self._listener, self._starts, self._refusals = listener, starts, refusals
        self._up: set[int] = set()
        self._tries: Counter[int] = Counter()
        self._at_once = 1  # sessions that may begin together
        self._gateway = None if gateway_url == GATEWAY_URL else yarl.URL(gateway_url)

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Discord names a gateway itself; an operator's own is used exactly as given."""
        await super().launch_shard(self._gateway or gateway, shard_id, initial=initial)

    @property
    def connected(self) -> bool:
        """Whether every shard of this process has a session."""
        wanted = self.shard_ids or range(self.shard_count or 0)
        return bool(wanted) and self._up.issuperset(wanted) and not self.is_closed()

    async def setup_hook(self) -> None:
        """Called once, before the first session begins: each of them counts, so none is begun in vain."""
        flags = self.application_flags
        if self.content and not (flags.gateway_message_content or flags.gateway_message_content_limited):
            raise discord.PrivilegedIntentsRequired(None)
        advised, _, limit = await self.http.get_bot_gateway()
        self._at_once = max(1, limit["max_concurrency"])
        needed = len(self.shard_ids or range(advised))
        if limit["remaining"] < needed:
            await self._starts.none_left(limit["reset_after"] / 1_000)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002 - discord.py's
        shard = shard_id or 0
        self._tries[shard] += 1
        await self._starts.may_begin(shard % self._at_once)

    async def on_shard_connect(self, shard_id: int) -> None:
        self._tries[shard_id] = 0
        self._up.add(shard_id)
        self._listener.begun(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        self._up.add(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        self._up.discard(shard_id)
        if self._tries[shard_id] >= TRIES:
            # Whoever tries on and on has the token taken away; the next client is made after a while.
            logger.warning("Discord gives shard %d no session", shard_id)
            await self.close()

    async def on_shard_ready(self, shard_id: int) -> None:
        # Not `on_ready`: with several shards, discord.py says that once in a life.
        if not self.is_closed():
            self._listener.settled(shard_id)

    async def on_guild_channel_update(self, *_: object) -> None:
        self._refusals.forgive()

    async def on_guild_role_update(self, *_: object) -> None:
        self._refusals.forgive()

    async def on_message(self, message: discord.Message) -> None:
        await self._listener.said(message)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        await self._listener.edited(event)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        await self._listener.deleted(event.message_id, event.channel_id, event.guild_id)

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        for message in event.message_ids:
            await self._listener.deleted(message, event.channel_id, event.guild_id)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await self._listener.interacted(interaction)

    async def on_error(self, event_method: str, /, *_: object, **__: object) -> None:
        logger.error("%s could not be taken in", event_method, exc_info=sys.exception())
