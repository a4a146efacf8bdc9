"""One workspace that Maru is installed in, with everything that belongs to it alone."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api import Api
from adapters.slack.budget import Budget
from adapters.slack.files import HOSTS, SlackFiles
from adapters.slack.limits import RULES
from adapters.slack.parse import Reader
from adapters.slack.people import People
from bot.clock import Clock
from bot.files import Files
from bot.hosts import Hosts
from bot.pace import Pace, Priority

CALL_TIME = 30  # seconds a call may take
# Apps that are distributed outside of Slack's Marketplace may read once a minute, 15 messages each time.
READING = ("/conversations.history", "/conversations.replies")
PATIENCE = 5.0  # seconds a reading call waits because of limits; who asked can do without for a while


@dataclass(slots=True)
class Workspace:
    """Made before Slack was asked anything; `identify` fills in who Maru is there."""

    api: Api
    people: People
    files: SlackFiles
    budget: Budget
    session: aiohttp.ClientSession
    enterprise: str = ""
    bot_id: str = ""
    maru: str = ""  # its user; see `bot`
    url: str = ""  # where browsers find it; see `address`

    @property
    def team(self) -> str:
        return self.api.team

    @property
    def reader(self) -> Reader:
        return Reader(self.team, self.maru, self.people.names, self.people.locales)

    def identify(self, *, team: str, enterprise: str, bot: str, bot_id: str) -> None:
        self.api.team, self.enterprise, self.maru, self.bot_id = team, enterprise, bot, bot_id
        self.people.enterprise = enterprise
        self.people.names[bot] = "Maru"
        self.api.known.set()

    async def bot(self) -> str:
        """Maru's user; waits until Slack has said who that is."""
        await self.api.known.wait()
        return self.maru

    async def address(self) -> str:
        """Where browsers find the workspace, with a slash at the end. Raises PlatformError."""
        if not self.url:
            self.url = str((await self.api.call("auth.test", Priority.COURTESY))["url"])
        return self.url


def workspace(
    url: str,
    session: aiohttp.ClientSession,
    files: Files,
    clock: Clock,
    *,
    pace: bool,
) -> Workspace:
    """A workspace that has no token yet."""
    # A call that may have been carried out is not repeated here: whoever made it looks first.
    retries = [
        AsyncConnectionErrorRetryHandler(max_retry_count=0),
        _Limited(max_retry_count=2),
    ]
    client = AsyncWebClient(
        token="", base_url=url, session=session, timeout=CALL_TIME, retry_handlers=list(retries)
    )
    api = Api(client, "", Pace(RULES, clock, on=pace))
    return Workspace(
        api=api,
        people=People(api, "", clock),
        files=SlackFiles(api, session, files, Hosts(HOSTS, url)),
        budget=Budget(clock, on=pace),
        session=session,
    )


class _Limited(AsyncRateLimitErrorRetryHandler):
    """Waits as long as Slack says, but not long for what was said before."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is None or not await super()._can_retry_async(
            state=state, request=request, response=response, error=error
        ):
            return False
        wait = next(
            (value for name, value in response.headers.items() if name.lower() == "retry-after"), ["1"]
        )
        return float(wait[0]) <= PATIENCE or not urlsplit(request.url).path.endswith(READING)
