"""Reads the newest that was said in the channels, threads and DMs of a shard."""

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import discord

from adapters.discord.client import MaruClient
from adapters.discord.link import Link
from adapters.discord.places import DIRECT, PLATFORM, place_of
from bot.catchup import insist
from bot.errors import PlatformError
from bot.pace import Priority
from bot.ports import Archive

logger = logging.getLogger(__name__)

AGE = 3_600.0  # seconds; what is older is not answered any more
CHANNELS = 50  # looked at: those where something was said in that time
PAGE = 100  # messages of each, the newest
SHARD_OF_DIRECTS = 0
DIRECTS = 50  # conversations among which DMs are looked for

Spoken = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
Readable = Spoken | discord.DMChannel


@dataclass(frozen=True, slots=True)
class Page:
    """The newest messages of a channel, oldest first."""

    channel: str
    messages: tuple[discord.Message, ...]
    since: int  # a snowflake: they are all that stands there from here on
    recent: int  # a snowflake: what is older than this is not answered any more


async def pages(link: Link, archive: Archive, shard: int) -> AsyncIterator[Page]:
    """One of each channel, thread and DM of a shard that Maru can read and where something was said."""
    client = link.client
    if client is None:
        return
    since = _since(link)
    recent = [channel for channel in _readable(client, shard) if (channel.last_message_id or 0) > since]
    recent.sort(key=lambda channel: channel.last_message_id or 0, reverse=True)
    directs = await _directs(link, archive) if shard == SHARD_OF_DIRECTS else []
    for channel in [*recent[:CHANNELS], *directs]:
        try:
            yield await insist(partial(_newest, link, channel, since, Priority.COURTESY), link.clock)
        except PlatformError as error:
            logger.info("what was missed in a channel cannot be looked at: %s", error)


async def page_of(link: Link, channel: Readable) -> Page:
    """That of one of them, at once."""
    return await _newest(link, channel, _since(link), Priority.FINAL)


def _readable(client: MaruClient, shard: int) -> Iterator[Spoken]:
    for guild in client.guilds:
        if guild.shard_id != shard:
            continue
        channels: list[Spoken] = [
            *guild.text_channels,
            *guild.voice_channels,
            *guild.stage_channels,
            *guild.threads,
        ]
        for channel in channels:
            parent = channel.parent if isinstance(channel, discord.Thread) else channel
            if parent is not None and parent.permissions_for(guild.me).read_message_history:
                yield channel


async def _directs(link: Link, archive: Archive) -> list[Readable]:
    """The DMs in which somebody has talked with Maru: a session does not name them."""
    found: list[Readable] = []
    for summary in await archive.conversations(f"{PLATFORM}:{DIRECT}/", DIRECTS):
        place = place_of(summary.conversation)
        if place.apart:
            continue
        try:
            channel = await insist(partial(_fetched, link, place.channel), link.clock)
        except PlatformError as error:
            logger.info("a DM cannot be looked at: %s", error)
            continue
        if isinstance(channel, discord.DMChannel):
            found.append(channel)
    return found


async def _fetched(link: Link, channel: str) -> object:
    return await link.call(
        "channel", channel, Priority.COURTESY, lambda client: client.fetch_channel(int(channel))
    )


def _since(link: Link) -> int:
    """The snowflake before which nothing is answered any more."""
    return discord.utils.time_snowflake(datetime.fromtimestamp(link.clock.now() - AGE, UTC))


async def _newest(link: Link, channel: Readable, recent: int, priority: Priority) -> Page:
    async def read(_: MaruClient) -> Page:
        newest = [message async for message in channel.history(limit=PAGE)]
        oldest = newest[-1].id if newest else recent
        # A page that is not full has all that there is; even so, what is long gone is left alone.
        since = oldest if len(newest) == PAGE else min(oldest, recent)
        return Page(str(channel.id), tuple(reversed(newest)), since, recent)

    return await link.call("history", str(channel.id), priority, read)
