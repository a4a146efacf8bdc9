"""Finds out what is wrong with the token and the application, for `maru doctor`."""

from collections.abc import Sequence

from adapters.discord.connect import NO_CONTENT
from adapters.discord.setup import application
from bot.errors import SettingsError


async def problems(token: str, api_url: str) -> Sequence[str]:
    """What is wrong and what to do, one sentence each; empty when Discord is content."""
    try:
        flags = (await application(token, api_url)).flags
    except SettingsError as error:
        return error.problems
    # Small bots have the right by a switch alone, verified ones by Discord's leave.
    content = flags.gateway_message_content or flags.gateway_message_content_limited
    return [] if content else [NO_CONTENT]
