"""What an operator needs to let Maru into a Discord server."""

import aiohttp
import discord

from adapters.discord.client import API_URL, GATEWAY_URL, point
from adapters.discord.connect import REMEDY
from bot.errors import SettingsError

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    attach_files=True,
    read_message_history=True,
)


def invitation(application: int) -> str:
    """The address at which a server's administrator lets Maru in, with the permissions that it needs."""
    return discord.utils.oauth_url(
        application, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
    )


def personal(application: int) -> str:
    """The address at which somebody installs Maru for themselves, wherever they are."""
    address = discord.utils.oauth_url(application, scopes=("applications.commands",))
    return f"{address}&integration_type=1"


async def application(token: str, api_url: str = API_URL) -> discord.AppInfo:
    """The application that a token belongs to. Raises SettingsError, with what to do."""
    point(api_url, GATEWAY_URL)
    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(token)
            return await client.application_info()
    except discord.LoginFailure as error:
        raise SettingsError([REMEDY]) from error
    except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SettingsError(
            [f"DISCORD_API_URL: Discord cannot be reached ({type(error).__name__}). Check the network."]
        ) from error
