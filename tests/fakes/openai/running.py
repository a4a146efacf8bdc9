"""A response while it is made: it goes on without its listeners, and commits when it is complete."""

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field

from tests.fakes.openai.conversations import Conversation
from tests.fakes.openai.mcp import McpServers, asks, declared
from tests.fakes.openai.output import Emit, Writer
from tests.fakes.openai.script import Consults, Play
from tests.fakes.openai.wire import Ids, Json

ENDED = {"completed", "failed", "incomplete", "cancelled"}


class Listener:
    """One connection that is told of a response's events, perhaps not of all."""

    def __init__(self, transport: asyncio.WriteTransport | None, cut_at: int = -1) -> None:
        self.transport = transport
        self.left = cut_at  # words it is still told of; negative: all
        self.done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def tell(self, data: bytes, *, word: bool) -> None:
        if self.done.done() or self.transport is None or self.transport.is_closing():
            return
        if word and self.left == 0:
            self.end(whole=False)
            return
        if word:
            self.left -= 1
        self.transport.write(data)

    def end(self, *, whole: bool) -> None:
        """No more events come; `whole` says whether all were told."""
        if not self.done.done():
            self.done.set_result(whole)


@dataclass(slots=True, eq=False)
class Running:
    """One response, from its creation on."""

    id: str
    body: Json
    input: list[Json]
    play: Play
    pace: float  # seconds between words
    conversation: Conversation | None
    writer: Writer
    ended: Callable[["Running"], None]
    mcp: McpServers
    before: list[Json] = field(default_factory=list)  # what the conversation held when it began
    status: str = "in_progress"
    error: Json | None = None
    frames: list[tuple[bool, bytes, int]] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    created_at: float = field(default_factory=lambda: float(int(time.time())))
    said: int = 0
    first_word_at: float = 0.0  # seconds since the epoch
    last_word_at: float = 0.0
    due: float = 0.0
    script: Emit | None = None
    waiting: asyncio.Task[None] | None = None

    @property
    def background(self) -> bool:
        return bool(self.body.get("background"))

    @property
    def context(self) -> list[Json]:
        """Everything the model sees."""
        return self.before + self.input

    @property
    def stored(self) -> bool:
        return self.body.get("store") is not False

    def shown(self) -> Json:
        """The response object."""
        over = self.status in ENDED
        tokens = sum(len(str(item)) // 4 for item in self.input)
        written = sum(len(str(item)) // 4 for item in self.writer.items)
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created_at,
            "status": self.status,
            "background": self.background,
            "conversation": {"id": self.conversation.id} if self.conversation else None,
            "error": self.error,
            "incomplete_details": {"reason": self.play.code} if self.status == "incomplete" else None,
            "instructions": self.body.get("instructions"),
            "metadata": self.body.get("metadata") or {},
            "model": self.body["model"],
            "output": self.writer.items if over and self.status != "cancelled" else [],
            "parallel_tool_calls": self.body.get("parallel_tool_calls", True),
            "tool_choice": self.body.get("tool_choice", "auto"),
            "tools": [{"strict": True, **tool} for tool in self.body.get("tools") or []],
            "usage": {
                "input_tokens": tokens,
                "input_tokens_details": {"cached_tokens": tokens // 2, "cache_write_tokens": 0},
                "output_tokens": written,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": tokens + written,
            }
            if over
            else None,
        }

    def start(self) -> None:
        self.due = asyncio.get_running_loop().time()
        self.script = self._script()
        self._advance()

    def listen(self, listener: Listener, after: int) -> None:
        """Tell a new listener everything since `after`, and what comes."""
        for word, data, number in list(self.frames):
            if number > after:
                listener.tell(data, word=word)
        if self.status in ENDED:
            listener.end(whole=True)
        else:
            self.listeners.append(listener)

    def cancel(self) -> None:
        """End it at once; nothing of it is kept, and its listeners are told nothing."""
        self.status = "cancelled"
        self._end()

    def _script(self) -> Emit:
        write = self.writer
        first = "queued" if self.background else "in_progress"
        self.status = first
        yield False, write.event("response.created", response=self.shown())
        if self.background:
            yield False, write.event("response.queued", response=self.shown())
            self.status = "in_progress"
        yield False, write.event("response.in_progress", response=self.shown())
        yield from self._servers()
        asking = False
        for output in self.play.outputs:
            if isinstance(output, Consults):
                asking = (yield from self._consult(output)) or asking
                continue
            if asking:
                break  # the model cannot go on before it knows whether it may
            for word, data in write.write(output):
                if word and self._cut_short():
                    yield from self._ending()
                    return
                yield word, data
        yield from self._ending()

    def _servers(self) -> Emit:
        """Tools of servers are listed once in a conversation; what people allowed is done then."""
        listed = {item["server_label"] for item in self.context if item["type"] == "mcp_list_tools"}
        for tool in declared(self.body):
            if tool["server_label"] not in listed:
                _, server = self.mcp.of(self.body, tool["server_label"])
                yield from self.writer.listed(tool["server_label"], list(server.tools), lists=server.lists)
        asked = {item["id"]: item for item in self.context if item["type"] == "mcp_approval_request"}
        done = {item.get("approval_request_id") for item in self.context if item["type"] == "mcp_call"}
        for item in self.input:
            if item["type"] == "mcp_approval_response" and item["approve"]:
                request = asked[item["approval_request_id"]]
                if request["id"] in done:
                    continue
                yield from self._served(
                    Consults(request["server_label"], request["name"], request["arguments"]), request["id"]
                )

    def _consult(self, consults: Consults) -> Generator[tuple[bool, bytes], None, bool]:
        """Ask a server, or ask whether that may be done: then True."""
        tool, _ = self.mcp.of(self.body, consults.server)
        allowed = tool.get("allowed_tools")
        assert allowed is None or consults.tool in allowed, f"{consults.tool} was not offered"
        if asks(tool, consults.tool):
            yield from self.writer.approval(consults)
            return True
        yield from self._served(consults, None)
        return False

    def _served(self, consults: Consults, request: str | None) -> Emit:
        _, server = self.mcp.of(self.body, consults.server)
        yield from self.writer.served(consults, request, *server.call(consults.tool, consults.arguments))

    def _cut_short(self) -> bool:
        return self.play.end != "completed" and self.play.after is not None and self.said >= self.play.after

    def _ending(self) -> Emit:
        code, write = self.play.code, self.writer
        message = self.play.message or f"It went wrong: {code}."
        match self.play.end:
            case "completed":
                self.status = "completed"
                yield False, write.event("response.completed", response=self.shown())
            case "incomplete":
                self.status = "incomplete"
                yield False, write.event("response.incomplete", response=self.shown())
            case "failed":
                self.status, self.error = "failed", {"code": code, "message": message}
                yield False, write.event("response.failed", response=self.shown())
            case "nested_error":
                self.status, self.error = "failed", {"code": code, "message": message}
                yield (
                    False,
                    write.event(
                        "error", error={"type": code, "code": code, "message": message, "param": None}
                    ),
                )
            case "flat_error":
                self.status, self.error = "failed", {"code": code, "message": message}
                yield False, write.event("error", code=code, message=message, param=None)
            case "silence":
                self.status, self.error = "failed", {"code": "server_error", "message": message}

    def _advance(self) -> None:
        """Emit until the next word is due."""
        loop = asyncio.get_running_loop()
        while self.status != "cancelled":
            if self.play.hold and self.said == self.play.held and not self.waiting:
                self.waiting = loop.create_task(self._wait(self.play.hold.reach()))
                return
            assert self.script is not None
            try:
                word, data = next(self.script)
            except StopIteration:
                self._end()
                return
            self.frames.append((word, data, self.writer.number))
            for listener in self.listeners:
                listener.tell(data, word=word)
            if word:
                self.last_word_at = time.time()
                self.first_word_at = self.first_word_at or self.last_word_at
                self.said += 1
                self.due += self.pace
                if self.pace:
                    loop.call_at(self.due, self._advance)
                else:
                    loop.call_soon(self._advance)
                return

    async def _wait(self, opened: asyncio.Event) -> None:
        await opened.wait()
        self.due = asyncio.get_running_loop().time()
        self._advance()

    def _end(self) -> None:
        if self.finished.is_set():
            return
        self.ended(self)
        for listener in self.listeners:
            listener.end(whole=True)
        self.finished.set()

    async def stop(self) -> None:
        """The service goes away."""
        self.status = "cancelled"
        if self.waiting:
            self.waiting.cancel()
            with suppress(asyncio.CancelledError):
                await self.waiting
        self._end()


def writer(ids: Ids, container: str, search: Callable[[str], list[Json] | None]) -> Writer:
    return Writer(ids, container, lambda: ids("call"), search)
