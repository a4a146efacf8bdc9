"""Stays connected to Discord: begins again where discord.py gives up."""

import asyncio
import logging
import threading

import aiohttp
import discord
from discord.gateway import KeepAliveHandler

from adapters.discord.client import Listener, MaruClient
from adapters.discord.link import Link
from adapters.discord.options import Options
from adapters.discord.starts import Starts
from bot.errors import SettingsError

logger = logging.getLogger(__name__)

WAIT, WAIT_MOST = 1.0, 300.0  # seconds between tries: a bot has 1,000 beginnings a day
STEADY = 600.0  # seconds of a life after which the next try comes soon again
CLOSE = 2.0  # seconds for the gateway to say goodbye
WRONG_TOKEN, WRONG_SETUP = 4004, range(4010, 4014)
WRONG_SHARDS = (4010, 4011)
REMEDY = "DISCORD_BOT_TOKEN: Discord does not accept it. Copy it again from the Bot page of the application."
REVOKED = (
    "DISCORD_BOT_TOKEN: Discord does not accept it any more; somebody reset it, or the application is gone. "
    "Copy the new one from the Bot page. What is not posted yet comes at the next start."
)
NO_CONTENT = (
    "The Message Content intent is switched off for this application, so Maru reads only direct messages, "
    "mentions, replies to it with a ping, and commands; follow-ups in its threads need a mention, "
    "and of posts in MARU_DISCORD_FORUMS it sees the title alone. "
    "Switch it on under Bot, Privileged Gateway Intents, and start Maru again to change that."
)


async def keep(link: Link, listener: Listener, token: str, gateway_url: str, options: Options) -> None:
    """Stay connected until cancelled. Raises SettingsError for what only an operator can mend."""
    wait, content, starts = WAIT, True, Starts(link.clock)
    while True:
        begun = link.clock.now()
        link.client = client = MaruClient(
            listener, gateway_url, content=content, options=options, starts=starts, refusals=link.refusals
        )
        # In a task of its own: while it identifies again, discord.py takes a cancellation for nothing.
        living = asyncio.create_task(client.start(token))
        try:
            await _until_it_ends(living, link.revoked)
            logger.warning("the connection to Discord ended; beginning again")
        except SettingsError:
            raise
        except discord.PrivilegedIntentsRequired:
            if not content:
                raise
            logger.warning(NO_CONTENT)
            content = False
            continue
        except discord.LoginFailure as error:
            raise SettingsError([REMEDY]) from error
        except discord.ConnectionClosed as error:
            if error.code == WRONG_TOKEN:
                raise SettingsError([REMEDY]) from error
            if error.code in WRONG_SETUP:
                raise SettingsError([_remedy(error.code)]) from error
            logger.warning("Discord closed the connection (%s); beginning again", error.code)
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
            logger.warning("Discord cannot be reached yet: %s", str(error) or type(error).__name__)
        except Exception:
            # discord.py ends with a bug of its own when a handshake fails or an event is malformed:
            # https://github.com/Rapptz/discord.py/issues/10520
            logger.exception("discord.py failed; beginning again")
        finally:
            await _close(client, living)
        if link.clock.now() - begun > STEADY:
            wait = WAIT
        await link.clock.sleep(wait)
        wait = min(wait * 2, WAIT_MOST)


def _remedy(code: int) -> str:
    """What to do about a close code that stays."""
    if code in WRONG_SHARDS:
        return (
            f"MARU_DISCORD_SHARDS: Discord refuses these shards (code {code}). "
            "Unset it, or count more shards in all: Discord wants one for every 2,500 servers."
        )
    return f"DISCORD_BOT_TOKEN: Discord refuses this connection for good (code {code})."


async def _until_it_ends(living: asyncio.Task[None], revoked: asyncio.Event) -> None:
    """Raises what the connection ends with."""
    waiting = asyncio.create_task(revoked.wait())
    try:
        await asyncio.wait({living, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if revoked.is_set():
        raise SettingsError([REVOKED])
    living.result()


async def _close(client: MaruClient, living: asyncio.Task[None]) -> None:
    """Let go of the connection, whether or not the gateway answers."""
    try:
        async with asyncio.timeout(CLOSE):
            await client.close()
    except TimeoutError:
        logger.info("the gateway did not say goodbye")
        await client.http.close()
    finally:
        living.cancel()
        await asyncio.wait({living}, timeout=CLOSE)
        _silence()


def _silence() -> None:
    """Stop the heartbeats: discord.py forgets that of a connection given up while it identifies."""
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler):
            thread.stop()
