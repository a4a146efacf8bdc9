"""One turn, led from claimed to posted; every checkpoint is stored before it is acted on."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import replace

from bot.admission import admit
from bot.assistants import Assistant
from bot.attachments import fetch, notices
from bot.calls import Calling
from bot.choice import choice
from bot.core import Core
from bot.delivery import deliver
from bot.errors import HistoryCut, PlatformError, PlatformGone
from bot.events import (
    Activity,
    Calls,
    Completed,
    Event,
    Failed,
    Item,
    Notice,
    Restarted,
    Started,
    Stopped,
    Usage,
)
from bot.messages import Quoted
from bot.ports import Adapter, Reply, Request
from bot.scope import scope
from bot.texts import language_of, say
from bot.turns import Checkpoint, Turn

logger = logging.getLogger(__name__)

ATTEMPTS = 3  # steps of one turn that may fail or die before an apology
BACKOFF = (1.0, 5.0)  # seconds before the second and the third attempt, unless the service says otherwise
MOST_STEPS = 25  # of one turn: a model that goes on calling functions costs without end
STOP_GRACE = 10.0  # seconds the service gets to confirm a stop
PRIOR_MESSAGES = 50  # of the platform's history, read when Maru is called into a running conversation


class Lead:
    """Leads one turn. `run` returns when it is posted, paused or given up; cancelling hands it over."""

    def __init__(self, core: Core, turn: Turn) -> None:
        self.turn = turn
        self._core = core
        self._stop = turn.stop
        self._scope: asyncio.Timeout | None = None
        self._stepping = False
        self._unread = False  # some of what was said before, which may be read later
        self._cancelling: asyncio.Task[None] | None = None

    def stop(self) -> None:
        """Somebody asked to stop it. Works in every state, also before a response has an id."""
        if self._stop:
            return
        self._stop = True
        if self._scope is not None:
            # A step is given time to end well, so that the thread is let go; all else ends at once.
            grace = STOP_GRACE if self._stepping else 0.0
            self._scope.reschedule(asyncio.get_running_loop().time() + grace)
        if self._stepping:
            self._cancel()

    def _cancel(self) -> None:
        if self._cancelling is None:
            self._cancelling = asyncio.create_task(self._core.engine.cancel(self.turn))

    async def run(self) -> None:
        try:
            adapter = self._core.adapter(self.turn.conversation)
            if self.turn.state != "answered" and not await self._admitted(adapter):
                return
            async with adapter.reply(self.turn) as reply:
                if self.turn.state == "answered" or await self._answer(adapter, reply):
                    await self._post(reply)
        except asyncio.CancelledError:
            await self._core.turns.release(self.turn)
            raise
        finally:
            if self._cancelling is not None:
                # Whoever waits for this turn does not wait for the service.
                await asyncio.wait([self._cancelling], timeout=STOP_GRACE)
                self._cancelling.cancel()

    # -- before the first step -----------------------------------------------------------------

    async def _admitted(self, adapter: Adapter) -> bool:
        """Keep the messages of those who may ask. False when none is left: the turn is refused."""
        if self._stop or self.turn.checkpoint.step:
            return True
        kept = await admit(self._core, adapter, self.turn)
        if kept:
            self.turn = replace(self.turn, messages=kept)
            return True
        await self._core.turns.answer(self.turn, replace(self.turn.draft, end="refused"), "refused")
        await self._core.turns.done(self.turn)
        return False

    async def _request(self, adapter: Adapter, assistant: Assistant) -> Request:
        turn = self.turn
        prior: tuple[Quoted, ...] = ()
        if turn.first and not await self._core.pasts.take_over(turn):
            try:
                earlier = await adapter.history(turn.conversation, turn.messages[0].position, PRIOR_MESSAGES)
                prior = tuple(earlier)
            except PlatformError as error:
                logger.warning("%s: answers without all that was said before: %s", turn.reference, error)
                prior = error.found if isinstance(error, HistoryCut) else ()
                self._unread = not isinstance(error, PlatformGone)
        collections = await scope(self._core, turn, assistant)
        # Only now is it settled what belongs to the turn's thread.
        documents = await self._core.documents.align(turn.conversation)
        turn = self.turn = replace(turn, documents=documents)
        declarations = self._core.functions.declarations(assistant, turn)
        owners = await self._core.library.owners(collections)
        return Request(turn, assistant, declarations, prior, collections, adapter.previews, owners)

    # -- from step to step ---------------------------------------------------------------------

    async def _answer(self, adapter: Adapter, reply: Reply) -> bool:
        """Lead the turn to a finished draft. False when it is paused instead."""
        if self._stop:
            return await self._end(Stopped())
        if self.turn.attempt >= ATTEMPTS:
            return await self._end(Failed("interrupted", "died too often"))
        try:
            async with asyncio.timeout(None) as self._scope:
                assistant = (await choice(self._core, self.turn.conversation)).assistant
                await self._fetch(adapter, reply, assistant)
                reply.show(replace(self.turn.draft, activity=Activity("thinking")))
                request = await self._request(adapter, assistant)
                while not await self._step(request, reply):
                    if self.turn.state == "paused":
                        return False
                return True
        except TimeoutError:
            # The service did not confirm the stop in time; the thread is made right before the next turn.
            logger.warning("%s: stopped without the service's word", self.turn.reference)
            return await self._end(Stopped())
        finally:
            self._scope = None

    async def _fetch(self, adapter: Adapter, reply: Reply, assistant: Assistant) -> None:
        if any(message.attachments for message in self.turn.messages):
            reply.show(replace(self.turn.draft, activity=Activity("reading")))
            python = "python" in assistant.tools
            messages = await fetch(self._core, adapter, self.turn.messages, python=python)
            self.turn = replace(self.turn, messages=messages)
        # Another assistant begins a new thread: nothing attached before is in it.
        await self._core.threads.open(self.turn, assistant.name)

    async def _step(self, request: Request, reply: Reply) -> bool:
        """One attempt of one step, and the calls it asks for. True when the turn has its draft."""
        if self.turn.checkpoint.step >= MOST_STEPS:
            return await self._end(Failed("endless", f"more than {MOST_STEPS} steps"))
        try:
            if self.turn.checkpoint.calls and not await self._call(request.assistant, reply):
                return False
            if self._stop:
                return await self._end(Stopped())
            last = await self._consume(replace(request, turn=self.turn), reply)
        except Exception as error:
            logger.exception("%s: attempt %d failed", self.turn.reference, self.turn.attempt + 1)
            last = Failed("bug", type(error).__name__, again=True)
        match last:
            case Completed(usage=usage) | Calls(usage=usage) if self._stop:
                return await self._end(Stopped(usage), (), usage)
            case Calls(calls, items, usage):
                self.turn = replace(
                    self.turn,
                    draft=self.turn.draft.apply(last),
                    checkpoint=Checkpoint(step=self.turn.checkpoint.step + 1, calls=calls),
                    attempt=0,
                )
                await self._core.turns.step_done(self.turn, items, usage)
                return False
            case Completed(items, usage):
                return await self._end(last, items, usage)
            case Failed() if last.again and self.turn.attempt + 1 < ATTEMPTS and not self._stop:
                await self._retry(last, reply)
                return False
            case Failed(usage=usage) | Stopped(usage=usage):
                return await self._end(Stopped(usage) if self._stop else last, (), usage)
            case _:
                raise AssertionError(f"a step ended with {last}")

    async def _call(self, assistant: Assistant, reply: Reply) -> bool:
        """Bring every call to an outcome. False when the turn is paused instead."""
        calling = Calling(self._core, self.turn, assistant, reply)
        try:
            return await calling.run(lambda: self._stop)
        finally:
            # Also when it is cut short: files of calls that ended belong to the answer.
            self.turn = calling.turn

    async def _consume(self, request: Request, reply: Reply) -> Event:
        """The last event of a step; everything before it is in the draft and on its way to the platform."""
        engine = self._core.engine
        events: AsyncGenerator[Event, None]
        events = engine.resume(request) if self.turn.checkpoint.response else engine.step(request)
        self._stepping = True
        try:
            async for event in events:
                match event:
                    case Completed() | Calls() | Stopped() | Failed():
                        return event
                    case Started(response):
                        self.turn = replace(
                            self.turn, checkpoint=replace(self.turn.checkpoint, response=response)
                        )
                        await self._core.turns.checkpoint(self.turn)
                        if self._stop:
                            self._cancel()
                    case _ if self._stop:
                        pass  # what comes after the stop is not wanted
                    case _:
                        draft = self.turn.draft.apply(event)
                        self.turn = replace(self.turn, draft=draft)
                        reply.show(draft)
        finally:
            self._stepping = False
            await events.aclose()
        return Failed("broken", "the engine ended without a word", again=True)

    async def _retry(self, failed: Failed, reply: Reply) -> None:
        """Store that an attempt failed, and wait for the next one."""
        why = f"{failed.reason} ({failed.detail})"
        logger.warning("%s: attempt %d failed: %s", self.turn.reference, self.turn.attempt + 1, why)
        wait = max(failed.after, BACKOFF[min(self.turn.attempt, len(BACKOFF) - 1)])
        self.turn = replace(
            self.turn,
            attempt=self.turn.attempt + 1,
            checkpoint=replace(self.turn.checkpoint, response=""),
            draft=self.turn.draft.apply(Restarted()),
        )
        await self._core.turns.checkpoint(self.turn)
        reply.show(replace(self.turn.draft, activity=Activity("waiting")))
        await self._core.clock.sleep(wait)

    async def _end(self, event: Event, items: tuple[Item, ...] = (), usage: Usage | None = None) -> bool:
        """Store the finished draft; it only remains to be posted."""
        if isinstance(event, Failed):
            logger.error("%s: gave up: %s (%s)", self.turn.reference, event.reason, event.detail)
        language = language_of(self.turn.messages[-1].text, self.turn.author.locale)
        draft = self.turn.draft.apply(event)
        unread = [say("history_unread", language)] if self._unread and draft.end == "done" else []
        for sentence in [*notices(self.turn.messages, language), *unread]:
            draft = draft.apply(Notice(sentence))
        await self._core.turns.answer(self.turn, draft, draft.end or "done", items, usage)
        self.turn = replace(self.turn, draft=draft, state="answered")
        return True

    async def _post(self, reply: Reply) -> None:
        await deliver(reply, self.turn, self._core.clock)
        await self._core.turns.done(self.turn)
