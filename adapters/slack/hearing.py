"""Stores what people say to Maru, and lets it be taken up in the order in which it was said."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

from adapters.slack.missed import Missed
from adapters.slack.mrkdwn import mentioned
from adapters.slack.parse import Spoken, parse
from adapters.slack.places import place_of
from adapters.slack.workspace import Workspace
from bot.attendance import Attendance
from bot.clock import Clock
from bot.errands import Errands
from bot.errors import PlatformError
from bot.holds import Holds
from bot.messages import Message
from bot.ports import Archive, Receive

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]
NAME_TIME = 1.0  # seconds a name may take; Slack waits three for everything
TWIN_TIME = 1.0  # seconds from a mention to the same message as such, which alone is sure to have the files


class Hearing:
    """What is stored is held until what was said before it, and all of it, is stored, too."""

    def __init__(
        self, workspace: Workspace, receive: Receive, archive: Archive, holds: Holds, clock: Clock
    ) -> None:
        self._workspace, self._receive, self._holds = workspace, receive, holds
        self.attendance = Attendance(archive)
        self._missed = Missed(workspace, archive, clock, self._late)
        self._errands = Errands("Slack")
        self._twins: dict[str, asyncio.Event] = {}  # key of a mention -> set once its message is there

    def connected(self) -> None:
        """A connection is there, perhaps again: look for what was said meanwhile."""
        self._missed.begin()

    async def close(self) -> None:
        """End what is still looked for."""
        await self._missed.close()
        await self._errands.close()

    async def hear(self, event: Json) -> None:
        """Store a message as it comes in, if it is for Maru."""
        spoken = self._parsed(event)
        if spoken is None or not await self._meant(spoken):
            return
        message = spoken.message
        self._holds.hold(message.conversation)
        try:
            place = place_of(message.conversation)
            if self._missed.maybe(place, str(event["ts"])):
                self._hold_until(message.conversation, self._missed.before(place))
            new = await self._store(event, message)
            self._meet_twin(event, message, new=new)
        finally:
            self._holds.release(message.conversation)

    async def say(self, message: Message) -> bool:
        """Store a message that is for Maru; False for a repeat."""
        receipt = await self._receive(message)
        self.attendance.add(message.conversation)
        return receipt.new

    async def learn(self, users: set[str]) -> bool:
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

    async def _late(self, event: Json) -> None:
        """Store a message that was missed. A follow-up is one if Maru took part when it was written."""
        spoken = self._parsed(event)
        if spoken and (spoken.addressed or (spoken.follow_up and await self._had(spoken.message))):
            await self._store(event, spoken.message)

    async def _had(self, message: Message) -> bool:
        return await self.attendance.had(message.conversation, message.position)

    def _parsed(self, event: Json) -> Spoken | None:
        found = parse(event, self._workspace.reader)
        return found if isinstance(found, Spoken) else None

    async def _meant(self, spoken: Spoken) -> bool:
        if spoken.addressed:
            return True
        return spoken.follow_up and await self.attendance.has(spoken.message.conversation)

    async def _store(self, event: Json, message: Message) -> bool:
        if await self.learn({str(event["user"])} | mentioned(str(event.get("text") or ""))):
            again = self._parsed(event)
            message = again.message if again else message
        return await self.say(message)

    def _meet_twin(self, event: Json, message: Message, *, new: bool) -> None:
        """A mention comes as two events, in any order; where Maru is no member, as one."""
        key = message.keys[0]
        if event["type"] == "message":
            if waiting := self._twins.get(key):
                waiting.set()
        elif new:
            self._hold_until(message.conversation, self._twin(key))

    async def _twin(self, key: str) -> None:
        """Return once the message of a mention is there as such, or when it will not come."""
        self._twins[key] = asyncio.Event()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(TWIN_TIME):
                    await self._twins[key].wait()
        finally:
            del self._twins[key]

    def _hold_until(self, conversation: str, awaited: Coroutine[Any, Any, None]) -> None:
        self._holds.hold(conversation)
        # A callback, because an errand that is ended before its first step runs nothing of its own.
        self._errands.later(awaited).add_done_callback(lambda _: self._holds.release(conversation))
