"""Which of the people and user groups that an assistant names there are, for `maru doctor`."""

from collections.abc import Sequence

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.places import author_id, user_of


async def unknown(bot_token: str, api_url: str, names: Sequence[str]) -> Sequence[str]:
    """Those of these names ("slack:T1/U1", "slack:T1/S1") that the workspace does not have.

    Empty when Slack cannot be asked: what is wrong then, the checkup says.
    """
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=bot_token, base_url=api_url.rstrip("/") + "/", session=session)
        try:
            team = str((await client.auth_test())["team_id"])
            listed = (await client.usergroups_list())["usergroups"]
        except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError):
            return []
        groups = {author_id(team, str(group["id"])) for group in listed}
        return [name for name in names if name not in groups and not await _is_user(client, team, name)]


async def _is_user(client: AsyncWebClient, team: str, name: str) -> bool:
    home, user = user_of(name)
    if home != team:
        return False
    try:
        await client.users_info(user=user)
    except SlackApiError:
        return False
    return True
