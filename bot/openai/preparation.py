"""What a step sends, and how that is mended when the service does not go on with it."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.events import Item
from bot.openai.composer import background, done_so_far, fitting, lightened, outputs
from bot.openai.errors import NO_CONVERSATIONS, NOT_HOSTED, ServiceError
from bot.openai.learned import BUDGETS
from bot.openai.service import Service
from bot.openai.sse import Json, dump
from bot.openai.threads import MOST_ITEMS, answered
from bot.openai.tools import Tools
from bot.ports import Entry, Request, Thread
from bot.python import START_PYTHON, UNAVAILABLE
from bot.texts import language_of

logger = logging.getLogger(__name__)

INLINE_BYTES = 20_000_000  # of files of earlier turns, sent with every step of a local thread
LOCAL_TURNS = 1_000  # the most that a local thread sends, however short they are: reading them takes time
MOST_REPAIRS = 12  # of one step: a picky server refuses tools and parameters one by one


class Preparation:
    """Brings the thread of one step into order."""

    def __init__(self, service: Service, request: Request, thread: Thread, model: str) -> None:
        self._service = service
        self.thread = thread
        self._request = request
        self._model = model
        self._turn = request.turn
        self._later = bool(request.turn.checkpoint.calls)  # not the first step of its turn
        self._whole = False  # the hosted copy lacks this turn's earlier steps
        self._level = service.learned.level(model)
        self._repairs = 0
        self._left_out: set[str] = set()  # parameters and tools that were refused in this step
        self._renewed = False  # the container that this step began with was let go
        self._filled = False  # the hosted copy was filled anew in this step
        self._aligned = False
        self._begun = False
        self._doubtful = False
        self._sent: set[str] = set()  # ids of uploads in the last input
        self.tools = Tools(
            service.learned,
            request,
            model,
            service.variables,
            language_of(request.turn.messages[-1].text, request.turn.author.locale),
        )
        self.lost = False  # the service had lost what it knew of earlier turns

    @property
    def conversation(self) -> str:
        """The hosted conversation; empty when the thread is local."""
        return "" if self._service.learned.hosted is False else self.thread.thread_id

    async def begin(self) -> list[Json]:
        """Make the thread equal to the store. Returns what the model has said to this step already."""
        if self._service.learned.hosted is False:
            return []
        if not self.thread.thread_id:
            await self._fill()
            return []
        if self._begun:
            return []
        unsure = self.thread.stale or self._turn.attempt or self._doubtful
        # A server that does not know it may answer all the same, and nobody would notice what it forgot.
        if unsure or self._service.learned.hosted is None:
            try:
                remote = await self._service.client.items(self.thread.thread_id, MOST_ITEMS if unsure else 1)
            except ServiceError as error:
                if error.status not in NOT_HOSTED:
                    raise
                await self._fill(lost=True)
                return []
            self._service.learned.hosted = True
            if said := answered(self._turn, remote):
                return said
            if (self.thread.stale or self._doubtful) and not self._later:
                await self._align(remote)
        self._begun = True
        return []

    async def input(self) -> list[Json]:
        """The input items of the step."""
        conversation = self.conversation
        if conversation and self._later and not self._whole:
            return outputs(self._request)
        items = await self._service.composer.asked(self._request, conversation)
        if not conversation or self._later:
            # A hosted conversation needs this turn's own alone, a local one as much as fits the model.
            limit = 1 if conversation else LOCAL_TURNS
            earlier, own = await self._entries(running=True, limit=limit)
            if not conversation:
                history = [
                    item
                    for entry in lightened(fitting(earlier, BUDGETS[self._level]), INLINE_BYTES)
                    for item in await self._service.composer.whole(entry)
                ]
                items = [*history, *items]
            if self._later:
                items += [*done_so_far(self._request, own), *outputs(self._request)]
        self._sent = {part["file_id"] for item in items for part in parts(item) if part.get("file_id")}
        return items

    def new(self) -> list[Item]:
        """What the step adds to the thread besides what the model says."""
        if self._later:
            return [Item(output["type"], "", dump(output)) for output in outputs(self._request)]
        if self._request.prior:
            return [Item("prior", "", dump(background(self._request.prior)))]
        return []

    def without_python(self) -> None:
        """Python cannot be had here: a model that has just asked for it is told so."""
        checkpoint = self._turn.checkpoint
        asked = {call.id for call in checkpoint.calls if call.name == START_PYTHON.name}
        outcomes = tuple(
            replace(outcome, status="failed", output=UNAVAILABLE) if outcome.call in asked else outcome
            for outcome in checkpoint.outcomes
        )
        turn = replace(self._turn, checkpoint=replace(checkpoint, outcomes=outcomes))
        self._request = replace(self._request, turn=turn)

    def taken(self) -> None:
        """The service has gone on with what was sent."""
        if not self.conversation and self._level:
            self._service.learned.fitted(self._model, self._level)

    def doubt(self) -> None:
        """Somebody else was at work on the conversation, perhaps an attempt of ours: look at it again."""
        self._begun, self._doubtful = False, True

    # -- repairs -------------------------------------------------------------------------------

    async def mend(self, error: ServiceError) -> bool:
        """Change something so that another try may go better. False when nothing can be done."""
        self._repairs += 1
        if self._repairs > MOST_REPAIRS:
            return False
        if refused := error.refused or error.refused_tool:
            return self._leave_out(refused)
        if error.too_long:
            return await self._shorten()
        if error.store_gone:
            return self._service.learned.lost(error.stores)
        if self.tools.without(error):
            logger.warning("%s: goes on without an MCP server: %s", self._turn.reference, error)
            return True
        if error.container_expired and not self._renewed:
            # Perhaps a new container is enough; otherwise it is the conversation that remembers the old one.
            self._renewed = True
            if await self._service.containers.expired(self._turn.conversation):
                return True
        return bool(self.conversation) and await self._mend_copy(error)

    async def _mend_copy(self, error: ServiceError) -> bool:
        """Change the hosted conversation so that the service goes on with it."""
        if error.conversation_gone:
            await self._fill(lost=True)
        elif error.poisoned or error.container_expired:
            await self._cure()
        elif file := error.lost_file:
            await self._service.attached.expired(file, self._turn.conversation)
            if file not in self._sent:  # it lies further back: the copy is filled with a new upload of it
                await self._fill()
        else:
            return False
        return True

    def _leave_out(self, refused: str) -> bool:
        """Go on without a parameter or tool; False when this step did so already."""
        # Another step may have learnt it since this one asked: what counts is what this one left out.
        helps = refused not in self._left_out
        self._left_out.add(refused)
        self._service.learned.refused(self._model, refused)
        logger.info("%s does not take %s; going on without", self._model, refused)
        return helps

    async def _shorten(self) -> bool:
        # A hosted conversation also holds thoughts and outcomes: filled anew it is shorter already.
        if not self.conversation or self._filled:
            self._level += 1
            if self._level >= len(BUDGETS):
                return False
        if self.conversation:
            await self._fill()
        return True

    async def _cure(self) -> None:
        """Take out what the service stumbles over; where it does not stand out, begin a new conversation."""
        if not self._aligned and not self._filled:
            remote = await self._service.client.items(self.conversation, MOST_ITEMS)
            if await self._align(remote):
                return
        await self._fill()

    async def _align(self, remote: Sequence[Json]) -> bool:
        """True when something was changed."""
        self._aligned = True
        before = self.thread.thread_id
        async with self._repairing(self.thread):
            entries, _ = await self._entries()
            self.thread, changed = await self._service.upkeep.align(
                self.thread, entries, remote, BUDGETS[self._level]
            )
        self._whole = self._whole or changed
        self._filled = self._filled or self.thread.thread_id != before
        return changed

    async def _fill(self, *, lost: bool = False) -> None:
        """Begin a hosted conversation with what the store knows; learn whether the server has any."""
        entries, _ = await self._entries()
        learned = self._service.learned
        try:
            if entries or self.thread.stale:
                async with self._repairing(self.thread):
                    entries, _ = await self._entries()
                    self.thread = await self._service.upkeep.refill(
                        self.thread, entries, BUDGETS[self._level]
                    )
            else:
                self.thread = await self._service.upkeep.refill(self.thread, (), 0)
        except ServiceError as error:
            if error.code != NO_CONVERSATIONS or learned.hosted:
                raise
            # Another conversation may have learnt it in the meantime.
            logger.info("this server has no conversations: threads are kept here")
            learned.hosted = False
            return
        learned.hosted = True
        self._filled = self._whole = True
        self.lost = self.lost or (lost and bool(entries))

    @asynccontextmanager
    async def _repairing(self, thread: Thread) -> AsyncIterator[None]:
        """Around a repair. What people change meanwhile makes the thread stale again, and is not lost."""
        await self._service.threads.mark(thread, stale=False)
        try:
            yield
        except BaseException:
            await self._service.threads.mark(thread, stale=True)
            raise

    async def _entries(
        self, *, running: bool = False, limit: int | None = None
    ) -> tuple[list[Entry], Entry | None]:
        """The entries of earlier turns, and this turn's own when asked for."""
        turn = self._turn.id
        found = await self._service.threads.entries(self.thread, turn + 1 if running else turn, limit)
        own = next((entry for entry in found if entry.turn == turn), None)
        return [entry for entry in found if entry.turn != turn], own


def parts(item: Json) -> list[Json]:
    """The content parts of an item."""
    content = item.get("content")
    return content if isinstance(content, list) else []
