"""Finds out where the answer of a turn goes, and makes the thread for it."""

import logging
from typing import Any

import discord
from discord.http import Route

from adapters.discord.codes import THREAD_EXISTS, code_of
from adapters.discord.link import DiscordRefused, Link
from adapters.discord.places import Interaction, Origin, Place
from bot.errors import PlatformGone
from bot.pace import Priority

logger = logging.getLogger(__name__)

Json = dict[str, Any]
NAME_CHARS = 90  # of a thread; Discord takes 100
KEPT_OPEN = 1_440  # minutes without a word after which Discord archives a thread


class Target:
    """The channel of an answer, or the interaction that it answers as long as that lives."""

    def __init__(
        self, link: Link, place: Place, origin: Origin, question: str, *, afresh: bool, threads: bool
    ) -> None:
        """`afresh`: the answer stands beside an earlier one, which keeps the interaction's own message.

        `threads`: a thread is made for the answer to a message of a channel.
        """
        self._afresh, self._threads = afresh, threads
        self._link, self._place, self._origin, self._question = link, place, origin, question
        self._channel = ""
        self._answered = ""  # the message that the answer refers to
        self._over = self._withdrawn = False

    @property
    def private(self) -> bool:
        return self._origin.private

    @property
    def asked(self) -> str:
        """The message that is answered; the one referred to may be that of whoever began the conversation."""
        return self._origin.message

    async def interaction(self) -> Interaction | None:
        """The interaction that can be answered now."""
        found = self._origin.interaction
        if found is None or self._over or self._link.clock.now() >= found.until:
            return None
        if not await self._link.acknowledged(found.id):
            self._over = True
            return None
        return found

    def over(self) -> None:
        """Discord takes nothing for the interaction any more."""
        self._over = True

    def fills(self, number: int) -> bool:
        """Whether a part is the message that Discord made when the interaction was acknowledged."""
        found = self._origin.interaction
        return number == 1 and found is not None and not found.press and not self._afresh

    def answered_by(self, message: Json, number: int) -> bool:
        """Whether a message that Discord shows answers the interaction, and can be this part."""
        found, about = self._origin.interaction, message.get("interaction_metadata") or {}
        if found is None or about.get("id") != found.id:
            return False
        return self.fills(number) is not ("original_response_message_id" in about)

    @property
    def elsewhere(self) -> str:
        """Where what an interaction showed can be changed without it; empty where it cannot."""
        return self._origin.channel if self._origin.member and not self._origin.private else ""

    @property
    def nearby(self) -> str:
        """Where people see that Maru types; empty for nowhere."""
        if self._origin.interaction or self._origin.private:
            return ""
        return self._channel or self._origin.channel or self._place.channel

    async def channel(self) -> tuple[str, str]:
        """The channel to post in, and the message to refer to. Raises PlatformGone when there is none."""
        if not self._channel:
            self._channel, self._answered = await self._find()
        return self._channel, self._answered

    async def _find(self) -> tuple[str, str]:
        origin, place = self._origin, self._place
        if origin.private or not origin.member:
            return await self._direct(), ""
        if place.apart:
            return origin.channel or place.channel, origin.message
        if place.direct or not origin.message or origin.channel in ("", place.channel):
            return place.channel, ""
        if origin.message == place.channel and self._threads and await self._thread():
            return place.channel, ""
        # No thread is made here. Replies to this answer are known by what it refers to.
        return origin.channel, place.channel

    async def withdraw(self) -> str:
        """Leave a thread that takes nothing from Maru for its channel. Returns the thread; empty for none."""
        thread = self._channel or self._place.channel
        if self._place.direct or self._place.apart or self._origin.private or self._withdrawn:
            return ""
        self._withdrawn = True
        try:
            found = await self._link.call(
                "channel", thread, Priority.FINAL, lambda client: _channel(client, int(thread))
            )
        except (PlatformGone, DiscordRefused) as error:
            logger.info("a thread is not to be looked at: %s", error)
            return ""
        if not isinstance(found, discord.Thread) or isinstance(found.parent, discord.ForumChannel):
            return ""
        # A thread has the id of the message that it was made from.
        self._channel, self._answered = str(found.parent_id), thread
        return thread

    async def _direct(self) -> str:
        if not self._origin.user:
            raise PlatformGone("nobody is named to answer in private")
        user = discord.Object(int(self._origin.user))

        async def opened(client: discord.Client) -> str:
            return str((await client.create_dm(user)).id)

        return await self._link.call("dm", "", Priority.FINAL, opened)

    async def _thread(self) -> bool:
        """Make the thread of the question's message; False where Maru may not."""
        origin = self._origin
        route = Route(
            "POST",
            "/channels/{channel_id}/messages/{message_id}/threads",
            channel_id=int(origin.channel),
            message_id=int(origin.message),
        )
        body = {"name": _name(self._question), "auto_archive_duration": KEPT_OPEN}
        try:
            await self._link.call(
                "thread", origin.channel, Priority.FINAL, lambda client: client.http.request(route, json=body)
            )
        except (DiscordRefused, PlatformGone) as error:
            if code_of(error) != THREAD_EXISTS:
                logger.info("answering without a thread: %s", error)
                return False
        return True


async def _channel(client: discord.Client, number: int) -> object:
    return client.get_channel(number) or await client.fetch_channel(number)


def _name(question: str) -> str:
    words = " ".join(question.split()) or "Maru"
    return words if len(words) <= NAME_CHARS else words[: NAME_CHARS - 1].rstrip() + "…"
