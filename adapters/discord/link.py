"""The connection to Discord that everything else asks through, also while it is being rebuilt."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import discord

from adapters.discord.client import MaruClient
from adapters.discord.codes import NO_SUCH_HOOK
from adapters.discord.places import Interaction
from adapters.discord.refusals import Refusals
from bot.clock import Clock
from bot.errors import PlatformError, PlatformGone, PlatformUnreachable
from bot.files import Files
from bot.growth_limit import GrowthLimit
from bot.pace import Pace, Priority

T = TypeVar("T")

UNAUTHORIZED, TOO_MANY = 401, 429
REMEMBERED = 1_000  # interactions
REVOKED = 60.0  # seconds until another try, if there is anybody left to make it
CLOUDFLARE = 60.0  # seconds of patience after a 429 that does not come from Discord's own API


class DiscordRefused(PlatformError):
    """Discord will not do this, however often it is asked; `code` says why."""

    def __init__(self, method: str, code: int) -> None:
        super().__init__(f"{method}: {code}")
        self.code = code


class Link:
    """One bot's way to Discord. Calls go out at its pace, and errors come back in the core's words."""

    def __init__(self, pace: Pace, growing: GrowthLimit, files: Files, clock: Clock) -> None:
        self.client: MaruClient | None = None  # replaced whenever the connection is built anew
        self.growing = growing
        self.files, self.clock = files, clock
        self.refusals = Refusals(clock)
        self.pressed: dict[int, Interaction] = {}  # who asked for another answer, by the turn of the first
        self.revoked = asyncio.Event()  # Discord does not know the token any more
        self._pace = pace
        self._acknowledging: dict[str, asyncio.Future[bool]] = {}

    @property
    def user(self) -> str:
        """Maru's user; empty until Discord has said who that is."""
        return str(self.client.user.id) if self.client and self.client.user else ""

    @property
    def application(self) -> str:
        return str(self.client.application_id or "") if self.client else ""

    async def acknowledged(self, interaction: str) -> bool:
        """Wait until Discord was told that an interaction is taken; False when it would not hear it any more.

        Only then may its original message be filled.
        """
        known = self._acknowledging.get(interaction)
        return await asyncio.shield(known) if known else True

    def acknowledging(self, interaction: str) -> asyncio.Future[bool]:
        """Whoever tells Discord sets this to whether it worked."""
        if len(self._acknowledging) >= REMEMBERED:
            self._acknowledging.pop(next(iter(self._acknowledging)))
        future = asyncio.get_running_loop().create_future()
        return self._acknowledging.setdefault(interaction, future)

    def wanted_again(self, turn: int, press: Interaction) -> None:
        """Somebody pressed the button for another answer."""
        if len(self.pressed) >= REMEMBERED:
            self.pressed.pop(next(iter(self.pressed)))
        self.pressed[turn] = press

    async def call(
        self, method: str, channel: str, priority: Priority, make: Callable[[MaruClient], Awaitable[T]]
    ) -> T:
        """Do something through the client when its turn has come; `method` is its name in the limits.

        Raises PlatformUnreachable, PlatformGone or DiscordRefused.
        """
        self.refusals.check(method, channel)
        await self._pace.wait(method, {"channel": channel} if channel else {}, priority)
        client = self.client
        if client is None or client.user is None or client.is_closed():
            raise PlatformUnreachable(f"{method}: Discord is not connected")
        try:
            return await make(client)
        except discord.HTTPException as error:
            if error.status == UNAUTHORIZED and error.code != NO_SUCH_HOOK:
                self.revoked.set()
                raise PlatformUnreachable(f"{method}: the token is not valid any more", REVOKED) from error
            if isinstance(error, discord.Forbidden):
                self.refusals.forbidden(method, channel)
            if error.status == TOO_MANY and not error.code:
                # Not Discord's own, or it would have been waited out: Cloudflare looks at the whole address.
                self.refusals.fall_silent(CLOUDFLARE)
            raise _said(method, error) from error
        except (aiohttp.ClientError, TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            raise PlatformUnreachable(f"{method}: {str(error) or type(error).__name__}") from error
        except RuntimeError as error:
            if not client.is_closed():
                raise
            # A client that was replaced meanwhile says that its session is closed.
            raise PlatformUnreachable(f"{method}: {error}") from error


def _said(method: str, error: discord.HTTPException) -> PlatformError:
    if isinstance(error, discord.DiscordServerError):
        return PlatformUnreachable(f"{method}: status {error.status}")
    if error.status == TOO_MANY:
        return PlatformUnreachable(f"{method}: {error.status}", CLOUDFLARE)
    if isinstance(error, discord.NotFound | discord.Forbidden) or error.code == NO_SUCH_HOOK:
        return PlatformGone(f"{method}: status {error.status}, code {error.code}")
    return DiscordRefused(method, error.code)
