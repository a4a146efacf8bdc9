"""Reads back what was said in Slack before Maru came, for those who move in; needs the Web API alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api import Api
from adapters.slack.limits import RULES
from adapters.slack.mrkdwn import mentioned, to_markdown
from adapters.slack.parse import Reader, Spoken, from_bot, parse
from adapters.slack.people import People
from adapters.slack.places import Place, author_id, place_of
from bot.clock import Clock
from bot.errors import PlatformGone, PlatformUnreachable
from bot.messages import Message
from bot.moving.said import Answer, Found
from bot.pace import Pace, Priority

Json = Mapping[str, Any]
PAGE = 200
PAGES = 25  # of a thread, which Slack tells from its beginning
THREADS = 50  # of a channel, that are read besides the channel itself


class SlackPast:
    """The `History` of the workspaces that Maru has a token for."""

    def __init__(self, tokens: Sequence[str], api_url: str, clock: Clock, bots: Sequence[str] = ()) -> None:
        """What one of `bots` said (author ids, "slack:T1/U9") counts as answers, as Maru's own does."""
        self._tokens, self._url = tokens, api_url.rstrip("/") + "/"
        self._clock, self._bots = clock, frozenset(bots)
        self._session: aiohttp.ClientSession | None = None
        self._refused = ""
        self._known: dict[str, tuple[Api, People, str]] = {}  # by workspace, with Maru's user there

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def read(self, place: str, limit: int) -> Found:
        where = place_of(place)
        if where.team not in self._known:
            await self._identify()
        if where.team not in self._known or not where.channel:
            raise PlatformGone(f"no token is for the workspace {where.team}{self._refused}")
        api, people, maru = self._known[where.team]
        messages = await _replies(api, where) if where.thread_ts else await _channel(api, where, limit)
        return await self._found(where, messages[-limit:], people, maru)

    async def _identify(self) -> None:
        """Ask whose the tokens are. A wrong one is as good as none."""
        for token in self._tokens:
            client = AsyncWebClient(token=token, base_url=self._url, session=self._session)
            client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
            try:
                answer = await client.auth_test()
            except SlackApiError as error:
                self._refused = f"; Slack says {error.response.get('error')} to one"
                continue
            except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
                raise PlatformUnreachable(f"auth.test: {type(error).__name__}") from error
            team = str(answer["team_id"])
            api = Api(client, team, Pace(RULES, self._clock))
            api.known.set()
            people = People(api, str(answer.get("enterprise_id") or ""), self._clock)
            self._known[team] = api, people, str(answer["user_id"])

    async def _found(self, where: Place, messages: Sequence[Json], people: People, maru: str) -> Found:
        said: list[Message | Answer] = []
        others: Counter[str] = Counter()
        for message in messages:
            text = str(message.get("text") or "")
            user = str(message.get("user") or message.get("bot_id") or "")
            for name in {*mentioned(text), *([] if from_bot(message, maru) else [user])} - {maru}:
                await people.name(name)
            if user == maru or author_id(where.team, user) in self._bots:
                said.append(Answer(to_markdown(text, people.names, ""), float(message["ts"])))
            elif from_bot(message, maru):
                others[author_id(where.team, user)] += 1
            else:
                reader = Reader(where.team, maru, people.names, people.locales)
                event = {**message, "type": "message", "channel": where.channel}
                spoken = parse(event, reader)
                said += [spoken.message] if isinstance(spoken, Spoken) else []
        return Found(tuple(said), channel=not where.thread_ts, private=where.direct, others=others)


async def _replies(api: Api, where: Place) -> list[Json]:
    """A whole thread, oldest first."""
    found: list[Json] = []
    cursor: dict[str, str] = {}
    for _ in range(PAGES):
        answer = await api.call(
            "conversations.replies",
            Priority.COURTESY,
            channel=where.channel,
            ts=where.thread_ts,
            limit=PAGE,
            **cursor,
        )
        found += answer["messages"]
        if not (following := (answer.get("response_metadata") or {}).get("next_cursor")):
            break
        cursor = {"cursor": following}
    return found


async def _channel(api: Api, where: Place, limit: int) -> list[Json]:
    """The newest messages of a channel and of the threads in it, oldest first."""
    found: list[Json] = []
    cursor: dict[str, str] = {}
    while len(found) < limit:
        answer = await api.call(
            "conversations.history", Priority.COURTESY, channel=where.channel, limit=PAGE, **cursor
        )
        found += answer["messages"]
        if not (following := (answer.get("response_metadata") or {}).get("next_cursor")):
            break
        cursor = {"cursor": following}
    begun = [message for message in found[:limit] if message.get("reply_count")][:THREADS]
    for first in begun:
        replies = await _replies(api, Place(where.team, where.channel, str(first["ts"])))
        known = {message["ts"] for message in found}
        found += [reply for reply in replies if reply["ts"] not in known]
    return sorted(found, key=lambda message: float(message["ts"]))
