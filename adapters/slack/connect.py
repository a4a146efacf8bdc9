"""Connects to Slack: the Bolt app with its durable inbox, and the socket that is rebuilt when it is stuck."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import ClientError
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.logger.messages import warning_token_skipped
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.workspace import Workspace
from bot.clock import Clock
from bot.errors import SettingsError

logger = logging.getLogger(__name__)

# Bolt warns that the token is ignored; `authorized` gives it to Bolt all the same.
logging.getLogger("slack_bolt.AsyncApp").addFilter(
    lambda record: record.getMessage() != warning_token_skipped()
)

Take = Callable[[Mapping[str, Any]], Awaitable[None]]

WRONG_TOKEN = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "not_allowed_token_type"}
PING = 6.0  # seconds between signs of life, and between the client's tries with one ticket
HANDSHAKE = 5.0  # seconds: less than PING, because a ticket is good once and so never at a second try
LOOK = 1.0  # seconds between looks at the connection
STUCK = 20.0  # seconds without a connection after which it is rebuilt
WAIT, WAIT_MOST = 1.0, 30.0  # seconds between tries


def authorized(workspace: Workspace) -> Callable[[], Awaitable[AuthorizeResult]]:
    """Tells Bolt who Maru is where there is one workspace."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=workspace.enterprise or None,
            team_id=workspace.team,
            bot_token=workspace.api.client.token,
            bot_id=workspace.bot_id,
            bot_user_id=await workspace.bot(),
        )

    return authorize


def bolt(
    client: AsyncWebClient,
    take: Take,
    signing_secret: str,
    authorize: Callable[
        ..., Awaitable[Any]
    ],  # None where nobody may be answered, which Bolt does not declare
    oauth: AsyncOAuthFlow | None = None,
) -> AsyncApp:
    """The Bolt app. Whatever comes is given to `take`, and acknowledged only when that returns."""
    app = AsyncApp(
        client=client,
        signing_secret=signing_secret,
        authorize=authorize,
        oauth_flow=oauth,
        request_verification_enabled=bool(signing_secret),
    )
    app.use(_Keeping(take))
    return app


class _Keeping(AsyncMiddleware):
    """Stores, and acknowledges: Bolt's listeners would run only after the acknowledgement."""

    def __init__(self, take: Take) -> None:
        self._take = take

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - Bolt's interface; what comes before it answers nothing
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002, ARG002 - likewise; there are no listeners
    ) -> BoltResponse:
        # What raises here is not acknowledged, and Slack delivers it again.
        await self._take(req.body)
        return BoltResponse(status=200)


async def identify(workspace: Workspace, clock: Clock) -> None:
    """Ask Slack who Maru is, for as long as it takes. Raises SettingsError for a token that is wrong."""
    answer = await _insist("SLACK_BOT_TOKEN", workspace.api.client.auth_test, clock)
    workspace.identify(
        team=str(answer["team_id"]),
        enterprise=str(answer.get("enterprise_id") or ""),
        bot=str(answer["user_id"]),
        bot_id=str(answer.get("bot_id") or ""),
    )


class Socket:
    """Keeps a Socket Mode connection."""

    def __init__(self, app: AsyncApp, token: str, clock: Clock, connected: Callable[[], None]) -> None:
        """`connected` is called whenever a connection is there again, and at first."""
        self.connected = False
        self._back = connected
        self._app, self._token, self._clock = app, token, clock

    async def keep(self) -> None:
        """Stay connected until cancelled. Raises SettingsError for a token that is wrong."""
        while True:
            opened = await _insist(
                "SLACK_APP_TOKEN",
                lambda: self._app.client.apps_connections_open(app_token=self._token),
                self._clock,
            )
            handler = AsyncSocketModeHandler(self._app, self._token, ping_interval=PING)
            # The client would try one ticket for ever.
            handler.client.wss_uri = str(opened["url"])
            handler.client.message_listeners.append(self._heard)
            connect: Callable[[], Awaitable[None]] = handler.client.connect
            close: Callable[[], Awaitable[None]] = handler.client.close
            try:
                async with asyncio.timeout(HANDSHAKE):
                    await connect()
                await self._watch(handler)
            except TimeoutError:
                logger.warning("Slack's socket did not open; trying a new one")
            finally:
                self.connected = False
                await close()

    async def _heard(self, _client: object, message: Mapping[str, Any], _raw: str | None) -> None:
        # Each connection begins with it, also one that the client made by itself; events come after it.
        if message.get("type") == "hello":
            self._back()

    async def _watch(self, handler: AsyncSocketModeHandler) -> None:
        """Return once the connection is stuck."""
        lost = 0.0
        while lost < STUCK:
            self.connected = await handler.client.is_connected()
            lost = 0.0 if self.connected else lost + LOOK
            await self._clock.sleep(LOOK)
        logger.warning("Slack's socket is gone for %g s; building a new one", STUCK)


async def _insist(setting: str, call: Callable[[], Awaitable[Any]], clock: Clock) -> Any:
    """Call until Slack answers."""
    wait = WAIT
    while True:
        after = 0.0
        try:
            return await call()
        except SlackApiError as error:
            response: Any = error.response
            code = str(response.get("error") or response.status_code)
            if code in WRONG_TOKEN:
                raise SettingsError(
                    [f"{setting}: Slack does not accept it ({code}). Copy it again."]
                ) from error
            after = float(response.headers.get("Retry-After") or 0)
            logger.warning("Slack does not let us in yet: %s", code)
        except (SlackClientError, ClientError, TimeoutError, OSError) as error:
            logger.warning("Slack cannot be reached yet: %s", str(error) or type(error).__name__)
        await clock.sleep(max(wait, after))
        wait = min(wait * 2, WAIT_MOST)
