"""Finds out what is wrong with the token, the application and the servers, for `maru doctor`."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

import aiohttp
import discord

from adapters.discord.client import GATEWAY_URL, point
from adapters.discord.connect import NO_CONTENT, REMEDY
from adapters.discord.setup import PERMISSIONS, invitation
from bot.findings import Finding

LOOKED_AT = 20  # servers whose permissions are told one by one
NAMED = 5  # channels of each that are named
FEW = 50  # beginnings left today
TROUBLE = (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError)
ALLOWED = dict(PERMISSIONS)
TOO_OFTEN = (
    "Only {left} beginnings are left today: Maru was started too often. When none is left, Discord resets "
    "the token."
)
MISSING = (
    "Maru may not: {missing}. Allow that to its role (Server Settings, Roles), or add it again: {invitation}"
)
ELSEWHERE = "MARU_PLACES does not name it: only people whom it names, or whose server it names, are answered."


async def findings(token: str, api_url: str, places: Collection[str]) -> AsyncIterator[Finding]:
    """The application, and each server; `places` are the ids that the operator named."""
    point(api_url, GATEWAY_URL)
    async with discord.Client(intents=discord.Intents.none()) as client:
        try:
            await client.login(token)
            found = await client.application_info()
            shards, _, starts = await client.http.get_bot_gateway()
            guilds = await _guilds(client)
        except discord.LoginFailure:
            yield Finding("Discord", (REMEDY,))
            return
        except TROUBLE as error:
            yield Finding(
                "Discord", (f"DISCORD_API_URL: Discord cannot be reached ({type(error).__name__}).",)
            )
            return
        yield _application(found, shards, starts["remaining"], len(guilds))
        for guild in guilds[:LOOKED_AT]:
            yield await _server(client, guild, found.id, places)
        if len(guilds) > LOOKED_AT:
            yield Finding(f"Discord, {len(guilds) - LOOKED_AT} more servers are not looked at", on=False)


async def _guilds(client: discord.Client) -> list[dict[str, Any]]:
    """What Discord lists: names, and what Maru may do before channels have their say."""
    found: list[dict[str, Any]] = []
    while True:
        after = found[-1]["id"] if found else None
        page: list[Any] = await client.http.get_guilds(200, after=after, with_counts=False)
        found += page
        if len(page) < 200:  # noqa: PLR2004 - the page asked for above
            return found


def _application(found: discord.AppInfo, shards: int, starts: int, servers: int) -> Finding:
    problems: list[str] = []
    # Small bots have the right by a switch alone, verified ones by Discord's leave.
    if not (found.flags.gateway_message_content or found.flags.gateway_message_content_limited):
        problems.append(NO_CONTENT)
    if starts < FEW:
        problems.append(TOO_OFTEN.format(left=starts))
    count = f"{servers} server{'' if servers == 1 else 's'}, {shards} shard{'' if shards == 1 else 's'}"
    notes = () if servers else (f"To add it to one: {invitation(found.id)}",)
    return Finding(f"Discord, {found.name}, {count}", tuple(problems), notes)


async def _server(
    client: discord.Client, guild: dict[str, Any], application: int, places: Collection[str]
) -> Finding:
    name = f"Discord, {guild['name']} ({guild['id']})"
    has = discord.Permissions(int(guild["permissions"]))
    missing = [] if has.administrator else _missing(has)
    if missing:
        remedy = MISSING.format(missing=", ".join(missing), invitation=invitation(application))
        return Finding(name, (remedy,))
    notes = [ELSEWHERE] if places and guild["id"] not in places else []
    try:
        notes += await _channels(client, int(guild["id"]))
    except TROUBLE as error:
        notes.append(f"Its channels could not be looked at ({type(error).__name__}).")
    return Finding(name, notes=tuple(notes))


async def _channels(client: discord.Client, guild: int) -> Sequence[str]:
    """Where Maru sees questions and may not answer as it does elsewhere."""
    if client.user is None:
        return ()
    there = await client.fetch_guild(guild, with_counts=False)
    me = await there.fetch_member(client.user.id)
    channels = [one for one in await there.fetch_channels() if isinstance(one, discord.TextChannel)]
    lacking: dict[str, list[str]] = {}
    for channel in channels:
        may = channel.permissions_for(me)
        if may.view_channel and not may.administrator:
            for missing in _missing(may):
                lacking.setdefault(missing, []).append(f"#{channel.name}")
    return [
        f"{missing} is off in {', '.join(names[:NAMED])}{' and others' if len(names) > NAMED else ''}."
        for missing, names in lacking.items()
    ]


def _missing(has: discord.Permissions) -> list[str]:
    """In the words of Discord's own settings."""
    return [
        name.replace("_", " ").title()
        for name, wanted in ALLOWED.items()
        if wanted and not getattr(has, name)
    ]
