"""Which of the people, servers and roles that an assistant names there are, for `maru doctor`."""

from collections.abc import Sequence

import aiohttp
import discord

from adapters.discord.client import GATEWAY_URL, point
from adapters.discord.places import user_of


async def unknown(token: str, api_url: str, names: Sequence[str]) -> Sequence[str]:
    """Those of these names ("discord:42", "discord:G1", "discord:G1/R1") that Discord does not have.

    Empty when Discord cannot be asked: what is wrong then, the checkup says.
    """
    point(api_url, GATEWAY_URL)
    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(token)
            return [name for name in names if not await _exists(client, name)]
    except (discord.LoginFailure, discord.DiscordServerError, aiohttp.ClientError, TimeoutError, OSError):
        return []


async def _exists(client: discord.Client, name: str) -> bool:
    first, _, role = user_of(name).partition("/")
    if not first.isdecimal() or (role and not role.isdecimal()):
        return False
    if not role and await _is_user(client, int(first)):
        return True
    try:
        guild = await client.fetch_guild(int(first), with_counts=False)
    except (discord.NotFound, discord.Forbidden):
        return False
    return not role or any(known.id == int(role) for known in guild.roles)


async def _is_user(client: discord.Client, user: int) -> bool:
    try:
        await client.fetch_user(user)
    except discord.NotFound:
        return False
    return True
