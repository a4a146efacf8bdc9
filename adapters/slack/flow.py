"""The installation of Maru by the people of a workspace, where the operator lets them."""

import logging
from collections.abc import Callable
from html import escape
from typing import Any

import aiohttp
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncFailureArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.oauth.installation_store import Installation

from bot.texts import say

logger = logging.getLogger(__name__)

PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Maru</title></head>
<body><p>{en}</p><p lang="ko">{ko}</p></body>
</html>
"""


class NotAllowed(BoltError):
    """The operator did not name this workspace."""


class Flow(AsyncOAuthFlow):
    """Bolt's, where `allows` says that it is welcome."""

    def __init__(self, *, allows: Callable[[Installation], bool], **more: Any) -> None:
        super().__init__(**more)
        self._allows = allows
        self._usual = self.failure_handler
        self.failure_handler = self._failed

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        """Keep it. Raises NotAllowed, and then the token is good for nothing any more."""
        if self._allows(installation):
            await super().store_installation(request, installation)
            return
        where = installation.team_id or installation.enterprise_id
        logger.warning("Maru was installed in %s, which MARU_PLACES does not name; it is not kept", where)
        try:
            await self.client.auth_revoke(token=installation.bot_token)
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            logger.warning("its token could not be revoked (%s); nobody has it", type(error).__name__)
        raise NotAllowed(where)

    async def _failed(self, args: AsyncFailureArgs) -> BoltResponse:
        if not isinstance(args.error, NotAllowed):
            return await self._usual(args)
        texts = {"en": say("slack_install_refused", "en"), "ko": say("slack_install_refused", "ko")}
        page = PAGE.format(**{language: escape(text) for language, text in texts.items()})
        return BoltResponse(status=403, headers={"Content-Type": "text/html; charset=utf-8"}, body=page)
