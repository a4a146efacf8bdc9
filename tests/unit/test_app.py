"""The program keeps its platforms running, and ends for what only an operator can mend."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.app import App
from bot.environment import read
from bot.errors import PlatformUnreachable, SettingsError, StoreFull
from bot.files import Files
from bot.ports import Receive
from storage.sqlite.store import Store
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ScriptedEngine
from tests.fakes.maru import core_of
from tests.fakes.square import Square, SquareAdapter


class Failing(SquareAdapter):
    """A platform that fails so often, and then stays."""

    def __init__(self, store: Store, clock: ManualClock, *failures: Exception) -> None:
        super().__init__(Square(), store.parts, clock)
        self._failures = list(failures)
        self.stays = asyncio.Event()

    async def run(self, receive: Receive) -> None:
        if self._failures:
            raise self._failures.pop(0)
        self.stays.set()
        await super().run(receive)


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """A program freezes what it has loaded; tests go on in this process."""
    yield
    gc.unfreeze()


@asynccontextmanager
async def program(folder: Path, *failures: Exception) -> AsyncIterator[tuple[asyncio.Task[None], Failing]]:
    """Maru with one platform, while time passes."""
    clock = ManualClock()
    store = await Store.open(folder / "maru.db", clock)
    adapter = Failing(store, clock, *failures)
    core = core_of(store, Files(folder / "files"), clock, adapter, ScriptedEngine())
    app = App(read({}, folder / ".env"), store, core, core.library, (), look=lambda: None)
    running = asyncio.create_task(app.run())
    try:
        async with clock.passing():
            yield running, adapter
    finally:
        running.cancel()
        await asyncio.wait([running])
        await core.documents.close()
        await store.close()


@pytest.mark.parametrize(
    "failure", [RuntimeError("a bug"), StoreFull("no room left"), PlatformUnreachable("away")]
)
async def test_a_platform_that_fails_is_started_again(tmp_path: Path, failure: Exception) -> None:
    """Also where the database or the platform failed: they may be there again a little later."""
    async with program(tmp_path, failure, ExceptionGroup("both", [failure])) as (running, adapter):
        await asyncio.wait(
            [running, asyncio.ensure_future(adapter.stays.wait())], return_when=asyncio.FIRST_COMPLETED
        )
        assert not running.done()


async def test_what_only_an_operator_can_mend_ends_the_program(tmp_path: Path) -> None:
    async with program(tmp_path, SettingsError(["SLACK_BOT_TOKEN: Copy it again."])) as (running, _):
        await asyncio.wait([running])
        with pytest.raises(ExceptionGroup) as ended:
            await running
    assert ended.group_contains(SettingsError, match="Copy it again")
