"""POST /responses and what can be done with a response afterwards."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from tests.fakes.openai.checks import Model, check_request
from tests.fakes.openai.containers import Containers
from tests.fakes.openai.conversations import (
    Conversations,
    check_context,
    files_of,
    last_user_text,
    normal,
    texts,
)
from tests.fakes.openai.mcp import McpServers
from tests.fakes.openai.output import words
from tests.fakes.openai.running import ENDED, Listener, Running, writer
from tests.fakes.openai.script import Act, Answer, Drops, Fails, Play
from tests.fakes.openai.uploads import Uploads
from tests.fakes.openai.validate import PLAIN, STREAMING
from tests.fakes.openai.vector_stores import VectorStores
from tests.fakes.openai.wire import ApiError, Ids, Json, answer, chunk, read_json

KEPT = 2_000  # responses whose events can still be asked for


class Responses:
    """All responses of the account."""

    def __init__(
        self,
        ids: Ids,
        conversations: Conversations,
        uploads: Uploads,
        containers: Containers,
        mcp: McpServers,
        *,
        stores: VectorStores,
        hosted: bool,
    ) -> None:
        self._ids = ids
        self._conversations = conversations
        self._uploads = uploads
        self._containers = containers
        self._mcp = mcp
        self._stores = stores
        self._hosted = hosted
        self.model = Model()
        self.acts: deque[Act] = deque()
        self.thinks: Callable[[list[Json]], Act] | None = None  # what it does when nothing is scripted
        self.strict = True
        self.all: dict[str, Running] = {}
        self.requests: deque[Json] = deque(maxlen=1_000)
        self.calls = 0  # of the model: responses that were begun
        self._begun = asyncio.Event()

    # -- create --------------------------------------------------------------------------------

    async def create(self, request: web.Request, headers: dict[str, str]) -> web.StreamResponse:
        body = await read_json(request)
        if self.strict:
            (STREAMING if body.get("stream") else PLAIN).check(body)
        self.requests.append(body)
        running, play = self._begin(body)
        if isinstance(play, Drops) or (play.cut and play.after == 0):
            if running:
                running.start()
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        assert running is not None
        if not body.get("stream"):
            running.start()
            if not running.background:
                await running.finished.wait()
            return answer(running.shown(), headers=headers)
        return await self._stream(request, running, headers, after=-1, play=play, start=True)

    def _begin(self, body: Json) -> tuple[Running | None, Play | Drops]:
        check_request(body, self.model, hosted=self._hosted)
        conversation, new = None, normal(body.get("input") or [], self._ids)
        context = list(new)
        if named := body.get("conversation"):
            conversation = self._conversations.get(named if isinstance(named, str) else named["id"])
            if conversation.lock:
                raise ApiError(
                    400,
                    "Another process is currently operating on this conversation. "
                    "Please retry in a few seconds.",
                    code="conversation_locked",
                    param="conversation",
                )
            context = conversation.items + new
        self._uploads.check(files_of(context))
        self._containers.check(body)
        self._stores.check(searched(body))
        check_context(context, self._containers.dead)
        self._mcp.check(body, context)
        act = self._next(last_user_text(new), context)
        if isinstance(act, Drops):
            return None, act
        if isinstance(act, Fails):
            raise ApiError(
                act.status, act.message, code=act.code, type=act.type, param=act.param, headers=act.headers
            )
        if self.model.longest and sum(map(len, texts(context))) > self.model.longest:
            message = "Your input exceeds the context window of this model. Please adjust it."
            if not self.model.long_in_stream:
                raise ApiError(400, message, code="context_length_exceeded", param="input")
            act = Play((), end="failed", code="context_length_exceeded")
        running = Running(
            id=self._ids("resp"),
            body=body,
            input=new,
            play=act,
            pace=self.model.pace,
            conversation=conversation,
            before=list(conversation.items) if conversation else [],
            writer=writer(self._ids, self._containers.place(body), self._search(body)),
            ended=self._ended,
            mcp=self._mcp,
        )
        for tool in body.get("tools") or []:
            if tool["type"] == "image_generation":
                running.writer.partial_images = tool.get("partial_images") or 0
        if conversation:
            conversation.lock = running.id
        self.all[running.id] = running
        self._forget_old()
        self.calls += 1
        self._begun.set()
        return running, act

    def _search(self, body: Json) -> Callable[[str], list[Json] | None]:
        """The model's own search: what it finds is told to those who ask for it."""
        most = max((tool.get("max_num_results", 0) for tool in body.get("tools") or []), default=0) or 10

        filters = next((tool.get("filters") for tool in _searches(body)), None)

        def search(query: str) -> list[Json] | None:
            found = self._stores.found(searched(body), query, most, filters)
            return found if "file_search_call.results" in (body.get("include") or ()) else None

        return search

    async def began(self) -> None:
        """Return once a response was begun."""
        await self._begun.wait()

    def hurry(self) -> None:
        """What runs now is said without further pauses."""
        for running in self.all.values():
            running.pace = 0.0

    def _next(self, text: str, context: list[Json]) -> Act:
        for act in self.acts:
            if act.to in text:
                self.acts.remove(act)
                return act
        if self.thinks:
            return self.thinks(context)
        echo = f"You said: {text}"
        missing = self.model.words - len(words(echo))
        return Answer(echo + "".join(f" word{number}" for number in range(missing)))

    def _ended(self, running: Running) -> None:
        conversation = running.conversation
        if conversation and conversation.lock == running.id:
            conversation.lock = ""
            if running.status == "completed":
                conversation.items += running.input + running.writer.items
        self._containers.run(running)

    def _forget_old(self) -> None:
        while len(self.all) > KEPT:
            oldest = next(iter(self.all.values()))
            if oldest.status not in ENDED:
                return
            del self.all[oldest.id]

    # -- afterwards ----------------------------------------------------------------------------

    def get(self, id: str) -> Running:  # noqa: A002 - the service calls it so
        running = self.all.get(id)
        if running is None or not running.stored:
            raise ApiError(404, f"Response with id '{id}' not found.")
        return running

    async def retrieve(self, request: web.Request, headers: dict[str, str]) -> web.StreamResponse:
        running = self.get(request.match_info["id"])
        if request.query.get("stream") != "true":
            return answer(running.shown(), headers=headers)
        if not (running.background and running.body.get("stream")):
            raise ApiError(
                400, "This response cannot be streamed because it was not created with background=true."
            )
        after = int(request.query.get("starting_after", -1))
        play = replace(running.play, cut="")
        return await self._stream(request, running, headers, after=after, play=play, start=False)

    async def cancel(self, request: web.Request, headers: dict[str, str]) -> web.StreamResponse:
        running = self.get(request.match_info["id"])
        if not running.background:
            raise ApiError(400, "Cannot cancel a synchronous response.")
        if running.status not in ENDED:
            running.cancel()
        return answer(running.shown(), headers=headers)

    async def delete(self, request: web.Request, headers: dict[str, str]) -> web.StreamResponse:
        running = self.get(request.match_info["id"])
        del self.all[running.id]
        return answer({"id": running.id, "object": "response", "deleted": True}, headers=headers)

    async def _stream(
        self,
        request: web.Request,
        running: Running,
        headers: dict[str, str],
        *,
        after: int,
        play: Play,
        start: bool,
    ) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={
                **headers,
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
            }
        )
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(b": stream\n\n")
        # From here on frames go to the transport as they are: this fake serves hundreds of streams at once.
        transport = request.transport
        listener = Listener(transport, play.after if play.cut and play.after is not None else -1)
        running.listen(listener, after)
        if start:
            running.start()
        whole = await listener.done
        if transport is None or transport.is_closing():
            return response
        if whole or play.cut == "eof":
            if whole and running.status == "completed":
                transport.write(chunk(b"data: [DONE]\n\n"))
            await response.write_eof()
        elif play.cut == "reset":
            transport.abort()
        else:
            transport.close()
        return response

    async def stop(self) -> None:
        """End everything that still runs."""
        await asyncio.gather(*(running.stop() for running in self.all.values()))


def searched(body: Json) -> list[str]:
    """The vector stores that a response may search."""
    return [store for tool in _searches(body) for store in tool["vector_store_ids"]]


def _searches(body: Json) -> list[Json]:
    return [tool for tool in body.get("tools") or [] if tool["type"] == "file_search"]
