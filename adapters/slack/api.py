"""Calls Slack's Web API at its pace, and says in the core's words what went wrong."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import PlatformError, PlatformGone, PlatformUnreachable
from bot.pace import Pace, Priority

logger = logging.getLogger(__name__)

GONE = {
    "account_inactive",
    "cant_delete_message",
    "cant_update_message",
    "channel_not_found",
    "invalid_auth",
    "invalid_thread_ts",
    "is_archived",
    "message_not_found",
    "not_authed",
    "not_in_channel",
    "restricted_action",
    "thread_not_found",
    "token_revoked",
    "user_not_found",
    "user_not_in_channel",
}
PASSING = {
    "fatal_error",
    "internal_error",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "token_expired",  # until it is replaced
}
TOO_MANY = 429
BROKEN = 500  # statuses from here on are Slack's fault


class SlackRefused(PlatformError):
    """Slack will not do this, however often it is asked; `code` says why."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method}: {code}")
        self.code = code


class SlackGone(PlatformGone):
    """What this is about is not there, or closed to Maru; `code` says why."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method}: {code}")
        self.code = code


class Api:
    """The Web API of one workspace."""

    def __init__(self, client: AsyncWebClient, team: str, pace: Pace) -> None:
        self.client = client
        self.team = team
        self.known = asyncio.Event()  # set once it is clear who Maru is there
        self._pace = pace

    async def call(self, method: str, priority: Priority, **arguments: Any) -> Any:
        """Call a method such as "chat.postMessage" when its turn has come.

        Waits until it is known who Maru is there. Raises PlatformUnreachable, PlatformGone or SlackRefused.
        """
        await self.known.wait()
        places = {"team": self.team}
        if channel := arguments.get("channel"):
            places["channel"] = str(channel)
        await self._pace.wait(method, places, priority)
        function: Callable[..., Coroutine[Any, Any, Any]] = getattr(self.client, method.replace(".", "_"))
        try:
            return await function(**arguments)
        except SlackApiError as error:
            raise _said(method, error) from error
        except (SlackClientError, aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise PlatformUnreachable(f"{method}: {str(error) or type(error).__name__}") from error

    async def courtesy(self, method: str, **arguments: Any) -> str:
        """Call a method that nobody would miss; returns why it failed, empty when it did not."""
        try:
            await self.call(method, Priority.COURTESY, **arguments)
        except SlackRefused as error:
            logger.debug("%s", error)
            return error.code
        except PlatformError as error:
            logger.debug("%s: %s", method, error)
            return "unreachable"
        return ""


def _said(method: str, error: SlackApiError) -> PlatformError:
    response: Any = error.response
    code = str(response.get("error") or "")
    if response.status_code == TOO_MANY or code in PASSING or response.status_code >= BROKEN:
        after = float(response.headers.get("Retry-After") or 1.0)
        return PlatformUnreachable(f"{method}: {code or response.status_code}", after)
    if code in GONE:
        return SlackGone(method, code)
    return SlackRefused(method, code)
