"""Maru as a running program: starts the parts that it is given, keeps them running, and ends them well."""

import asyncio
import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from bot.core import Core
from bot.dispatcher import Dispatcher
from bot.errors import MaruError, PlatformError, StoreError
from bot.knowledge.library import Library
from bot.knowledge.schedule import Schedule
from bot.openai.engine import OpenAIEngine
from bot.ports import Adapter
from bot.settings import Settings
from bot.watched import Watched
from storage.sqlite.store import Store

logger = logging.getLogger(__name__)

GRACE = 5.0  # seconds running turns get to finish when Maru is told to stop
HAND_OVER = 3.0  # seconds for what runs to be handed over then
RESTART, RESTART_MOST = 1.0, 60.0  # seconds before an adapter that failed starts again
WATCH = 2.0  # seconds between looks at the files of assistants and functions
SWEEP = 3_600.0  # seconds between tries to delete what nobody needs any more, here and at OpenAI
UNSENT = 24 * 3_600.0  # seconds after which a file that no message names is deleted


class App:
    """One process that answers. Made by `started`."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        core: Core,
        library: Library,
        watched: Sequence[Watched[Any]],
        *,
        look: Callable[[], None],
    ) -> None:
        """`look` tells the log what assistants name and nobody has; it is asked after each change."""
        self.settings = settings
        self.core = core
        self.dispatcher = Dispatcher(core)
        self._store = store
        self._library = library
        self._watched = watched
        self._look = look

    async def run(self) -> None:
        """Answer until cancelled; then finish or hand over what runs, within GRACE."""
        async with asyncio.TaskGroup() as group:
            adapters = [
                group.create_task(self._connect(adapter), name=name)
                for name, adapter in self.core.adapters.items()
            ]
            dispatching = group.create_task(self.dispatcher.run(), name="dispatcher")
            group.create_task(self._know(), name="knowledge")
            group.create_task(self._watch(), name="watch")
            sweeping = group.create_task(self._sweep(), name="sweep")
            group.create_task(self._load(), name="loading")
            try:
                await asyncio.Event().wait()
            finally:
                sweeping.cancel()
                # People see the answers that finish now, so the adapters go last.
                with suppress(TimeoutError):
                    async with asyncio.timeout(GRACE):
                        await self.dispatcher.drain()
                dispatching.cancel()
                await asyncio.wait([dispatching], timeout=HAND_OVER)
                for task in adapters:
                    task.cancel()

    async def _connect(self, adapter: Adapter) -> None:
        """Run an adapter. What only an operator can mend ends Maru; nothing else in it does."""
        wait = RESTART
        while True:
            begun = self.core.clock.elapsed()
            try:
                await adapter.run(self.dispatcher.receive)
            except Exception as error:
                if _final(error):
                    raise
                logger.exception("%s failed; it starts again in %g s", adapter.platform, wait)
            if self.core.clock.elapsed() - begun > RESTART_MOST:
                wait = RESTART
            await self.core.clock.sleep(wait)
            wait = min(wait * 2, RESTART_MOST)

    async def health(self) -> Mapping[str, str]:
        """Part -> what is wrong with it; empty when it works."""
        found = {
            name: "" if adapter.ready else "not connected" for name, adapter in self.core.adapters.items()
        }
        try:
            await self._store.database.read(
                lambda connection: connection.execute("SELECT 1 FROM turns LIMIT 1")
            )
            found["database"] = ""
        except Exception as error:
            logger.exception("the database does not answer")
            found["database"] = str(error)
        return found

    async def _know(self) -> None:
        """Index the documents before anybody asks; if that fails, the next question tries again."""
        try:
            await self._library.refresh()
        except MaruError:
            logger.exception("the knowledge could not be indexed yet")
        await Schedule(self._library, self.core.clock).run()

    async def _load(self) -> None:
        """Load what the first answer would have to wait for; from then on all code is there to stay."""
        if isinstance(self.core.engine, OpenAIEngine):
            await self.core.engine.check(a.model for a in self.core.assistants.values())
        # To look through all of it for garbage, again and again, would take a tenth of a second each time.
        gc.freeze()

    async def _watch(self) -> None:
        """Take up changed assistants and functions from the next turn on."""
        while True:
            if any([await asyncio.to_thread(watched.refresh) for watched in self._watched]):
                self._look()
            await self.core.clock.sleep(WATCH)

    async def _sweep(self) -> None:
        """Delete what nobody needs any more, now and then; what fails is tried again the next time."""
        while True:
            try:
                await self._sweep_once()
            except Exception:
                logger.exception("could not tidy up")
            await self.core.clock.sleep(SWEEP)

    async def _sweep_once(self) -> None:
        core = self.core
        # Before anything is deleted: what lies there is paid for.
        await core.ledger.measure()
        await core.library.sweep()
        if orphans := await core.remotes.orphans():
            gone = await core.engine.forget(orphans)
            await core.remotes.gone(gone)
            logger.info("deleted %d of %d things left at the model service", len(gone), len(orphans))
        await core.documents.sweep()
        # Uploaded, and then never sent.
        old = await core.files.older_than(UNSENT)
        await core.files.delete(await core.file_rows.unowned(old), idle=UNSENT)


def _final(error: BaseException) -> bool:
    """Whether it is, all of it, something that Maru can explain and that will not pass by itself."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_final, error.exceptions))
    # A platform may be there again a little later, and the database take more.
    return isinstance(error, MaruError) and not isinstance(error, PlatformError | StoreError)
