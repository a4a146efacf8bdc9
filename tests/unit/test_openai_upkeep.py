"""What the engine does besides answering: forget, warn of models, load late, keep secrets."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from bot.ports import Remote
from tests.fakes.openai import FakeOpenAI
from tests.fakes.openai.server import KEY
from tests.fakes.openai.talk import Talk, talking
from tests.fakes.openai.wire import ApiError
from tests.fakes.people import ROOM


async def test_forget_deletes_everything_and_says_what_is_gone(talk: Talk, fake: FakeOpenAI) -> None:
    """What could not be deleted now stays to be deleted later."""
    told = await talk.ask("hello")
    remote = await talk.store.remotes.remote(told.turn.conversation)
    fake.fails_next["DELETE /v1/responses/{id}"] = ApiError(500, "no", type="server_error")
    gone = await talk.engine.forget(remote)
    assert [thing.kind for thing in gone] == ["conversation"]
    assert not fake.conversations.all
    assert list(await talk.engine.forget(remote)) == list(remote)
    assert not fake.responses.all


async def test_forget_knows_every_kind(talk: Talk) -> None:
    """Gone already is gone."""
    things = [
        Remote("conversation", "conv_x", ROOM),
        Remote("response", "resp_x", ROOM),
        Remote("file", "file-x", ROOM),
        Remote("container", "cntr_x", ROOM),
        Remote("vector_store", "vs_x", ROOM),
    ]
    assert list(await talk.engine.forget(things)) == things


async def test_models_that_will_be_shut_down_are_warned_of(
    tmp_path: Path, fake: FakeOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    """With the date and what to change; the default model stands for an assistant without one."""
    async with talking(tmp_path, fake, model="gpt-5") as talk:
        await talk.engine.check(["", "gpt-6-luna", "gpt-2"])  # type: ignore[attr-defined]  # of this engine
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert any("gpt-5 will be shut down on 2026-12-11" in warning for warning in warnings)
    assert any("gpt-2" in warning for warning in warnings)


async def test_a_check_that_fails_stops_nobody(
    tmp_path: Path, fake: FakeOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    """The start goes on, and the log says why nothing was checked."""
    async with talking(tmp_path, fake, api_key="sk-wrong-1234") as talk:
        await talk.engine.check([""])  # type: ignore[attr-defined]  # of this engine
        assert (await talk.ask("hi")).failed.reason == "key"
    assert "401" in caplog.text
    assert "sk-wrong" not in caplog.text
    assert KEY not in caplog.text


def test_the_sdk_is_loaded_late() -> None:
    """Importing it takes more than a second, and the program must be ready before."""
    code = "import sys, bot.openai.engine; sys.exit('openai' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own interpreter
