"""What a platform that posts and edits messages gives and allows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.events import File


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform allows."""

    message_chars: int
    edit_interval: float  # seconds between two changes while the answer grows
    file_bytes: int
    message_files: int = 10
    message_file_bytes: int = 25_000_000
    typing_interval: float = 5.0  # seconds after which the platform stops showing that Maru types
    measure: Callable[[str], int] = len  # how the platform counts characters


class Surface(Protocol):
    """Where the answer of one turn is posted.

    Every call may raise PlatformUnreachable: another try may help, and nobody knows whether it was carried
    out. PlatformGone says that none will help: from `edit` and `delete` because that message is gone, from
    `post` and `find` because the place is.
    """

    async def post(self, number: int, key: str, text: str, files: Sequence[File]) -> str:
        """Post a message and return its ref. Where the platform can help it, one `key` posts once."""
        ...

    async def edit(self, ref: str, text: str) -> None: ...

    async def delete(self, ref: str) -> None: ...

    async def find(self, number: int, key: str) -> str | None:
        """The ref of what was posted under this key; None when nothing was."""
        ...

    async def typing(self) -> None:
        """Show for a while that Maru is at work."""
        ...
