"""Takes what Slack delivers: stores it before Slack is told "received", and does the small talk after."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from adapters.slack import buttons, home
from adapters.slack.commands import OF_A_CONVERSATION, SHORTCUT, about_this, command_of
from adapters.slack.missed import missed, missed_in
from adapters.slack.mrkdwn import mentioned
from adapters.slack.parse import Spoken, parse
from adapters.slack.places import Origin, Place, origin_of, place_of
from adapters.slack.whispers import whisper
from adapters.slack.workspace import Workspace
from bot.attendance import Attendance
from bot.clock import Clock
from bot.errands import Errands
from bot.errors import PlatformError
from bot.gap import Gap
from bot.messages import Command, Edit, Message, Press, Receipt
from bot.ports import Archive, Receive
from bot.texts import Language, language_of, say

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]
NAME_TIME = 1.0  # seconds a name may take; Slack waits three for everything
LISTED, LOOKED_AT = 5, 20  # conversations offered for a command, and looked at to find them


class Inbound:
    """One per workspace and connection."""

    def __init__(self, workspace: Workspace, receive: Receive, archive: Archive, clock: Clock) -> None:
        self._workspace, self._receive, self._archive, self._clock = workspace, receive, archive, clock
        self._attendance = Attendance(archive)
        self._errands = Errands("Slack")
        self._gap = Gap()

    async def take(self, body: Json) -> None:
        """Store what a payload says. When it raises, Slack is not told, and delivers again."""
        await self._workspace.bot()
        if isinstance(event := body.get("event"), Mapping):
            await self._fill_gap(event)
            await self._event(event)
        elif body.get("type") == "block_actions":
            await self._press(body)
        elif body.get("type") == "message_action" and body.get("callback_id") == SHORTCUT:
            await self._learn({str(body["user"]["id"])})
            await self._say(about_this(body, self._workspace.reader))
        elif "command" in body:
            await self._command(body)

    def meet(self) -> None:
        """Learn who is there, in the background."""
        self._errands.later(self._workspace.people.meet())

    def catch_up(self) -> None:
        """A connection is there again: look for what was said meanwhile."""
        self._gap.open()
        self._errands.later(self._catch_up())

    async def _catch_up(self) -> None:
        try:
            async for event in missed(self._workspace, self._archive, self._clock):
                await self._event(event)
        finally:
            self._gap.close()

    async def _fill_gap(self, event: Json) -> None:
        """What was missed in a conversation comes before what is said there now."""
        if not self._gap.is_open:
            return
        spoken = parse(event, self._workspace.reader)
        if isinstance(spoken, Spoken) and await self._attendance.has(spoken.message.conversation):
            conversation = spoken.message.conversation
            await self._gap.before(conversation, lambda: self._look(place_of(conversation)))

    async def _look(self, place: Place) -> None:
        for event in await missed_in(self._workspace, place, self._clock):
            await self._event(event)

    async def close(self) -> None:
        """End what still runs in the background."""
        self._gap.close()
        await self._errands.close()

    # -- events --------------------------------------------------------------------------------

    async def _event(self, event: Json) -> None:
        if event.get("type") == "app_home_opened":
            self._errands.later(home.opened(self._workspace, self._archive, event))
            return
        match parse(event, self._workspace.reader):
            case Spoken(message, addressed, follow_up):
                if addressed or (follow_up and await self._attendance.has(message.conversation)):
                    text = str(event.get("text") or "")
                    if await self._learn({str(event["user"])} | mentioned(text)):
                        again = parse(event, self._workspace.reader)
                        message = again.message if isinstance(again, Spoken) else message
                    await self._say(message)
            case Edit() as edit:
                receipt = await self._receive(edit)
                if receipt.new and receipt.turn:
                    self._errands.later(self._offer_again(edit, receipt, str(event["message"]["user"])))
            case None:
                return
            case other:
                await self._receive(other)

    async def _say(self, message: Message) -> None:
        await self._receive(message)
        self._attendance.add(message.conversation)

    async def _learn(self, users: set[str]) -> bool:
        """Ask for names that are not known yet, for a moment: the model should not meet people as ids."""
        people = self._workspace.people
        unknown = users - people.names.keys()
        if not unknown:
            return False
        try:
            async with asyncio.timeout(NAME_TIME):
                await asyncio.gather(*(people.name(user) for user in unknown))
        except (PlatformError, TimeoutError) as error:
            logger.info("a name is not known yet: %s", str(error) or "Slack is slow")
        return True

    async def _offer_again(self, edit: Edit, receipt: Receipt, user: str) -> None:
        """The last question was edited after its answer: it can be answered again."""
        if await self._attendance.answered_before(edit, receipt) is None:
            return
        language = language_of(edit.text)
        await whisper(
            self._workspace,
            place_of(edit.conversation),
            Origin(user=user),
            say("slack_edited", language),
            buttons.again(edit.conversation, receipt.turn, language),
        )

    # -- presses and commands ------------------------------------------------------------------

    async def _press(self, body: Json) -> None:
        press = buttons.pressed(body, self._workspace.reader, self._clock.now())
        if press is None:
            return
        receipt = await self._receive(press)
        if isinstance(press, Press) and receipt.refusal:
            refusal = "slack_not_yours" if receipt.refusal == "not_yours" else receipt.refusal
            text = say(refusal, await self._language(press.author.id))
            self._errands.later(
                whisper(self._workspace, place_of(press.conversation), origin_of(press.origin), text)
            )

    async def _command(self, body: Json) -> None:
        await self._learn({str(body["user_id"])})
        command = command_of(body, self._workspace.reader, self._clock.now())
        if command.name in OF_A_CONVERSATION:
            self._errands.later(self._choose(command))
        else:
            await self._receive(command)

    async def _choose(self, command: Command) -> None:
        """Outside of a conversation: offer the person's own that are here."""
        place = place_of(command.conversation)
        language = language_of(command.argument, command.author.locale)
        own: list[tuple[str, str]] = []
        for summary in await self._archive.conversations(f"slack:{place.team}/{place.channel}/", LOOKED_AT):
            records = await self._archive.records(summary.conversation)
            authors = {message.author.id for record in records for message in record.turn.messages}
            if command.author.id in authors:
                own.append((summary.conversation, summary.title))
        text = say("slack_choose" if own else "slack_no_conversation", language)
        offered = buttons.choices(command.name, own[:LISTED])
        await whisper(self._workspace, place, origin_of(command.origin), text, offered)

    async def _language(self, author: str) -> Language:
        user = author.rpartition("/")[2]
        return language_of("", self._workspace.people.locales.get(user, ""))
