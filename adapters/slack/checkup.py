"""Finds out what is wrong with the tokens of an installation, for `maru doctor`."""

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.setup import missing_scopes


async def problems(bot_token: str, app_token: str, api_url: str) -> list[str]:
    """What is wrong and what to do, one sentence each; empty when Slack is content."""
    found: list[str] = []
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=bot_token, base_url=api_url.rstrip("/") + "/", session=session)
        try:
            answer = await client.auth_test()
            header = str(answer.headers.get("X-OAuth-Scopes") or answer.headers.get("x-oauth-scopes") or "")
            granted = {scope.strip() for scope in header.split(",") if scope.strip()}
            if granted and (missing := missing_scopes(granted)):
                found.append(
                    f"SLACK_BOT_TOKEN: these scopes are missing: {', '.join(missing)}. "
                    "Add them under OAuth & Permissions and install the app again."
                )
        except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            found.append(f"SLACK_BOT_TOKEN: {_why(error)}")
        if app_token:
            try:
                await client.apps_connections_open(app_token=app_token)
            except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError) as error:
                found.append(f"SLACK_APP_TOKEN: {_why(error)}")
    return found


def _why(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        response: Any = error.response
        return f"Slack says {response.get('error')}. Copy it again from the app's settings."
    return f"Slack cannot be reached ({type(error).__name__})."
