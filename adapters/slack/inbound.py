"""Takes what Slack delivers: stores it before Slack is told "received", and does the small talk after."""

import logging
from collections.abc import Mapping
from typing import Any

from adapters.slack import buttons
from adapters.slack.commands import OF_A_CONVERSATION, SHORTCUT, about_this, command_of
from adapters.slack.hearing import Hearing
from adapters.slack.home import Home
from adapters.slack.parse import Spoken, parse
from adapters.slack.places import Origin, origin_of, place_of
from adapters.slack.whispers import whisper
from adapters.slack.workspace import Workspace
from bot.clock import Clock
from bot.errands import Errands
from bot.holds import Holds
from bot.messages import Command, Edit, Press, Receipt
from bot.ports import Archive, Receive
from bot.texts import Language, language_of, say

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]
LEFT = {"app_uninstalled", "tokens_revoked"}  # where one token is all there is, nothing can be mended
LISTED = 5  # conversations offered for a command


class Inbound:
    """One per workspace and connection."""

    def __init__(
        self,
        workspace: Workspace,
        receive: Receive,
        *,
        archive: Archive,
        holds: Holds,
        home: Home,
        clock: Clock,
    ) -> None:
        self._workspace, self._receive, self._archive, self._clock = workspace, receive, archive, clock
        self._home = home
        self._hearing = Hearing(workspace, receive, archive, holds, clock)
        self._errands = Errands("Slack")

    async def take(self, body: Json) -> None:
        """Store what a payload says. When it raises, Slack is not told, and delivers again."""
        await self._workspace.bot()
        if isinstance(event := body.get("event"), Mapping):
            await self._event(event)
        elif body.get("type") == "block_actions":
            await self._press(body)
        elif body.get("type") == "message_action" and body.get("callback_id") == SHORTCUT:
            await self._hearing.learn({str(body["user"]["id"])})
            await self._hearing.say(about_this(body, self._workspace.reader))
        elif body.get("type") == "app_rate_limited":
            logger.error("Slack holds events back: more than 30,000 came in an hour; some are lost")
        elif "command" in body:
            await self._command(body)

    def meet(self) -> None:
        """Learn who is there, in the background."""
        self._errands.later(self._workspace.people.meet())

    def catch_up(self) -> None:
        """A connection is there again: look for what was said meanwhile."""
        self._hearing.connected()

    async def close(self) -> None:
        """End what still runs in the background."""
        await self._hearing.close()
        await self._errands.close()

    # -- events --------------------------------------------------------------------------------

    async def _event(self, event: Json) -> None:
        if event.get("type") == "app_home_opened":
            self._errands.later(self._home.opened(self._workspace, event))
            return
        if event.get("type") in LEFT:
            logger.error(
                "Slack has withdrawn Maru's token (%s): install the app again and set SLACK_BOT_TOKEN anew",
                event["type"],
            )
            return
        match parse(event, self._workspace.reader):
            case Spoken():
                await self._hearing.hear(event)
            case Edit() as edit:
                receipt = await self._receive(edit)
                if receipt.new and receipt.turn:
                    self._errands.later(self._offer_again(edit, receipt, str(event["message"]["user"])))
            case None:
                return
            case other:
                await self._receive(other)

    async def _offer_again(self, edit: Edit, receipt: Receipt, user: str) -> None:
        """The last question was edited after its answer: it can be answered again."""
        if await self._hearing.attendance.answered_before(edit, receipt) is None:
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
        await self._hearing.learn({str(body["user_id"])})
        command = command_of(body, self._workspace.reader, self._clock.now())
        if command.name in OF_A_CONVERSATION:
            self._errands.later(self._choose(command))
        else:
            await self._receive(command)

    async def _choose(self, command: Command) -> None:
        """Outside of a conversation: offer the person's own that are here."""
        place = place_of(command.conversation)
        language = language_of(command.argument, command.author.locale)
        here = f"slack:{place.team}/{place.channel}/"
        found = await self._archive.conversations(here, LISTED, command.author.id)
        own = [(one.conversation, one.title) for one in found]
        text = say("slack_choose" if own else "slack_no_conversation", language)
        offered = buttons.choices(command.name, own)
        await whisper(self._workspace, place, origin_of(command.origin), text, offered)

    async def _language(self, author: str) -> Language:
        user = author.rpartition("/")[2]
        return language_of("", self._workspace.people.locales.get(user, ""))
