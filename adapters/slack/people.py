"""Who people are in Slack, asked once in a while."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.slack.api import Api, SlackRefused
from adapters.slack.groups import Groups
from adapters.slack.places import PLATFORM, user_of
from bot.clock import Clock
from bot.errors import PlatformError, PlatformGone
from bot.messages import Author, Person
from bot.pace import Priority

logger = logging.getLogger(__name__)

PAGE, PAGES = 500, 20  # people met at the start
FRESH = 600.0  # seconds an answer of Slack is believed
MOST = 10_000  # people remembered


@dataclass(frozen=True, slots=True)
class _Known:
    person: Person
    until: float


class People:
    """Knows names, locales, and what each person is in the workspace, with their user groups."""

    def __init__(self, api: Api, enterprise: str, clock: Clock) -> None:
        self.names: dict[str, str] = {}
        self.locales: dict[str, str] = {}
        self._known: dict[str, _Known] = {}
        self._asking: dict[str, asyncio.Task[Person]] = {}
        self._api, self.enterprise, self._clock = api, enterprise, clock
        self._groups = Groups(api, clock)

    async def person(self, author: Author) -> Person:
        """Raises PlatformUnreachable when Slack cannot be asked."""
        _, user = user_of(author.id)
        known = self._known.get(user)
        fresh = known is not None and known.until >= self._clock.now()
        person = known.person if known and fresh else await self._once(user)
        if person.kind == "bot":
            return person
        return replace(person, groups=person.groups | await self._groups.of(user))

    async def _once(self, user: str) -> Person:
        """Ask; those who want to know the same meanwhile wait for the one answer."""
        if user not in self._asking:
            task = self._asking[user] = asyncio.create_task(self._ask(user))
            task.add_done_callback(lambda done: self._asked(user, done))
        person = await asyncio.shield(self._asking[user])
        if len(self._known) >= MOST:
            self._known.pop(next(iter(self._known)))
        self._known[user] = _Known(person, self._clock.now() + FRESH)
        return person

    async def name(self, user: str) -> str:
        """How a person is called there; the id when nobody knows."""
        if user not in self.names:
            await self._once(user)
        return self.names.get(user) or user

    def _asked(self, user: str, task: asyncio.Task[Person]) -> None:
        del self._asking[user]
        if not task.cancelled():
            task.exception()  # whoever waited may be gone; the next one asks again

    async def _ask(self, user: str) -> Person:
        try:
            answer = await self._api.call("users.info", Priority.FINAL, user=user, include_locale=True)
        except (PlatformGone, SlackRefused):
            # Slack does not show people of other companies to everybody.
            return Person("outsider")
        return self._learned(answer["user"])

    async def meet(self) -> None:
        """Ask for everybody at once, so that few have to be asked for when they first write."""
        cursor = ""
        for _ in range(PAGES):
            more = {"cursor": cursor} if cursor else {}
            try:
                answer = await self._api.call(
                    "users.list", Priority.COURTESY, limit=PAGE, include_locale=True, **more
                )
            except PlatformError as error:
                logger.info("people are asked for one by one: %s", error)
                return
            for user in answer["members"]:
                self._known[str(user["id"])] = _Known(self._learned(user), self._clock.now() + FRESH)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def _learned(self, found: Mapping[str, Any]) -> Person:
        user = str(found["id"])
        profile = found.get("profile") or {}
        self.names[user] = str(
            profile.get("display_name") or found.get("real_name") or found.get("name") or user
        )
        self.locales[user] = str(found.get("locale") or "")
        return person_of(found, self._api.team, self.enterprise)


def person_of(user: Mapping[str, Any], team: str, enterprise: str) -> Person:
    """What a user of `users.info` is in a workspace."""
    locale = str(user.get("locale") or "")
    grid = user.get("enterprise_user") or {}
    ours = (
        user.get("team_id") in ("", None, team)
        or team in (grid.get("teams") or ())
        or bool(enterprise and grid.get("enterprise_id") == enterprise)
    )
    groups = frozenset({f"{PLATFORM}:{enterprise}"} if enterprise else ())
    if user.get("is_bot"):
        return Person("bot", locale)
    if user.get("deleted") or user.get("is_stranger") or not ours:
        return Person("outsider", locale)
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Person("guest", locale, groups)
    return Person("member", locale, groups)
