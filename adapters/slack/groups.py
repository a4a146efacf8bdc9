"""Which user groups people are in, asked once in a while for a whole workspace."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping

from adapters.slack.api import Api, SlackRefused
from adapters.slack.places import PLATFORM
from bot.clock import Clock
from bot.errors import PlatformError, PlatformGone
from bot.pace import Priority

logger = logging.getLogger(__name__)

FRESH = 600.0  # seconds an answer of Slack is believed
Members = Mapping[str, frozenset[str]]


class Groups:
    """The user groups of one workspace, as they are named in `access`: "slack:T1/S1"."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api, self._clock = api, clock
        self._members: Members | None = None  # user -> groups
        self._until = 0.0
        self._asking: asyncio.Task[Members] | None = None

    async def of(self, user: str) -> frozenset[str]:
        """Raises PlatformUnreachable when Slack cannot be asked, and never could."""
        if self._members is None or self._until < self._clock.now():
            try:
                self._members = await self._once()
            except PlatformError as error:
                if self._members is None:
                    raise
                logger.info("what is known of user groups may be old: %s", error)
            self._until = self._clock.now() + FRESH
        return self._members.get(user, frozenset())

    async def _once(self) -> Members:
        """Ask; those who want to know the same meanwhile wait for the one answer."""
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(self._asked)
        return await asyncio.shield(self._asking)

    def _asked(self, task: asyncio.Task[Members]) -> None:
        self._asking = None
        if not task.cancelled():
            task.exception()  # whoever waited may be gone; the next one asks again

    async def _ask(self) -> Members:
        try:
            answer = await self._api.call("usergroups.list", Priority.FINAL, include_users=True)
        except (PlatformGone, SlackRefused) as error:
            # An app that was installed before it asked for the right goes on without it.
            logger.info("user groups cannot be read, so nobody counts as in one: %s", error)
            return {}
        members: defaultdict[str, set[str]] = defaultdict(set)
        for group in answer["usergroups"]:
            for user in group.get("users") or ():
                members[str(user)].add(f"{PLATFORM}:{self._api.team}/{group['id']}")
        return {user: frozenset(groups) for user, groups in members.items()}
