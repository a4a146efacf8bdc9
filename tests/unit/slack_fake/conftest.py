"""A fake Slack on a clock that stands still, and who asks it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.clock import ManualClock
from tests.fakes.slack import FakeSlack, Message
from tests.fakes.slack.listener import Bot


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(clock=clock) as fake:
        yield fake


@pytest.fixture
async def client(slack: FakeSlack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(slack.bot_token, base_url=slack.api, session=session)


@pytest.fixture
async def question(slack: FakeSlack) -> Message:
    return await slack.person("Ann").mentions_bot(slack.general, "what is a maru?")


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Bot]:
    async with aiohttp.ClientSession() as session:
        yield Bot(slack, session)


def error(failure: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(failure.value.response["error"])
