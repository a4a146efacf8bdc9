"""Finds out what is wrong with an installation in Slack, for `maru doctor`."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.installing import InstallationStore, OAuth, place
from adapters.slack.setup import Way, differences, missing_scopes
from bot.clock import Clock
from bot.findings import Finding

TROUBLE = (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError)
APP = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")  # an app-level token names its app
REMEDIES = {
    "account_inactive": "The app was uninstalled: install it again, and copy the new token.",
    "token_revoked": "The app was uninstalled: install it again, and copy the new token.",
    "token_expired": "Tokens that end are renewed for installations alone: set SLACK_CLIENT_ID, and install "
    "Maru at /slack/install.",
    "not_allowed_token_type": "It is another kind of token: SLACK_BOT_TOKEN begins with xoxb-, "
    "SLACK_APP_TOKEN with xapp-.",
    "missing_scope": "It lacks connections:write: generate a new one under App-Level Tokens.",
    "access_denied": "Switch on Socket Mode in the app's settings.",
}
COPY = "Copy it again from the app's settings."
BY_HAND = (
    "Whether the app listens to every event cannot be asked with these tokens. Compare its manifest with "
    "`maru setup slack`, or set SLACK_CONFIG_TOKEN (api.slack.com/apps, Your App Configuration Tokens)."
)


@dataclass(frozen=True, slots=True)
class Checkup:
    """What the settings say of Slack. Tokens that are not set are empty."""

    api_url: str
    bot_token: str
    app_token: str
    config_token: str
    way: Way
    oauth: OAuth | None
    clock: Clock

    async def findings(self) -> AsyncIterator[Finding]:
        """Each token, each installation and the app itself."""
        async with aiohttp.ClientSession() as session:
            client = AsyncWebClient(base_url=self.api_url.rstrip("/") + "/", session=session)
            app = ""
            if self.bot_token:
                finding, app = await _token(client, "Slack", self.bot_token, "SLACK_BOT_TOKEN", COPY)
                yield finding
            if self.app_token:
                yield Finding("Slack, Socket Mode", await _socket(client, self.app_token))
            if self.oauth:
                store = InstallationStore(self.oauth.installations, self.oauth.client_id)
                installed = {place(one): one for one in (await store.teams()).values()}
                for where, one in installed.items():
                    app = app or one.app_id or ""
                    yield await self._installed(client, where, one)
            known = APP.match(self.app_token)
            yield await self._app(client, known[1] if known else app)

    async def _installed(self, client: AsyncWebClient, where: str, one: Installation) -> Finding:
        name = f"Slack, installed in {one.enterprise_name or one.team_name or where} ({where})"
        end = one.bot_token_expires_at
        if end is not None and end <= self.clock.now():
            return Finding(
                name,
                notes=("Its token has ended while Maru was not running; Maru renews it when it starts.",),
            )
        again = f"Install Maru there again: {self.way.install_url}."
        finding, _ = await _token(client, name, one.bot_token or "", "its token", again)
        if self.oauth and not self.oauth.allows(one):
            finding = Finding(
                name, finding.problems, ("MARU_PLACES does not name it: nobody is answered there.",)
            )
        return finding

    async def _app(self, client: AsyncWebClient, app: str) -> Finding:
        """The app's settings beside the manifest."""
        if not self.config_token or not app:
            return Finding("Slack, the app's settings", notes=(BY_HAND,), on=False)
        try:
            answer = await client.api_call(
                "apps.manifest.export",
                params={"app_id": app},
                headers={"Authorization": f"Bearer {self.config_token}"},
            )
        except TROUBLE as error:
            why = _why(
                error, {}, "Make a new one under Your App Configuration Tokens; it ends after 12 hours."
            )
            return Finding("Slack, the app's settings", (f"SLACK_CONFIG_TOKEN: {why}",))
        return Finding("Slack, the app's settings", tuple(differences(answer["manifest"], self.way)))


async def _token(
    client: AsyncWebClient, name: str, token: str, setting: str, copy: str
) -> tuple[Finding, str]:
    """What is wrong with a bot's token, and the app that it belongs to."""
    try:
        answer: Any = await client.auth_test(token=token)
    except TROUBLE as error:
        return Finding(name, (f"{setting}: {_why(error, REMEDIES, copy)}",)), ""
    found: list[str] = []
    header = answer.headers.get("X-OAuth-Scopes") or answer.headers.get("x-oauth-scopes") or ""
    granted = {scope.strip() for scope in str(header).split(",") if scope.strip()}
    if granted and (missing := missing_scopes(granted)):
        found.append(
            f"{setting}: these scopes are missing: {', '.join(missing)}. "
            "Add them under OAuth & Permissions and install the app again."
        )
    if name == "Slack":
        name = f"Slack, {answer.get('team')} ({answer.get('team_id')})"
    try:
        app = (await client.bots_info(bot=answer["bot_id"], token=token))["bot"]["app_id"]
    except TROUBLE:
        app = ""  # the scope users:read is missing, and was named
    return Finding(name, tuple(found)), str(app)


async def _socket(client: AsyncWebClient, token: str) -> tuple[str, ...]:
    try:
        await client.apps_connections_open(app_token=token)
    except TROUBLE as error:
        return (f"SLACK_APP_TOKEN: {_why(error, REMEDIES, COPY)}",)
    return ()


def _why(error: Exception, remedies: dict[str, str], otherwise: str) -> str:
    if isinstance(error, SlackApiError):
        response: Any = error.response
        code = str(response.get("error"))
        return f"Slack says {code}. {remedies.get(code, otherwise)}"
    return f"Slack cannot be reached ({type(error).__name__})."
