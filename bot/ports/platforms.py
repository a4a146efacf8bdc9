"""The ports of a platform: its adapter, and the reply as it stands there."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from bot.messages import Attachment, Author, Incoming, Person, Quoted, Receipt
from bot.turns import Draft, Turn

Receive = Callable[[Incoming], Awaitable[Receipt]]
"""Stores what came in. Once it returns, the platform may be told "received"."""


class Reply(Protocol):
    """The answer of one turn as it stands on the platform. Shows typing and status while entered."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing that Maru is at work. What is posted stays as it is."""
        ...

    def show(self, draft: Draft) -> None:
        """Bring the platform closer to `draft` soon; never waits, may skip, never raises."""
        ...

    async def finish(self, draft: Draft) -> None:
        """Make the platform equal to `draft`, also when part of it was posted before a crash.

        Raises PlatformUnreachable when another try may help and PlatformGone when none will.
        """
        ...


class Adapter(Protocol):
    """One platform."""

    @property
    def platform(self) -> str:
        """The name before the colon of its conversations."""
        ...

    @property
    def previews(self) -> bool:
        """Whether its replies show pictures that are not finished; drawing them costs a little."""
        ...

    async def run(self, receive: Receive) -> None:
        """Connect, and hand over what people do until cancelled. Reconnects by itself."""
        ...

    @property
    def ready(self) -> bool:
        """Whether it is connected now."""
        ...

    def reply(self, turn: Turn) -> Reply: ...

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of an attachment. Raises FileRefused or PlatformUnreachable."""
        ...

    async def history(self, conversation: str, before: str, limit: int) -> Sequence[Quoted]:
        """What others wrote there before `before` (a position), oldest first."""
        ...

    async def whisper(self, conversation: str, origin: str, text: str) -> None:
        """Tell the person behind `origin` something, privately where the platform can."""
        ...

    async def person(self, author: Author) -> Person: ...
