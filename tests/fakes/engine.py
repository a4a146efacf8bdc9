"""An engine that does what a test tells it, and is strict both ways: unscripted steps and leftovers fail."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field

from bot.events import Completed, Event, Started, Stopped, Text
from bot.ports import Remote, Request
from bot.turns import Turn


@dataclass
class Gate:
    """A place in a script where the engine waits until the test opens it; `reached` says it is there."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def open(self) -> None:
        self.opened.set()


Entry = Event | Gate | Exception
Script = Sequence[Entry]


def echo(request: Request) -> Script:
    """An answer from which a test sees what was asked."""
    asked = " | ".join(message.text for message in request.turn.messages)
    return [Started(f"resp_{request.turn.id}"), Text("You said: "), Text(asked), Completed()]


class ScriptedEngine:
    """The `Engine` port. Each step takes the next script; with none left it asks `default`."""

    def __init__(self, *scripts: Script, default: Callable[[Request], Script] | None = None) -> None:
        self._scripts = list(scripts)
        self._default = default
        self._cancelled: dict[int, asyncio.Event] = {}
        self.requests: list[Request] = []
        self.resumed: list[str] = []
        self.forgotten: list[Remote] = []

    def script(self, *scripts: Script) -> None:
        self._scripts += scripts

    async def step(self, request: Request) -> AsyncGenerator[Event, None]:
        self.requests.append(request)
        if not self._scripts and self._default is None:
            raise AssertionError(f"a step nobody scripted: {request.turn}")
        script = self._scripts.pop(0) if self._scripts else self._default(request) if self._default else []
        async for event in self._play(request.turn, script):
            yield event

    async def resume(self, request: Request) -> AsyncGenerator[Event, None]:
        self.resumed.append(request.turn.checkpoint.response)
        async for event in self.step(request):
            yield event

    async def _play(self, turn: Turn, script: Script) -> AsyncGenerator[Event, None]:
        cancelled = self._cancelled.setdefault(turn.id, asyncio.Event())
        for entry in script:
            if cancelled.is_set():
                yield Stopped()
                return
            match entry:
                case Gate():
                    entry.reached.set()
                    if await _first(entry.opened, cancelled) is cancelled:
                        yield Stopped()
                        return
                case Exception():
                    raise entry
                case _:
                    yield entry

    async def cancel(self, turn: Turn) -> None:
        self._cancelled.setdefault(turn.id, asyncio.Event()).set()

    async def forget(self, remote: Sequence[Remote]) -> Sequence[Remote]:
        self.forgotten += remote
        return remote

    async def close(self) -> None:
        """There is nothing to close."""


async def _first(*events: asyncio.Event) -> asyncio.Event:
    """The event that is set first."""
    tasks = {asyncio.create_task(event.wait()): event for event in events}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    return next(event for task, event in tasks.items() if task in done)
