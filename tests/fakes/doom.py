"""The `Turns` port of a process that is killed at a chosen checkpoint."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.events import Item, Usage
from bot.ports import Turns
from bot.turns import Draft, End, Turn

T = TypeVar("T")


@dataclass
class Doom:
    """Comes with the `number`th checkpoint: just before it is stored, or just after."""

    number: int
    after: bool
    come: asyncio.Event = field(default_factory=asyncio.Event)
    count: int = 0

    async def meet(self, store: Callable[[], Awaitable[T]]) -> T:
        self.count += 1
        if self.count != self.number:
            return await store()
        if self.after:
            await store()
        self.come.set()
        await asyncio.Event().wait()  # nobody comes back from here
        raise AssertionError


class DoomedTurns:
    """Everything is another one's; only the way to the next checkpoint may be the last."""

    def __init__(self, turns: Turns, doom: Doom) -> None:
        self._turns = turns
        self._doom = doom

    async def recover(self) -> Sequence[Turn]:
        return await self._turns.recover()

    async def claim(
        self,
        limit: int,
        platforms: Collection[str],
        led: Collection[int] = (),
        held: Collection[str] = (),
    ) -> Sequence[Turn]:
        return await self._turns.claim(limit, platforms, led, held)

    async def checkpoint(self, turn: Turn) -> None:
        await self._doom.meet(lambda: self._turns.checkpoint(turn))

    async def step_done(self, turn: Turn, items: Sequence[Item], usage: Usage | None) -> None:
        await self._doom.meet(lambda: self._turns.step_done(turn, items, usage))

    async def pause(self, turn: Turn) -> None:
        await self._doom.meet(lambda: self._turns.pause(turn))

    async def answer(
        self, turn: Turn, draft: Draft, end: End, items: Sequence[Item] = (), usage: Usage | None = None
    ) -> None:
        await self._doom.meet(lambda: self._turns.answer(turn, draft, end, items, usage))

    async def done(self, turn: Turn) -> None:
        await self._doom.meet(lambda: self._turns.done(turn))

    async def release(self, turn: Turn) -> None:
        await self._turns.release(turn)

    async def due(self) -> float | None:
        return await self._turns.due()
