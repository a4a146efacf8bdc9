"""The port of the store for where Maru was let in, on platforms where people install it themselves."""

from collections.abc import Mapping
from typing import Protocol


class Installations(Protocol):
    """Keeps what an installation gave Maru: tokens, so its contents are secrets.

    `app` is the platform's name for Maru there, such as a client id; nothing is shared between apps.
    A `place` is the id of a workspace, or of an organisation: its installation counts for all its workspaces.
    """

    async def save(self, app: str, place: str, content: str) -> None:
        """Keep an installation; the place's earlier one is replaced."""
        ...

    async def find(self, app: str, place: str) -> str | None:
        """The content that was saved."""
        ...

    async def places(self, app: str) -> Mapping[str, str]:
        """Place -> content of all of them."""
        ...

    async def delete(self, app: str, place: str) -> None:
        """Forget an installation, and which workspaces it counted for."""
        ...

    async def join(self, app: str, workspace: str, organisation: str) -> None:
        """Remember that a workspace belongs to an organisation that has an installation."""
        ...

    async def leave(self, app: str, workspace: str) -> None:
        """Forget that a workspace belongs to an organisation."""
        ...

    async def members(self, app: str) -> Mapping[str, str]:
        """Workspace -> organisation, as they were joined."""
        ...

    async def issue(self, state: str, until: float) -> None:
        """Remember the state that an installation was begun with, until that time."""
        ...

    async def consume(self, state: str, now: float) -> bool:
        """Whether the state was issued and is not over; true once at most."""
        ...
