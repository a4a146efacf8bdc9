"""Fetches what people drop into Discord, from Discord's own hosts alone."""

import json
from collections.abc import AsyncIterator

import aiohttp

from adapters.discord.link import DiscordRefused, Link
from bot.errors import FileRefused, PlatformGone, PlatformUnreachable
from bot.hosts import Hosts
from bot.messages import Attachment
from bot.pace import Priority

HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
CHUNK = 262_144  # bytes
OK, REFUSED = 200, range(400, 500)


class DiscordFiles:
    """Knows where attachments lie."""

    def __init__(self, link: Link, session: aiohttp.ClientSession, hosts: Hosts) -> None:
        self._link, self._session, self._hosts = link, session, hosts

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of an attachment. Raises FileRefused or PlatformUnreachable."""
        source = json.loads(attachment.source)
        url = str(source.get("url") or "")
        try:
            response = await self._open(url, attachment)
            if response.status in REFUSED:
                # Addresses expire after about a day; the message itself knows a new one.
                response.release()
                response = await self._open(await self._look_up(source, attachment), attachment)
            async with response:
                if response.status in REFUSED:
                    raise FileRefused("file_lost", attachment.name, f"status {response.status}")
                if response.status != OK:
                    raise PlatformUnreachable(f"{attachment.name}: status {response.status}")
                async for chunk in response.content.iter_chunked(CHUNK):
                    yield chunk
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PlatformUnreachable(f"{attachment.name}: {str(error) or type(error).__name__}") from error

    async def _open(self, url: str, attachment: Attachment) -> aiohttp.ClientResponse:
        if not self._hosts.trusts(url):
            raise FileRefused("file_lost", attachment.name, f"not of Discord: {url.partition('?')[0]}")
        return await self._session.get(url, allow_redirects=False)

    async def _look_up(self, source: dict[str, str], attachment: Attachment) -> str:
        channel, message = source.get("channel"), source.get("message")
        if not channel or not message:
            raise FileRefused("file_lost", attachment.name, "its address has expired")
        try:
            found = await self._link.call(
                "message",
                channel,
                Priority.FINAL,
                lambda client: client.get_partial_messageable(int(channel)).fetch_message(int(message)),
            )
        except (PlatformGone, DiscordRefused) as error:
            raise FileRefused("file_lost", attachment.name, str(error)) from error
        files = [*found.attachments, *(file for one in found.message_snapshots for file in one.attachments)]
        for file in files:
            if str(file.id) == source.get("id"):
                return file.url
        raise FileRefused("file_lost", attachment.name, "its message does not have it any more")
