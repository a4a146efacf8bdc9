"""A place on a chat platform where one answer is posted; it keeps what people see, and fails as told."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from bot.clock import Clock
from bot.errors import PlatformGone, PlatformUnreachable
from bot.events import File
from bot.ports import Part

Fault = Literal["refused", "lost answer"]
"""Refused: nothing was done. Lost answer: it was done, and the caller is told that it failed."""


@dataclass
class Seen:
    """A message as people see it."""

    ref: str
    key: str
    text: str
    files: tuple[File, ...]


class Notes:
    """The `Parts` port in memory; it outlives who writes it."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int], Part] = {}

    def outlive(self) -> "Notes":
        """What the next process finds after a kill at this moment."""
        after = Notes()
        after.kept = dict(self.kept)
        return after

    async def parts(self, turn: int) -> Sequence[Part]:
        return [part for (of, _), part in sorted(self.kept.items()) if of == turn]

    async def put(self, turn: int, part: Part) -> None:
        self.kept[turn, part.number] = part

    async def drop(self, turn: int, number: int) -> None:
        self.kept.pop((turn, number), None)


class FakeSurface:
    """The `Surface` port."""

    def __init__(self, clock: Clock, limit: int = 100, *, once_per_key: bool = True) -> None:
        self.clock, self.limit, self.once_per_key = clock, limit, once_per_key
        self.seen: list[Seen] = []
        self.calls: list[tuple[str, float]] = []  # those that change something, and when
        self.faults: dict[str, list[Fault]] = defaultdict(list)  # by call, for the next ones
        self.retry_after = 1.0
        self.typed = 0
        self.gone = False  # the whole place is
        self.blind = False  # what is posted cannot be found yet
        self.dead = False  # whoever calls was killed: nothing of it arrives any more
        self.held: asyncio.Event | None = None  # calls are carried out, and answered once it is set
        self.reached = asyncio.Event()  # a held call was carried out
        self._refs = count(1)
        self._posted: dict[str, str] = {}  # by key, also what is deleted since
        self._busy = False

    @property
    def texts(self) -> list[str]:
        """What people read, in order."""
        return [message.text for message in self.seen if not message.files]

    @property
    def files(self) -> list[str]:
        """The names of the files people see, in order."""
        return [file.name for message in self.seen for file in message.files]

    def outlive(self) -> "FakeSurface":
        """The same place for the next process, after a kill: nothing of this one's arrives any more."""
        self.dead = True
        after = FakeSurface(self.clock, self.limit, once_per_key=self.once_per_key)
        after.seen = [replace(message) for message in self.seen]
        after._refs, after._posted = self._refs, dict(self._posted)
        return after

    def moderate(self, index: int = -1) -> None:
        """Somebody deletes one of the messages."""
        del self.seen[index]

    async def post(self, number: int, key: str, text: str, files: Sequence[File]) -> str:
        assert text.strip() or files, "nothing empty is posted"
        assert len(text) <= self.limit
        assert key.endswith(f"-{number}")
        assert len(key) <= 25
        fault = self._begin("post")
        known = self._posted.get(key) if self.once_per_key else None
        if not known:
            self._posted[key] = known = f"m{next(self._refs)}"
            self.seen.append(Seen(known, key, text, tuple(files)))
        await self._end(fault)
        return known

    async def edit(self, ref: str, text: str) -> None:
        assert text.strip(), "nothing is edited to be empty"
        assert len(text) <= self.limit
        fault = self._begin("edit")
        message = self._message(ref)
        assert not message.files, "files cannot be edited into text"
        message.text = text
        await self._end(fault)

    async def delete(self, ref: str) -> None:
        fault = self._begin("delete")
        self.seen.remove(self._message(ref))
        await self._end(fault)

    async def find(self, number: int, key: str) -> str | None:
        assert key.endswith(f"-{number}")
        if self.gone:
            raise PlatformGone("the channel is gone")
        if self.dead or (self.faults["find"] and self.faults["find"].pop(0)):
            raise PlatformUnreachable("no answer", self.retry_after)
        return next((message.ref for message in self.seen if message.key == key and not self.blind), None)

    async def typing(self) -> None:
        self.typed += 1
        if self.faults["typing"]:
            self.faults["typing"].pop(0)
            raise PlatformUnreachable("missing_scope")

    def _message(self, ref: str) -> Seen:
        found = next((message for message in self.seen if message.ref == ref), None)
        if found is None:
            self._busy = False
            raise PlatformGone(f"{ref} is gone")
        return found

    def _begin(self, call: str) -> Fault | None:
        if self.dead:
            raise PlatformUnreachable("killed")
        assert not self._busy, "one call in flight at a time"
        if self.gone:
            raise PlatformGone("the channel is gone")
        self.calls.append((call, self.clock.now()))
        fault = self.faults[call].pop(0) if self.faults[call] else None
        if fault == "refused":
            raise PlatformUnreachable("429", self.retry_after)
        self._busy = True
        return fault

    async def _end(self, fault: Fault | None) -> None:
        await asyncio.sleep(0)
        if self.held:
            self.reached.set()
            await self.held.wait()
        self._busy = False
        if fault == "lost answer":
            raise PlatformUnreachable("no answer", self.retry_after)
