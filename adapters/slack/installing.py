"""Keeps installations behind Bolt's own interfaces, and their tokens fresh."""

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackClientError, SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.flow import Flow
from adapters.slack.setup import manifest
from bot.clock import Clock
from bot.ports import Installations

logger = logging.getLogger(__name__)

STATE_LIFE = 600  # seconds that a person has to agree to an installation
AHEAD = 120  # minutes before its end that a token is replaced; it lives for twelve hours


class InstallationStore(AsyncInstallationStore):
    """One installation for each workspace or organisation; tokens of single people are not kept."""

    def __init__(self, installations: Installations, client_id: str) -> None:
        self._installations, self._app = installations, client_id

    async def async_save(self, installation: Installation) -> None:
        content = json.dumps(installation.to_dict_for_copying(), default=_time)
        await self._installations.save(self._app, place(installation), content)

    async def async_save_bot(self, bot: Bot) -> None:
        await self.async_save(Installation(**bot.to_dict_for_copying(), user_id=""))

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,  # noqa: ARG002 - Bolt's interface; what counts is the place
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The workspace's own, else its organisation's."""
        places = [enterprise_id] if is_enterprise_install else [team_id, enterprise_id]
        for candidate in filter(None, places):
            if content := await self._installations.find(self._app, candidate):
                return _installation(content)
        return None

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        found = await self.async_find_installation(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found.to_bot() if found else None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        if gone := team_id or enterprise_id:
            await self._installations.delete(self._app, gone)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """With a `user_id` nothing is to be done: that person's own token was never kept."""
        if user_id is None:
            await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def join(self, team: str, enterprise: str) -> None:
        """Remember that an organisation's installation counts for a workspace."""
        await self._installations.join(self._app, team, enterprise)

    async def leave(self, team: str) -> None:
        """An organisation's installation does not count for a workspace any more."""
        await self._installations.leave(self._app, team)

    async def teams(self) -> Mapping[str, Installation]:
        """Every workspace that is known to have an installation."""
        found = {
            where: _installation(content)
            for where, content in (await self._installations.places(self._app)).items()
        }
        members = await self._installations.members(self._app)
        own = {where: one for where, one in found.items() if not one.is_enterprise_install}
        return {team: found[company] for team, company in members.items() if company in found} | own


class StateStore(AsyncOAuthStateStore):
    """Random states, good once and for STATE_LIFE."""

    def __init__(self, installations: Installations, clock: Clock) -> None:
        self._installations, self._clock = installations, clock

    async def async_issue(self, *_: object, **__: object) -> str:
        state = secrets.token_urlsafe(32)
        await self._installations.issue(state, self._clock.now() + STATE_LIFE)
        return state

    async def async_consume(self, state: str) -> bool:
        return await self._installations.consume(state, self._clock.now())


class Tokens:
    """Finds installations whose tokens are good for a while longer."""

    def __init__(self, store: InstallationStore, rotator: AsyncTokenRotator, clock: Clock) -> None:
        self.store = store
        self._rotator, self._clock = rotator, clock
        self._lock = asyncio.Lock()  # what a token is replaced with is good once

    async def fresh(self, team: str | None, enterprise: str | None) -> Installation | None:
        """The installation that counts for a workspace; None when it has none."""
        found = await self._find(team, enterprise)
        if found is None or not self._ends(found):
            return found
        async with self._lock:
            found = await self._find(team, enterprise)
            if found is None or not self._ends(found):
                return found
            try:
                rotated = await self._rotator.perform_token_rotation(
                    installation=found, minutes_before_expiration=AHEAD
                )
            except (SlackTokenRotationError, SlackClientError, aiohttp.ClientError, TimeoutError) as error:
                # The old one may be good for two more hours.
                logger.exception(
                    "Slack does not replace the token of %s (%s); if this goes on, install Maru there again",
                    place(found),
                    type(error).__name__,
                )
                return found
            if rotated:
                await self.store.async_save(rotated)
            return rotated or found

    async def _find(self, team: str | None, enterprise: str | None) -> Installation | None:
        return await self.store.async_find_installation(enterprise_id=enterprise, team_id=team)

    def _ends(self, installation: Installation) -> bool:
        end = installation.bot_token_expires_at
        return end is not None and end <= self._clock.now() + AHEAD * 60


@dataclass(frozen=True, slots=True)
class OAuth:
    """What several workspaces need to install Maru."""

    client_id: str
    client_secret: str
    installations: Installations
    public_url: str = ""  # where browsers reach the web server; empty: the first redirect address of the app
    places: frozenset[str] = frozenset()  # the workspaces and organisations that may; empty: all

    def allows(self, installation: Installation) -> bool:
        """Whether a workspace or organisation may install Maru: it, or somebody in it, is named."""
        named = {name.partition("/")[0] for name in self.places}
        return not named or bool(named & {installation.team_id, installation.enterprise_id})

    def flow(self, client: AsyncWebClient, store: InstallationStore, clock: Clock) -> Flow:
        """Bolt's installation, with the permissions of the manifest."""
        redirect = f"{self.public_url.rstrip('/')}/slack/oauth_redirect" if self.public_url else None
        return Flow(
            allows=self.allows,
            client=client,
            settings=AsyncOAuthSettings(
                client_id=self.client_id,
                client_secret=self.client_secret,
                scopes=manifest()["oauth_config"]["scopes"]["bot"],
                redirect_uri=redirect,
                installation_store=store,
                state_store=StateStore(self.installations, clock),
                state_expiration_seconds=STATE_LIFE,
            ),
        )

    def rotator(self, client: AsyncWebClient) -> AsyncTokenRotator:
        return AsyncTokenRotator(client_id=self.client_id, client_secret=self.client_secret, client=client)


def place(installation: Installation) -> str:
    """The organisation of an installation that counts for all of it, else the workspace."""
    where = installation.enterprise_id if installation.is_enterprise_install else installation.team_id
    return str(where)


def _installation(content: str) -> Installation:
    return Installation(**json.loads(content))


def _time(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} cannot be kept")
