"""Reads back what was said in Discord before Maru came, for those who move in; needs no gateway."""

from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import aiohttp
import discord

from adapters.discord.client import GATEWAY_URL, point
from adapters.discord.mentions import to_markdown
from adapters.discord.parse import from_person, names_of, parse
from adapters.discord.places import author_id, place_of
from bot.errors import PlatformGone, PlatformUnreachable
from bot.messages import Message
from bot.moving.said import Answer, Found

Readable = (
    discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread | discord.DMChannel
)


class DiscordPast:
    """The `History` of the servers that Maru is in."""

    def __init__(self, token: str, api_url: str, bots: Sequence[str] = ()) -> None:
        """What one of `bots` said (author ids, "discord:42") counts as answers, as Maru's own does."""
        self._token, self._api_url, self._bots = token, api_url, frozenset(bots)
        self._client = discord.Client(intents=discord.Intents.none())

    async def __aenter__(self) -> Self:
        point(self._api_url, GATEWAY_URL)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def read(self, place: str, limit: int) -> Found:
        where = place_of(place)
        if not where.channel.isdecimal() or where.apart:
            raise PlatformGone("that is no channel, thread or direct message")
        try:
            if self._client.user is None:
                await self._client.login(self._token)
            channel = await self._client.fetch_channel(int(where.channel))
            if not isinstance(channel, Readable):
                raise PlatformGone("it has no messages of its own")
            if not where.direct and str(getattr(channel.guild, "id", "")) != where.guild:
                raise PlatformGone(f"it is not in the server {where.guild}")
            messages = [message async for message in channel.history(limit=limit)]
        except discord.LoginFailure as error:
            raise PlatformGone("Discord does not accept DISCORD_BOT_TOKEN") from error
        except (discord.NotFound, discord.Forbidden) as error:
            raise PlatformGone(f"status {error.status}, code {error.code}") from error
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PlatformUnreachable(str(error) or type(error).__name__) from error
        in_channel = not isinstance(channel, discord.Thread | discord.DMChannel)
        return self._found(messages[::-1], channel=in_channel, private=where.direct)

    def _found(self, messages: Sequence[discord.Message], *, channel: bool, private: bool) -> Found:
        maru = str(self._client.user.id) if self._client.user else ""
        said: list[Message | Answer] = []
        others: Counter[str] = Counter()
        for message in messages:
            author = str(message.author.id)
            if author == maru or author_id(author) in self._bots:
                text = to_markdown(message.content, names_of(message), "")
                said.append(Answer(text, message.created_at.timestamp()))
            elif from_person(message, maru):
                spoken = parse(message, maru)
                said += [spoken.message] if spoken else []
            elif message.author.bot:
                others[author_id(author)] += 1
        return Found(tuple(said), channel=channel, private=private, others=others)
