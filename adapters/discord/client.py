"""The client of discord.py as Maru uses it: what it listens to, and where Discord is."""

import logging
import sys
from typing import Protocol

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

logger = logging.getLogger(__name__)

API_URL = "https://discord.com/api/v10"
GATEWAY_URL = "wss://gateway.discord.gg/"
SETTLE = 1.0  # seconds without a further server after which all of them are known


class Listener(Protocol):
    """What is told of what happens at Discord."""

    async def said(self, message: discord.Message) -> None: ...

    async def edited(self, event: discord.RawMessageUpdateEvent) -> None: ...

    async def deleted(self, message: int, channel: int, guild: int | None) -> None: ...

    async def interacted(self, interaction: discord.Interaction) -> None: ...

    def begun(self) -> None:
        """A new session has begun: what was said before it was not delivered."""

    def settled(self) -> None:
        """The servers of a new session are known."""


def intents(*, content: bool) -> discord.Intents:
    """What is asked of the gateway; `content` is the privileged intent."""
    return discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=content)


def point(api_url: str, gateway_url: str) -> None:
    """Say where Discord is, for every client of this process."""
    Route.BASE = api_url.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


class MaruClient(discord.AutoShardedClient):
    """Hands everything over to a `Listener`. One session long: it is not used again after its end."""

    def __init__(self, listener: Listener, gateway_url: str, *, content: bool) -> None:
        super().__init__(
            intents=intents(content=content),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=SETTLE,
        )
        self.connected = False
        self.content = content
        self._listener = listener
        self._gateway = None if gateway_url == GATEWAY_URL else yarl.URL(gateway_url)

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Discord names a gateway itself; an operator's own is used exactly as given."""
        await super().launch_shard(self._gateway or gateway, shard_id, initial=initial)

    async def on_connect(self) -> None:
        self.connected = True
        self._listener.begun()

    async def on_resumed(self) -> None:
        self.connected = True

    async def on_disconnect(self) -> None:
        self.connected = False

    async def on_ready(self) -> None:
        self._listener.settled()

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
