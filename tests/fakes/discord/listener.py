"""A small bot on the real discord.py, to try the fake with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fakes.discord.server import FakeDiscord


class Bot(discord.AutoShardedClient):
    """Keeps what it hears; acknowledges gestures as `answer` says."""

    def __init__(self, discord_: FakeDiscord, *, content: bool = True) -> None:
        intents = discord.Intents.default()
        intents.message_content = content
        super().__init__(intents=intents, guild_ready_timeout=0.05)
        self.discord = discord_
        self.heard: list[discord.Message] = []
        self.edited: list[discord.RawMessageUpdateEvent] = []
        self.deleted: list[int] = []
        self.gestures: list[discord.Interaction] = []
        self.private = False
        self.silent = False
        self.begun = asyncio.Event()
        self.life: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        self.begun.set()

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)
        self.discord.world.touch()

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        self.edited.append(event)
        self.discord.world.touch()

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.deleted.append(event.message_id)
        self.discord.world.touch()

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        self.discord.world.touch()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.gestures.append(interaction)
        if not self.silent:
            await interaction.response.defer(ephemeral=self.private, thinking=True)

    async def texts(self, number: int) -> list[str]:
        """What was said, once it is so much."""
        await self.discord.until(lambda: len(self.heard) >= number)
        return [message.content for message in self.heard]


@asynccontextmanager
async def listening(service: FakeDiscord, *, content: bool = True) -> AsyncIterator[Bot]:
    """A bot that is connected. Raises what keeps it from that."""
    before = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
    Route.BASE = service.api
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(service.gateway)
    bot = Bot(service, content=content)
    task = asyncio.create_task(bot.start(service.token))
    bot.life = task
    ready = asyncio.create_task(_ready(bot))
    try:
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        yield bot
    finally:
        ready.cancel()
        await bot.close()
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


async def _ready(bot: Bot) -> None:
    await bot.begun.wait()
    await bot.wait_until_ready()
