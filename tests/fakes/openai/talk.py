"""Leads turns through an engine on a real store, as the dispatcher does, one event after another."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.assistants import Assistant
from bot.clock import Clock
from bot.events import Calls, Completed, Event, Failed, Outcome, Restarted, Started, Stopped, Text
from bot.files import Files
from bot.messages import Incoming, Message, Quoted
from bot.openai.engine import OpenAIEngine
from bot.ports import Declaration, Engine, Request, Thread
from bot.turns import Checkpoint, Turn
from storage.sqlite.store import Store
from tests.fakes.clock import START
from tests.fakes.openai.server import KEY, FakeOpenAI
from tests.fakes.people import message

MARU = Assistant(name="maru", instructions="You are Maru.")
WEATHER = Declaration(
    "weather",
    "The weather in a city.",
    '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}',
)


@dataclass
class Told:
    """What became of a turn."""

    turn: Turn
    events: list[Event] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.turn.draft.text

    @property
    def last(self) -> Event:
        return self.events[-1]

    @property
    def failed(self) -> Failed:
        assert isinstance(self.last, Failed), self.last
        return self.last

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class Talk:
    """One store and one engine."""

    def __init__(self, store: Store, engine: Engine, assistant: Assistant = MARU) -> None:
        self.store = store
        self.engine = engine
        self.assistant = assistant
        self.functions: Mapping[str, str] = {}  # call name -> what it gives back
        self.declarations: tuple[Declaration, ...] = ()
        self.prior: tuple[Quoted, ...] = ()
        self.previews = False
        self.collections: tuple[str, ...] = ()  # that may be searched
        self.owners: tuple[str, ...] = ()  # whom to ask when they do not answer
        self.seen: Callable[[Event], None] = lambda _: None
        self.clock = QuickClock()
        self._number = 0

    async def receive(self, *incoming: Incoming) -> None:
        for one in incoming:
            await self.store.inbox.receive(one)

    async def claim(self) -> Turn:
        (turn,) = await self.store.turns.claim(1, ["web"])
        return turn

    def message(self, text: str, **more: Any) -> Message:
        self._number += 1
        return message(text, self._number, **more)

    async def waiting(self, *texts: str, **more: Any) -> Turn:
        """A claimed turn of these messages."""
        await self.receive(*(self.message(text, **more) for text in texts))
        return await self.claim()

    async def ask(self, *texts: str, **more: Any) -> Told:
        """Say something, and have it answered."""
        return await self.lead(await self.waiting(*texts, **more))

    async def lead(self, turn: Turn, *, retry: bool = True) -> Told:
        """Lead a turn to its end."""
        told = Told(turn)
        while True:
            await self.step(told)
            match told.last:
                case Calls(calls, items, usage):
                    draft = told.turn.draft.apply(told.last)
                    told.turn = replace(
                        told.turn,
                        draft=draft,
                        attempt=0,
                        checkpoint=Checkpoint(step=told.turn.checkpoint.step + 1, calls=calls),
                    )
                    await self.store.turns.step_done(told.turn, items, usage)
                    outcomes = tuple(
                        Outcome(call.id, "done", self.functions[call.name])
                        for call in calls
                        if call.name in self.functions
                    )
                    told.turn = replace(
                        told.turn, checkpoint=replace(told.turn.checkpoint, outcomes=outcomes)
                    )
                    await self.store.turns.checkpoint(told.turn)
                case Failed(again=True) if retry and told.turn.attempt < 2:
                    told.turn = replace(
                        told.turn,
                        attempt=told.turn.attempt + 1,
                        checkpoint=replace(told.turn.checkpoint, response=""),
                        draft=told.turn.draft.apply(Restarted()),
                    )
                    await self.store.turns.checkpoint(told.turn)
                case last:
                    await self.finish(told, last)
                    return told

    async def finish(self, told: Told, last: Event) -> None:
        draft = told.turn.draft.apply(last)
        items = last.items if isinstance(last, Completed) else ()
        await self.store.turns.answer(told.turn, draft, draft.end or "done", items)
        await self.store.turns.done(told.turn)
        told.turn = replace(told.turn, draft=draft)

    async def step(self, told: Told) -> None:
        """One step; its events are in `told` as they come."""
        async for event in self.events(told.turn):
            told.events.append(event)
            self.seen(event)
            match event:
                case Started(response):
                    told.turn = replace(
                        told.turn, checkpoint=replace(told.turn.checkpoint, response=response)
                    )
                    await self.store.turns.checkpoint(told.turn)
                case Completed() | Calls() | Stopped() | Failed():
                    pass
                case _:
                    told.turn = replace(told.turn, draft=told.turn.draft.apply(event))

    def events(self, turn: Turn) -> AsyncGenerator[Event, None]:
        prior = self.prior if turn.first else ()
        request = Request(
            turn,
            self.assistant,
            self.declarations,
            prior,
            self.collections,
            previews=self.previews,
            owners=self.owners,
        )
        return self.engine.resume(request) if turn.checkpoint.response else self.engine.step(request)

    async def thread(self, turn: Turn) -> Thread:
        return await self.store.threads.open(turn, self.assistant.name)

    async def made(self, turn: Turn) -> Sequence[str]:
        """Kinds of what was made at the service for a turn's conversation and still exists."""
        return sorted(remote.kind for remote in await self.store.remotes.remote(turn.conversation))


def texts(events: Sequence[Event]) -> str:
    """The text as it stands after these events."""
    text = ""
    for event in events:
        if isinstance(event, Text):
            text += event.delta
        elif isinstance(event, Restarted):
            text = ""
    return text


class QuickClock:
    """The `Clock` port: nobody waits, and it remembers for how long they wanted to."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.on_sleep: Callable[[float], None] = lambda _: None
        self._now = START

    def now(self) -> float:
        return self._now

    def elapsed(self) -> float:
        return self.now()

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        self.slept.append(seconds)
        self.on_sleep(seconds)
        await asyncio.sleep(0.001)  # so that what happens over the network can happen


def engine_for(fake: FakeOpenAI, store: Store, folder: Path, clock: Clock, **more: Any) -> OpenAIEngine:
    """An engine that talks to the fake."""
    values: dict[str, Any] = {
        "api_key": KEY,
        "base_url": fake.url,
        "model": "gpt-6.2-sol",
        "mode": "auto",
        "secret": b"secret",
        "threads": store.threads,
        "remotes": store.remotes,
        "files": Files(folder / "files"),
        "clock": clock,
        "uploads": store.uploads,
        "searches": store.searches,
    }
    return OpenAIEngine(**{**values, **more})


@asynccontextmanager
async def talking(folder: Path, fake: FakeOpenAI, **more: Any) -> AsyncIterator[Talk]:
    """A conversation with the fake, on a store of its own."""
    clock = QuickClock()
    store = await Store.open(folder / "maru.db", clock)
    engine = engine_for(fake, store, folder, clock, **more)
    try:
        talk = Talk(store, engine)
        talk.clock = clock
        yield talk
    finally:
        await engine.close()
        await store.close()
