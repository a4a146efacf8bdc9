"""Takes the waiting messages of idle conversations as turns and has them led; knows what runs now."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.commands import Commands, recognise
from bot.context import turn_context
from bot.core import Core
from bot.errors import StoreError
from bot.events import Failed
from bot.lead import ATTEMPTS, Lead
from bot.messages import Delete, Incoming, Message, Receipt
from bot.turns import Checkpoint, Draft, Turn

logger = logging.getLogger(__name__)

POLL = 2.0  # seconds; a wake-up is a notice, this is the safety net, and how other processes are noticed
RUNNING = 1_000  # turns led at once
STORE_PAUSE = 5.0  # seconds before the next try when the store fails
LAST_ATTEMPT = 2 * ATTEMPTS  # the apology had its own attempts by then


class Dispatcher:
    """One per process and database."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._wake = asyncio.Event()
        self._leads: dict[int, Lead] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._commands = Commands(core, self.receive, self.idle)
        self._changed = asyncio.Event()
        self._draining = False
        core.holds.on_release = self._wake.set

    async def receive(self, incoming: Incoming) -> Receipt:
        """Store what came in. When this returns, the platform may be told "received"."""
        if isinstance(incoming, Message):
            incoming = recognise(incoming)
        receipt = await self._core.inbox.receive(incoming)
        if receipt.stopped and (lead := self._leads.get(receipt.turn)):
            lead.stop()
        if receipt.new:
            self._wake.set()
            if isinstance(incoming, Delete):
                self._spawn(self._withdraw(incoming.conversation))
        return receipt

    async def _withdraw(self, conversation: str) -> None:
        """What was attached to a deleted message is found no more; if that fails, the sweep sees to it."""
        try:
            await self._core.documents.align(conversation)
        except StoreError:
            logger.exception("%s: the files of a deleted message are still searched", conversation)

    async def idle(self, conversation: str = "") -> None:
        """Return once no turn of a conversation, or of any, is being led."""
        while any(conversation in {"", lead.turn.conversation} for lead in self._leads.values()):
            self._changed.clear()
            await self._changed.wait()

    async def run(self) -> None:
        """Lead turns until cancelled; then hand the running ones over. Called once."""
        try:
            self._start_all(await self._core.turns.recover())
            while True:
                self._wake.clear()
                try:
                    await self._round()
                except StoreError:
                    logger.exception("the store failed; trying again in %g s", STORE_PAUSE)
                    await self._core.clock.sleep(STORE_PAUSE)
                    continue
                await self._wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Begin no more turns, and return once those that were begun are over."""
        self._draining = True
        await self.idle()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await self._wake.wait()

    async def _round(self) -> None:
        for command in await self._core.inbox.commands():
            if self._commands.take(command):
                self._spawn(self._commands.carry_out(command))
        await self._core.turns.due()
        free = RUNNING - len(self._leads)
        if free > 0 and not self._draining:
            held = self._core.holds.conversations
            self._start_all(await self._core.turns.claim(free, self._core.adapters, self._leads, held))

    def _start_all(self, turns: Sequence[Turn]) -> None:
        for turn in turns:
            if turn.conversation.partition(":")[0] in self._core.adapters:
                self._leads[turn.id] = Lead(self._core, turn)
                self._spawn(self._lead(self._leads[turn.id]))

    async def _lead(self, lead: Lead) -> None:
        turn = lead.turn
        try:
            with turn_context(turn):
                while not await self._led(self._leads[turn.id]):
                    await self._core.clock.sleep(STORE_PAUSE)
        finally:
            del self._leads[turn.id]
            self._changed.set()
            self._wake.set()

    async def _led(self, lead: Lead) -> bool:
        """Lead a turn as far as it goes. False when its answer is stored, and it has to be led once more."""
        try:
            await lead.run()
        except Exception:
            logger.exception("%s: cut short; it is taken up again", lead.turn.reference)
            if lead.turn.state == "answered":
                self._leads[lead.turn.id] = Lead(self._core, lead.turn)
                return False
            await self._take_back(lead.turn)
        return True

    async def _take_back(self, turn: Turn) -> None:
        """Make a turn claimable again after something that must not happen; too often, and it ends."""
        turn = replace(turn, attempt=turn.attempt + 1)
        while True:
            await self._core.clock.sleep(STORE_PAUSE)
            try:
                if turn.attempt > LAST_ATTEMPT:
                    logger.critical("%s: given up without an answer", turn.reference)
                    await self._core.turns.answer(turn, turn.draft.apply(Failed("bug", "")), "failed")
                    await self._core.turns.done(turn)
                else:
                    await self._core.turns.checkpoint(turn)
                    await self._core.turns.release(turn)
            except StoreError:
                logger.exception("%s: the store failed; trying again in %g s", turn.reference, STORE_PAUSE)
                continue
            except Exception:
                # What it says cannot be stored: an apology can.
                logger.exception("%s: its answer is dropped", turn.reference)
                turn = replace(turn, draft=Draft(), checkpoint=Checkpoint())
                continue
            return

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.critical("a turn or command was given up", exc_info=error)
