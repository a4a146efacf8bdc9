"""What the tests of the engine that thinks share: OpenAI's service, and a conversation with it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.openai import FakeOpenAI
from tests.fakes.openai.talk import Talk, talking


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


@pytest.fixture
async def talk(fake: FakeOpenAI, tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path, fake) as talk:
        yield talk
