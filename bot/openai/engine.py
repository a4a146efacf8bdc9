"""The engine that thinks with OpenAI, or with any server that speaks its /responses."""

import asyncio
import importlib
import logging
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Literal

from bot.clock import Clock
from bot.events import Event
from bot.files import Files
from bot.knowledge.marks import Shown, cited
from bot.knowledge.ports import Uploads
from bot.ports import Remote, Remotes, Request, Searches, Threads
from bot.turns import Turn

if TYPE_CHECKING:
    # Importing the SDK takes more than a second; that must not keep the program from being ready.
    from bot.openai.service import Service
    from bot.openai.step import Step

logger = logging.getLogger(__name__)

ThreadsMode = Literal["auto", "hosted", "local"]


class OpenAIEngine:
    """The `Engine` port. The SDK is loaded in a thread, at `check` or with the first step."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        model: str,
        mode: ThreadsMode,
        secret: bytes,
        threads: Threads,
        remotes: Remotes,
        files: Files,
        clock: Clock,
        uploads: Uploads,
        searches: Searches,
        shown: Shown | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """`secret` makes the names under which the service sees people; `base_url` may be empty.

        `shown` are the passages whose marks in an answer become its sources; `variables` hold the tokens of
        MCP servers.
        """
        self._shown = shown or Shown()
        self._api_key = api_key
        self._base_url = base_url
        self._model = model
        self._mode = mode
        self._secret = secret
        self._threads = threads
        self._remotes = remotes
        self._files = files
        self._clock = clock
        self._variables = variables or {}
        self._uploads = uploads
        self._searches = searches
        self._loading: asyncio.Task[Service] | None = None
        self._stops: dict[int, asyncio.Event] = {}  # by turn, from the first moment of a step
        self._steps: dict[int, Step] = {}

    async def step(self, request: Request) -> AsyncGenerator[Event, None]:
        async with aclosing(self._run(request, "")) as events:
            async for event in events:
                yield event

    async def resume(self, request: Request) -> AsyncGenerator[Event, None]:
        async with aclosing(self._run(request, request.turn.checkpoint.response)) as events:
            async for event in events:
                yield event

    async def _run(self, request: Request, resume: str) -> AsyncGenerator[Event, None]:
        turn = request.turn
        stop = self._stops[turn.id] = asyncio.Event()
        try:
            service = await self._service()
            thread = await self._threads.open(turn, request.assistant.name)
            step = self._steps[turn.id] = _step()(service, request, thread, stop)
            conversation = turn.conversation
            self._shown.recall(conversation, turn.checkpoint)
            async with (
                aclosing(step.run(resume)) as said,
                aclosing(cited(said, lambda key: self._shown.source(conversation, key))) as events,
            ):
                async for event in events:
                    yield event
        finally:
            if self._stops.get(turn.id) is stop:
                del self._stops[turn.id]
                self._steps.pop(turn.id, None)

    async def cancel(self, turn: Turn) -> None:
        try:
            if turn.id in self._stops:
                self._stops[turn.id].set()
                if turn.id in self._steps:
                    await self._steps[turn.id].cancel()
            elif turn.checkpoint.response:
                await (await self._service()).cancel(turn.checkpoint.response)
        except Exception:
            logger.exception("%s: cancelling failed", turn.reference)

    async def forget(self, remote: Sequence[Remote]) -> Sequence[Remote]:
        service = await self._service()
        return [thing for thing in remote if await service.delete(thing)]

    async def check(self, models: Iterable[str]) -> None:
        """Load the SDK, and log which models end, and that threads cannot be kept. Never raises."""
        try:
            service = await self._service()
            await service.check_models({model or self._model for model in models})
            await service.check_threads()
        except Exception:
            logger.exception("the models could not be checked")

    async def close(self) -> None:
        if self._loading is not None:
            await (await self._loading).close()

    async def _service(self) -> "Service":
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
        return await asyncio.shield(self._loading)

    async def _load(self) -> "Service":
        await asyncio.to_thread(_step)
        service: Service = importlib.import_module("bot.openai.service").Service(
            api_key=self._api_key,
            base_url=self._base_url,
            model=self._model,
            hosted={"auto": None, "hosted": True, "local": False}[self._mode],
            secret=self._secret,
            threads=self._threads,
            remotes=self._remotes,
            files=self._files,
            clock=self._clock,
            variables=self._variables,
            uploads=self._uploads,
            searches=self._searches,
        )
        return service


def _step() -> "type[Step]":
    step: type[Step] = importlib.import_module("bot.openai.step").Step
    return step
