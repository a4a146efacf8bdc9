"""The answer of one turn in Discord."""

import asyncio
import logging
from dataclasses import replace
from types import TracebackType
from typing import Self

from discord.http import Route

from adapters.discord import buttons
from adapters.discord.codes import LOCKED, NO_ACCESS, NOT_PERMITTED, code_of
from adapters.discord.limits import LIMITS, REQUEST_BYTES
from adapters.discord.link import Link
from adapters.discord.options import Channels
from adapters.discord.places import Interaction, Origin, Place, origin_of, place_of
from adapters.discord.render import renderer
from adapters.discord.surface import DiscordSurface
from adapters.discord.target import Target
from adapters.discord.whispers import whisper
from bot.errors import PlatformError, PlatformGone
from bot.pace import Priority
from bot.ports import Parts
from bot.posted import FIRST_FILES
from bot.reply import PostedReply
from bot.surface import Limits
from bot.text import split
from bot.texts import language_of, say
from bot.turns import Draft, Turn

logger = logging.getLogger(__name__)

NO_ENTRY = (NO_ACCESS, NOT_PERMITTED, LOCKED)
LEAVE = 60.0  # seconds before an interaction's token is used no more


class DiscordReply:
    """The `Reply` port: `PostedReply` on a `DiscordSurface`, with buttons at the end."""

    def __init__(self, turn: Turn, *, link: Link, parts: Parts, in_place: Channels) -> None:
        place, origin = place_of(turn.conversation), origin_of(turn.origin)
        if turn.again_of and (origin.private or not origin.member):
            # The token of the press is good for longer than that of the question.
            origin = replace(origin, interaction=link.pressed.get(turn.again_of, origin.interaction))
        self._turn, self._link, self._parts = turn, link, parts
        self._place, self._origin = place, origin
        self._language = language_of(turn.messages[-1].text, turn.author.locale)
        self._render = renderer(turn)
        self._grows = False
        question = turn.messages[-1].text
        self._surface = DiscordSurface(
            link=link,
            target=Target(
                link,
                place,
                origin,
                question,
                afresh=bool(turn.again_of),
                threads=origin.channel not in in_place,
            ),
            life=f"{turn.conversation} {turn.created_at}",
            growing=buttons.running(turn, self._language),
            known=self._known,
        )
        self._posted = PostedReply(
            turn=turn,
            surface=self._surface,
            parts=parts,
            limits=_limits(link, place, origin),
            render=self._render,
            clock=link.clock,
        )

    async def __aenter__(self) -> Self:
        await self._posted.__aenter__()
        self._leaving = asyncio.create_task(self._leave())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.cancel()
        await asyncio.gather(self._leaving, return_exceptions=True)
        try:
            await self._posted.__aexit__(kind, error, trace)
        finally:
            if self._grows:
                self._link.growing.end()

    async def _leave(self) -> None:
        """Before an answer that only its token can change loses it: the rest is behind a button."""
        interaction, origin = self._origin.interaction, self._origin
        if interaction is None or (origin.member and not origin.private):
            return
        left = interaction.until - self._link.clock.now() - LEAVE
        await self._link.clock.sleep(max(0.0, left))
        try:
            await self._surface.leave(buttons.running(self._turn, self._language, leaving=True))
        except PlatformError as error:
            logger.info("%s: the rest cannot be asked for: %s", self._turn.reference, error)

    def show(self, draft: Draft) -> None:
        self._grows = self._grows or self._link.growing.begin()
        if self._grows:
            self._posted.show(draft)

    async def finish(self, draft: Draft) -> None:
        texts = split(self._render(draft), LIMITS.message_chars)
        self._surface.ending(texts[-1] if texts else "", buttons.ended(self._turn, draft, self._language))
        try:
            await self._finish(draft)
        except PlatformGone as error:
            if code_of(error) not in NO_ENTRY:
                raise  # the place is not there any more, and whoever asked knows
            try:
                if not await self._surface.withdraw(self._language):
                    raise
                await self._finish(draft)
            except PlatformGone:
                await self._tell_in_private()
                raise
        await self._clear_other_commands()

    async def _finish(self, draft: Draft) -> None:
        await self._posted.finish(draft)
        posted = sorted(await self._parts.parts(self._turn.id), key=lambda part: part.number)
        await self._surface.close([(part.ref, part.text) for part in posted if part.number < FIRST_FILES])

    async def _known(self) -> set[str]:
        return {part.ref for part in await self._parts.parts(self._turn.id)}

    async def _clear_other_commands(self) -> None:
        """Commands that were answered together with the last one still say that Maru is thinking."""
        if self._turn.again_of:
            return
        for message in self._turn.messages[:-1]:
            other = origin_of(message.origin).interaction
            if other and not other.press and self._link.clock.now() < other.until:
                await self._clear(other)

    async def _clear(self, command: Interaction) -> None:
        route = Route(
            "DELETE",
            "/webhooks/{application}/{token}/messages/@original",
            application=int(command.application),
            token=command.token,
        )
        try:
            await self._link.call(
                "webhook", command.id, Priority.COURTESY, lambda client: client.http.request(route)
            )
        except PlatformError as error:
            logger.info("%s: an older command still shows: %s", self._turn.reference, error)

    async def _tell_in_private(self) -> None:
        """Maru was called into a place where it cannot write."""
        if self._origin.user and not self._place.direct:
            alone = Origin(user=self._origin.user, private=True)
            try:
                await whisper(self._link, self._place, alone, say("discord_cannot_write", self._language))
            except PlatformError as error:
                logger.info("%s: and nobody was told: %s", self._turn.reference, error)


def _limits(link: Link, place: Place, origin: Origin) -> Limits:
    """A boosted server takes larger files; an interaction says so also where Maru is no member."""
    guild = None if place.direct or link.client is None else link.client.get_guild(int(place.guild))
    told = guild.filesize_limit if guild else origin.interaction.file_bytes if origin.interaction else 0
    return replace(LIMITS, file_bytes=min(told, REQUEST_BYTES)) if told else LIMITS
