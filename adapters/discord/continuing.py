"""Finds the conversation of an answer outside of threads, where the channel does not say it."""

import discord

from adapters.discord.parse import refs_of
from adapters.discord.places import PLATFORM
from bot.ports import Archive


async def conversation_of(
    archive: Archive, bot: str, answer: discord.Message | None, otherwise: str, *, everywhere: bool = False
) -> str:
    """That of a message of Maru, whose user is `bot`; `otherwise` is what the place alone says.

    `everywhere`: also in threads and DMs, where the place is enough for most.
    """
    if answer is None or str(answer.author.id) != bot:
        return otherwise
    if not everywhere and isinstance(answer.channel, discord.Thread | discord.DMChannel):
        return otherwise
    return await archive.answered_in(PLATFORM, refs_of(answer)) or otherwise
