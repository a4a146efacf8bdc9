"""Takes what people say in Discord: stores it, and does the small talk after."""

import logging
from dataclasses import replace

import discord

from adapters.discord import buttons
from adapters.discord.commands import commands
from adapters.discord.continuing import conversation_of
from adapters.discord.gestures import Gestures
from adapters.discord.link import Link
from adapters.discord.missed import Missed
from adapters.discord.options import Channels
from adapters.discord.parse import Spoken, deleted, edited, parse, replied
from adapters.discord.people import People
from adapters.discord.places import Origin, origin_of, place_of
from adapters.discord.whispers import whisper
from bot.attendance import Attendance
from bot.errands import Errands
from bot.errors import PlatformUnreachable, StoreError
from bot.messages import Edit, Incoming, Receipt
from bot.pace import Priority
from bot.ports import Archive, Parts, Receive
from bot.texts import language_of, say

logger = logging.getLogger(__name__)

REGISTER_WAIT, REGISTER_WAIT_MOST = 5.0, 600.0  # seconds between tries to make the commands known
STORE_WAIT = 5.0  # seconds between tries to store what was said


class Inbound:
    """The `Listener` of every client, one after the other."""

    def __init__(
        self,
        link: Link,
        receive: Receive,
        *,
        archive: Archive,
        parts: Parts,
        people: People,
        forums: Channels,
    ) -> None:
        self._link, self._receive, self._archive, self._parts = link, receive, archive, parts
        self._people, self._forums = people, forums
        self._registered = False
        self._attendance = Attendance(archive)
        self._errands = Errands("Discord")
        self._missed = Missed(link, archive, self._found, receive)
        self._gestures = Gestures(
            link,
            receive,
            archive=archive,
            people=people,
            attendance=self._attendance,
            errands=self._errands,
        )

    async def close(self) -> None:
        """End what still runs in the background."""
        await self._missed.close()
        await self._errands.close()

    async def said(self, message: discord.Message) -> None:
        spoken = parse(message, self._link.user, self._forums)
        if spoken is None:
            return
        if self._hidden(message):
            if spoken.addressed:
                text = say("discord_hidden", language_of("", _locale(message)))
                place, origin = place_of(spoken.message.conversation), origin_of(spoken.message.origin)
                self._errands.later(whisper(self._link, place, origin, text))
            return
        self._people.met(spoken.message.author, message.author)
        conversation = spoken.message.conversation
        if self._missed.maybe(message) and await self._attendance.has(conversation):
            await self._missed.before(message, conversation)
        await self._take(spoken, message)

    async def _take(self, spoken: Spoken, message: discord.Message, *, late: bool = False) -> None:
        """Store a message if it is for Maru; `late`: it was missed, and newer ones may be stored."""
        conversation = await self._conversation(replied(message), spoken.message.conversation)
        if await self._meant(spoken, conversation, late=late):
            await self._store(replace(spoken.message, conversation=conversation))
            self._attendance.add(conversation)

    async def _meant(self, spoken: Spoken, conversation: str, *, late: bool) -> bool:
        if spoken.addressed or not spoken.follow_up:
            return spoken.addressed
        if late:
            return await self._attendance.had(conversation, spoken.message.position)
        return await self._attendance.has(conversation)

    async def _conversation(self, answer: discord.Message | None, otherwise: str) -> str:
        return await conversation_of(self._archive, self._link.user, answer, otherwise)

    def _hidden(self, message: discord.Message) -> bool:
        """Whether Discord does not show what a message says: without its intent, only what is for Maru."""
        client = self._link.client
        if client is None or client.content or isinstance(message.channel, discord.DMChannel):
            return False
        return not message.content and not message.attachments and client.user not in message.mentions

    async def edited(self, event: discord.RawMessageUpdateEvent) -> None:
        await self._edited(event.message)

    async def _edited(self, message: discord.Message) -> None:
        edit = edited(message, self._link.user)
        if edit is None or self._hidden(message):
            return
        conversation = await self._conversation(replied(message), edit.conversation)
        edit = replace(edit, conversation=conversation)
        receipt = await self._store(edit)
        if receipt.new and receipt.turn:
            self._errands.later(self._offer_again(edit, receipt, message))

    async def deleted(self, message: int, channel: int, guild: int | None) -> None:
        await self._store(deleted(message, channel, guild))

    async def _store(self, incoming: Incoming) -> Receipt:
        """Discord tells it once: what cannot be stored now is stored as soon as it can."""
        while True:
            try:
                return await self._receive(incoming)
            except StoreError as error:
                logger.warning("what was said in Discord cannot be stored yet: %s", error)
                await self._link.clock.sleep(STORE_WAIT)

    def begun(self, shard: int) -> None:
        """A session begins: what was said before it comes before what it tells."""
        self._missed.begun(shard)

    def settled(self, shard: int) -> None:
        """Its servers are known: look for what was said before it."""
        self._errands.later(self._register())
        self._missed.settled(shard)

    async def _register(self) -> None:
        """Make the commands known, once in a life."""
        if self._registered:
            return
        self._registered, application, wait = True, self._link.application, REGISTER_WAIT
        while True:
            try:
                await self._link.call(
                    "commands",
                    "",
                    Priority.COURTESY,
                    lambda client: client.http.bulk_upsert_global_commands(application, commands()),
                )
            except PlatformUnreachable as error:
                logger.warning("the slash commands are not known to Discord yet: %s", error)
                await self._link.clock.sleep(max(wait, error.after))
                wait = min(wait * 2, REGISTER_WAIT_MOST)
            else:
                return

    async def _found(self, message: discord.Message) -> None:
        spoken = parse(message, self._link.user, self._forums)
        if spoken is not None and not self._hidden(message):
            await self._take(spoken, message, late=True)
        await self._edited(message)  # what is known already may have changed

    async def _offer_again(self, edit: Edit, receipt: Receipt, message: discord.Message) -> None:
        """The last question was edited after its answer: it can be answered again."""
        record = await self._attendance.answered_before(edit, receipt)
        if record is None:
            return
        language = language_of(edit.text)
        place = place_of(edit.conversation)
        # Under the answer, which may stand in a thread that was made for it.
        posted = [part.ref for part in await self._parts.parts(receipt.turn) if "/" in part.ref]
        channel, _, answer = (posted or [f"{message.channel.id}/{message.id}"])[-1].partition("/")
        await whisper(
            self._link,
            place,
            Origin(
                channel=channel,
                message=answer,
                user=str(message.author.id),
                guild=origin_of(record.turn.origin).guild,
            ),
            say("discord_edited", language),
            buttons.again(receipt.turn, language),
        )

    async def interacted(self, interaction: discord.Interaction) -> None:
        await self._gestures.take(interaction)


def _locale(message: discord.Message) -> str:
    """That of the server: a message has none of its own."""
    return str(message.guild.preferred_locale) if message.guild else ""
