"""Takes commands, the menu entry and presses: stores them, and tells Discord within its three seconds."""

import logging
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

import discord

from adapters.discord.buttons import asked_to_show
from adapters.discord.commands import QUICK
from adapters.discord.continuing import conversation_of
from adapters.discord.interactions import author_of, origin_of_interaction, parse_interaction, place_of_press
from adapters.discord.link import Link
from adapters.discord.people import People
from adapters.discord.places import origin_of, place_of
from adapters.discord.showing import show
from adapters.discord.whispers import whisper
from bot.attendance import Attendance
from bot.errands import Errands
from bot.messages import Command, Message, Press
from bot.ports import Archive, Receive
from bot.texts import language_of, say

logger = logging.getLogger(__name__)

LOOKED_THROUGH = 50  # newest turns of a conversation, for one to show


class Gestures:
    """What people do without writing."""

    def __init__(
        self,
        link: Link,
        receive: Receive,
        *,
        archive: Archive,
        people: People,
        attendance: Attendance,
        errands: Errands,
    ) -> None:
        self._link, self._receive, self._archive, self._people = link, receive, archive, people
        self._attendance, self._errands = attendance, errands

    async def take(self, interaction: discord.Interaction) -> None:
        found: Mapping[str, Any] = interaction.data or {}
        if turn := asked_to_show(str(found.get("custom_id") or "")):
            await self._show(interaction, turn)
            return
        incoming = parse_interaction(interaction)
        if incoming is None:
            return
        self._people.met(incoming.author, interaction.user)
        if interaction.type is discord.InteractionType.component:
            incoming = replace(
                incoming, conversation=await self._conversation(interaction, incoming.conversation)
            )
        if isinstance(incoming, Command) and incoming.name == "again" and incoming.argument.isdecimal():
            press = origin_of(incoming.origin).interaction
            if press:
                self._link.wanted_again(int(incoming.argument), press)
        # Before it is stored: its answer may begin while Discord is still being told.
        acknowledged = self._link.acknowledging(str(interaction.id))
        worked = False
        try:
            receipt = await self._receive(incoming)
            worked = await _acknowledge(interaction, incoming)
        finally:
            if not acknowledged.done():
                acknowledged.set_result(worked)
        if isinstance(incoming, Message):
            self._attendance.add(incoming.conversation)
        elif isinstance(incoming, Press) and receipt.refusal:
            refusal = "discord_not_yours" if receipt.refusal == "not_yours" else receipt.refusal
            text = say(refusal, language_of("", incoming.author.locale))
            place = place_of(incoming.conversation)
            self._errands.later(whisper(self._link, place, origin_of(incoming.origin), text))

    async def _conversation(self, interaction: discord.Interaction, otherwise: str) -> str:
        return await conversation_of(self._archive, self._link.user, interaction.message, otherwise)

    async def _show(self, interaction: discord.Interaction, turn: int) -> None:
        """Somebody wants to read the rest of an answer, for themselves alone."""
        origin = origin_of_interaction(interaction, private=True)
        if origin.interaction is None or not await _told(
            interaction.response.defer(ephemeral=True, thinking=True)
        ):
            return
        # What Discord shows as thinking is ours to fill, unlike the message with the button.
        origin = replace(origin, interaction=replace(origin.interaction, press=False))
        conversation = await self._conversation(interaction, place_of_press(interaction).conversation)
        records = await self._archive.records(conversation, limit=LOOKED_THROUGH)
        wanted = next((record.turn for record in records if record.turn.id == turn), None)
        self._errands.later(show(self._link, place_of(conversation), wanted, author_of(interaction), origin))


async def _acknowledge(interaction: discord.Interaction, incoming: Message | Command | Press) -> bool:
    """Tell Discord; False when it would not hear it."""
    response = interaction.response
    if interaction.type is discord.InteractionType.component:
        return await _told(response.defer())
    if isinstance(incoming, Command) and incoming.name in QUICK:
        language = language_of("", incoming.author.locale)
        return await _told(response.send_message(say("discord_at_once", language), ephemeral=True))
    return await _told(response.defer(ephemeral=origin_of(incoming.origin).private, thinking=True))


async def _told(response: Awaitable[object]) -> bool:
    try:
        await response
    except (discord.HTTPException, OSError) as error:
        logger.warning("an interaction could not be acknowledged: %s", error)
        return False
    return True
