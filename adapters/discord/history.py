"""Reads what others wrote in Discord before Maru was asked."""

from collections.abc import Sequence

import discord

from adapters.discord.link import DiscordRefused, Link
from adapters.discord.parse import text_of
from adapters.discord.places import DIRECT, Place, origin_of
from bot.errors import PlatformGone
from bot.messages import Quoted
from bot.pace import Priority
from bot.ports import Archive

PAGE = 100


async def earlier(link: Link, archive: Archive, place: Place, before: str, limit: int) -> Sequence[Quoted]:
    """The last `limit` messages of the channel before a position, oldest first; none in a DM."""
    if place.guild == DIRECT or not place.channel.isdecimal():
        return ()
    channel = await _channel(archive, place)
    end = discord.Object(int(before))

    async def page(client: discord.Client) -> list[discord.Message]:
        # A known one also tells the title of a forum's post.
        known = client.get_channel(int(channel))
        partial = client.get_partial_messageable(int(channel), guild_id=int(place.guild))
        messageable = known if isinstance(known, discord.abc.Messageable) else partial
        return [message async for message in messageable.history(limit=min(limit, PAGE), before=end)]

    try:
        found = await link.call("history", channel, Priority.FINAL, page)
    except (PlatformGone, DiscordRefused):
        return ()  # a foreign server, or a channel that Maru may answer in but not read
    return [
        Quoted(message.author.display_name, text, message.created_at.timestamp())
        for message in reversed(found)
        if str(message.author.id) != link.user and (text := _said(message))
    ]


async def _channel(archive: Archive, place: Place) -> str:
    """Where it was asked: a thread that is made from a question has nothing in it before that."""
    for record in await archive.records(place.conversation):
        origin = origin_of(record.turn.origin)
        if origin.message == place.channel:
            return origin.channel
    return place.channel


def _said(message: discord.Message) -> str:
    names = [f"[file: {file.filename}]" for file in message.attachments]
    return "\n".join(piece for piece in (text_of(message, ""), *names) if piece)
