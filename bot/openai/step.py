"""One step: from a request to the last event of the response, through whatever goes wrong on the way."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Literal

from bot.events import Activity, Calls, Completed, Event, Note, Notice, Restarted, Started, Stopped, Usage
from bot.openai.body import body
from bot.openai.citations import Cited, Written
from bot.openai.errors import ServiceError, failed
from bot.openai.finds import Finds
from bot.openai.made import Makings
from bot.openai.opened import Opened
from bot.openai.patience import Patience
from bot.openai.preparation import Preparation
from bot.openai.reading import Found, Read
from bot.openai.service import Service
from bot.openai.signs import Picture
from bot.openai.stream import Stream
from bot.ports import Remote, Request, Thread

logger = logging.getLogger(__name__)


class Step:
    """Runs once. `cancel` works from another task at any time."""

    def __init__(self, service: Service, request: Request, thread: Thread, stop: asyncio.Event) -> None:
        """Once `stop` is set, it asks for nothing any more."""
        self._service = service
        self._request = request
        self._turn = request.turn
        self._model = request.assistant.model or service.model
        self._stop = stop
        self._patience = Patience(service.clock, stop)
        self._preparation = Preparation(service, request, thread, self._model)
        self._stream = Stream(service.client, self._patience, background=False, stored=False)
        self._makings = Makings(service, request.turn)
        self._finds = Finds(service, request)
        self._opening: asyncio.Task[Opened] | None = None
        self._container = ""  # where the model's Python runs in it
        self._unseen = False  # a response was asked for whose end nobody saw yet
        self._naming: asyncio.Task[None] | None = None

    async def cancel(self) -> None:
        """End it with Stopped, and let the thread go."""
        self._stop.set()
        stream = self._stream
        # Without an id there is nothing to cancel yet: once there is one, `_ask` comes here again.
        if stream.background and stream.response:
            await self._service.cancel(stream.response)
        if stream.opened is not None:
            stream.opened.interrupt()

    async def run(self, resume: str = "") -> AsyncGenerator[Event, None]:
        """The events. `resume` names a response to take up again instead of asking for one."""
        try:
            if self._turn.draft.begun:
                yield Restarted()
            async with aclosing(self._tries(resume)) as events:
                async for event in events:
                    yield event
        finally:
            await asyncio.shield(self._service.tidy(self._leave()))

    async def _tries(self, resume: str) -> AsyncGenerator[Event, None]:
        """Try until the response is whole, or nothing more can be mended."""
        while True:
            try:
                async with aclosing(self._take_up(resume) if resume else self._ask()) as reads:
                    async for read in reads:
                        if event := await self._meant(read):
                            yield event
            except ServiceError as error:
                # What cannot be taken up is asked for anew: that it was cut short is counted already.
                anew, resume = bool(resume) and error.lost, ""
                self._unseen = self._unseen and error.lost
                said = self._stream.reading.said
                await self._stream.close()
                if self._stop.is_set():
                    yield Stopped()
                    return
                if error.locked:
                    yield Activity("waiting")
                if not anew and (beyond := await self._mend(error)):
                    yield failed(beyond, self._turn.attempt)
                    return
                if said:
                    yield Restarted()
            else:
                for last in await self._ending():
                    yield last
                return

    async def _meant(self, read: Read) -> Event | None:
        """The event for people, when what stands behind it is fetched or looked up."""
        match read:
            case Picture() | Written():
                return await self._makings.take(read)
            case Found():
                await self._finds.take(read)
                return None
            case Cited():
                return await self._finds.source(read)
            case _:
                return read

    async def _mend(self, error: ServiceError) -> ServiceError | None:
        """Make another try worth while. What cannot be mended is given back."""
        if error.locked:
            self._preparation.doubt()
            return None if await self._patience.locked() else error
        try:
            return None if await self._preparation.mend(error) else error
        except ServiceError as worse:
            logger.warning("%s: could not mend %s", self._turn.reference, error)
            return worse

    # -- where the events come from ------------------------------------------------------------

    async def _ask(self) -> AsyncGenerator[Read, None]:
        """Ask the model, unless it has answered already."""
        self._container = await self._service.containers.ready(
            self._request, self._service.alias(self._turn.conversation)
        )
        if not self._container:
            self._preparation.without_python()
        said = await self._preparation.begin()
        if said:
            stream = self._stream = Stream(
                self._service.client, self._patience, background=False, stored=False
            )
            for read in stream.reading.recall(said):
                yield read
            return
        conversation = self._preparation.conversation
        items = await self._preparation.input()
        asked = body(
            self._service,
            self._request,
            self._preparation.tools,
            model=self._model,
            conversation=conversation,
            items=items,
            container=self._container,
            search=await self._finds.tool(self._model),
        )
        stream = self._stream = Stream(
            self._service.client,
            self._patience,
            background=bool(asked.get("background")),
            stored=bool(conversation),
        )
        if self._stop.is_set():
            stream.reading.status = "cancelled"
            return
        self._unseen = True
        self._opening = asyncio.create_task(Opened.open(self._service.client.respond(asked)))
        try:
            # A response may be begun even if nobody waits for it any more: then it has to be cancelled.
            stream.opened = await asyncio.shield(self._opening)
        except ServiceError:
            self._opening = None
            raise
        self._opening = None
        self._preparation.taken()
        if response := stream.response:
            yield Started(response)
            self._naming = self._service.tidy(self._name("response", response))
        if self._stop.is_set():
            await self.cancel()
        async with aclosing(stream.events()) as reads:
            async for read in reads:
                yield read

    async def _take_up(self, response: str) -> AsyncGenerator[Read, None]:
        """The events of a response that was begun earlier, from its beginning."""
        stream = self._stream = Stream(self._service.client, self._patience, background=True, stored=True)
        if self._stop.is_set():
            await self._service.cancel(response)
        async with aclosing(stream.follow(response)) as reads:
            async for read in reads:
                yield read

    # -- the end -------------------------------------------------------------------------------

    async def _ending(self) -> list[Event]:
        """What is left to tell when the response is whole, and the last event."""
        reading, tools = self._stream.reading, self._preparation.tools
        made = await self._makings.rest(reading)
        for label in reading.unlisted:
            tools.unreachable(label)
        return [*made, *map(Notice, tools.notices), await self._end()]

    async def _end(self) -> Event:
        """The last event, when everything that was made has its name."""
        reading = self._stream.reading
        preparation = self._preparation
        self._unseen = False
        if self._naming is not None:
            await self._naming
        await self._name("container", *sorted(reading.containers))
        items = (*preparation.new(), *reading.items)
        usage = reading.usage
        if sessions := self._service.containers.sessions(self._container):
            usage = replace(usage or Usage(self._model), containers=sessions)
        match reading.status:
            case "cancelled":
                return Stopped(usage)
            case "completed" if reading.calls:
                return Calls(reading.calls, items, usage)
            case "completed":
                return Completed(items, usage, "recovered" if preparation.lost else "")
            case _:
                # What of a cut answer has come into the conversation is not documented: it is looked up.
                await self._doubt()
                note: Note = "filtered" if reading.reason == "content_filter" else "cut"
                return Completed(items, usage, note)

    async def _name(self, kind: Literal["response", "container"], *ids: str) -> None:
        """Name what was made, so that it can be deleted one day."""
        if ids:
            conversation, author = self._turn.conversation, self._turn.author.id
            await self._service.remotes.made([Remote(kind, made, conversation, author) for made in ids])

    async def _doubt(self) -> None:
        """Before the next turn, what the hosted copy holds is compared with the store."""
        if self._preparation.conversation:
            await self._service.threads.mark(self._preparation.thread, stale=True)

    async def _leave(self) -> None:
        """Leave nothing behind that nobody knows of, however the step ended."""
        if self._opening is not None:
            self._service.tidy(self._abandon(self._opening))
        await self._stream.close()
        if self._unseen:
            await self._doubt()

    async def _abandon(self, opening: asyncio.Task[Opened]) -> None:
        """A response was asked for and left before it had an id: cancel it once it has one."""
        try:
            opened = await opening
        except ServiceError:
            return  # nothing was begun
        if self._stream.background and opened.response:
            await self._service.cancel(opened.response)
        await opened.close()
