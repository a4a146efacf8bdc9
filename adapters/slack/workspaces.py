"""The workspaces that Maru is in: one behind the settings' token, or all that installed it."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.oauth.installation_store import Installation

from adapters.slack.inbound import Inbound
from adapters.slack.installing import Tokens, place
from adapters.slack.workspace import Workspace
from bot.clock import Clock
from bot.errors import StoreError

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]
LOOK = 600.0  # seconds between looks for tokens that end soon
LEFT = {"app_uninstalled", "tokens_revoked"}
WITHDRAWN = "team_access_revoked"  # from some of an organisation's workspaces

Open = Callable[[], tuple[Workspace, Inbound]]
"""Makes a workspace that has no token yet, and what listens to it."""


class Workspaces(AsyncAuthorize):
    """Gives what comes to its workspace, and each workspace its own token. Bolt asks it who Maru is there."""

    def __init__(self, open_: Open, tokens: Tokens, clock: Clock) -> None:
        self._open, self._tokens, self._clock = open_, tokens, clock
        self._known: dict[str, tuple[Workspace, Inbound]] = {}
        self._home = ""  # the workspace of the settings' token
        self._settled = False

    async def recall(self) -> None:
        """Open every workspace that installed Maru, without asking Slack anything."""
        for team, installation in (await self._tokens.store.teams()).items():
            await self._let_in(team, installation)

    def settle(self, home: Workspace | None) -> None:
        """Add the workspace of the settings' token, if there is one; an installation of it counts more.

        From now on it is known where Maru is, and so where it is not any more.
        """
        self._settled = True
        if home:
            self._home = home.team
            workspace, inbound = self._at(home.team)
            if not workspace.api.client.token:
                workspace.api.client.token = home.api.client.token
                workspace.identify(
                    team=home.team, enterprise=home.enterprise, bot=home.maru, bot_id=home.bot_id
                )
                inbound.meet()
        for team, (workspace, _) in self._known.items():
            if not workspace.api.known.is_set():
                workspace.identify(team=team, enterprise="", bot="", bot_id="")

    async def keep(self) -> None:
        """Replace tokens before they end, also where nobody writes; until cancelled."""
        while True:
            try:
                for team, installation in (await self._tokens.store.teams()).items():
                    await self._joined(team, installation.enterprise_id or "")
            except StoreError:
                logger.exception("tokens could not be looked at; trying again in %g s", LOOK)
            await self._clock.sleep(LOOK)

    def at(self, team: str) -> Workspace:
        """A workspace. At first its calls wait; where Maru is not installed any more, Slack refuses them."""
        return self._at(team)[0]

    async def take(self, body: Json) -> None:
        """Store what a payload says. When it raises, Slack is not told, and delivers again."""
        event = body.get("event") or {}
        team, enterprise = team_of(body), enterprise_of(body)
        if event.get("type") in LEFT:
            await self._left(team, enterprise, body)
        elif event.get("type") == WITHDRAWN:
            await self._withdrawn(event)
        elif inbound := await self._joined(team, enterprise):
            await inbound.take(body)

    def catch_up(self) -> None:
        """A connection is there again: look for what was said meanwhile."""
        for workspace, inbound in self._known.values():
            if workspace.api.client.token:
                inbound.catch_up()

    async def close(self) -> None:
        """End the small talk."""
        for _, inbound in list(self._known.values()):
            await inbound.close()

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None, **_: object
    ) -> AuthorizeResult | None:
        """Who Maru is there; None when it is not installed, and then Bolt drops what came."""
        found = await self._tokens.fresh(team_id, enterprise_id)
        if found is not None:
            token, bot_id, bot = found.bot_token, found.bot_id, found.bot_user_id
        elif (home := self._at_home(team_id)) is not None:
            workspace = home[0]
            token, bot_id, bot = workspace.api.client.token, workspace.bot_id, workspace.maru
        else:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            user_id=user_id,
            bot_token=token,
            bot_id=bot_id,
            bot_user_id=bot,
        )

    async def _joined(self, team: str, enterprise: str) -> Inbound | None:
        """What listens to a workspace, with a token that is good."""
        found = await self._tokens.fresh(team, enterprise)
        if found is None:
            home = self._at_home(team)
            return home[1] if home else None
        return await self._let_in(team, found)

    async def _let_in(self, team: str, found: Installation) -> Inbound:
        workspace, inbound = self._at(team)
        if workspace.api.client.token != found.bot_token:
            if found.is_enterprise_install:
                await self._tokens.store.join(team, str(found.enterprise_id))
            new = not workspace.api.client.token
            _identify(workspace, team, found)
            if new:
                inbound.meet()
        return inbound

    def _at_home(self, team: str | None) -> tuple[Workspace, Inbound] | None:
        """The workspace of the settings' token, if that is the one and still has a token."""
        if not team or team != self._home:
            return None
        home = self._at(team)
        return home if home[0].api.client.token else None

    def _at(self, team: str) -> tuple[Workspace, Inbound]:
        if team not in self._known:
            self._known[team] = self._open()
            if self._settled:
                self._known[team][0].identify(team=team, enterprise="", bot="", bot_id="")
        return self._known[team]

    async def _left(self, team: str, enterprise: str, body: Json) -> None:
        """Maru was taken out, unless it came back since."""
        event = body["event"]
        if event["type"] == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return  # only people's own tokens, which are not kept
        store = self._tokens.store
        found = await store.async_find_installation(enterprise_id=enterprise, team_id=team)
        if found is None or int(found.installed_at) > int(body.get("event_time") or self._clock.now()):
            return
        gone = place(found)
        affected = [name for name, one in (await store.teams()).items() if place(one) == gone]
        await store.async_delete_installation(
            enterprise_id=found.enterprise_id, team_id=None if found.is_enterprise_install else found.team_id
        )
        for name in affected:
            self.at(name).api.client.token = ""
        logger.info("Maru was uninstalled from %s", gone)

    async def _withdrawn(self, event: Json) -> None:
        """The organisation keeps Maru, and some of its workspaces do not."""
        for team in event["team_ids"]:
            await self._tokens.store.leave(str(team))
            self.at(str(team)).api.client.token = ""
            logger.info("Maru was taken out of %s", team)


def _identify(workspace: Workspace, team: str, installation: Installation) -> None:
    client = workspace.api.client
    client.token = installation.bot_token
    # An organisation's token is good in all its workspaces: each call says in which.
    client.default_params = {"team_id": team} if installation.is_enterprise_install else {}
    workspace.identify(
        team=team,
        enterprise=installation.enterprise_id or "",
        bot=installation.bot_user_id or "",
        bot_id=installation.bot_id or "",
    )


def team_of(body: Json) -> str:
    """The workspace that a payload came to; empty when it names only an organisation."""
    authorization = (body.get("authorizations") or [{}])[0]
    named = authorization.get("team_id") or body.get("context_team_id") or (body.get("team") or {}).get("id")
    return str(named or body.get("team_id") or (body.get("user") or {}).get("team_id") or "")


def enterprise_of(body: Json) -> str:
    """The organisation that a payload came to."""
    authorization = (body.get("authorizations") or [{}])[0]
    named = authorization.get("enterprise_id") or (body.get("enterprise") or {}).get("id")
    return str(named or body.get("context_enterprise_id") or body.get("enterprise_id") or "")
