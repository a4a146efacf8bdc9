"""The service itself: its addresses, its people, its network."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Self

from bot.clock import Clock, SystemClock
from tests.fakes.discord.cdn import Cdn
from tests.fakes.discord.channels import Channels
from tests.fakes.discord.commands import Commands
from tests.fakes.discord.gateway import BAD_TOKEN, Gateway
from tests.fakes.discord.gestures import Gestures
from tests.fakes.discord.interactions import Interactions
from tests.fakes.discord.limits import RateLimits
from tests.fakes.discord.people import Person
from tests.fakes.discord.posting import Posting
from tests.fakes.discord.rendered import Seen, render
from tests.fakes.discord.routes import Routes
from tests.fakes.discord.shown import show_channel, show_guild
from tests.fakes.discord.starts import Starts
from tests.fakes.discord.wire import DiscordError
from tests.fakes.discord.world import Channel, ChannelKind, Guild, Message, Role, User, World

TOKEN = "MTA.made-up.token"


class FakeDiscord:
    """Use as an async context manager; `api` and `gateway` are the addresses to give to a client.

    There is one guild, with Maru and the text channel #general.
    `limits=True` turns the rate limits on; `content=False` leaves the portal's Message Content switch off.
    """

    def __init__(self, *, clock: Clock | None = None, limits: bool = False, content: bool = True) -> None:
        self.token = TOKEN
        self.world = World(clock or SystemClock())
        self.world.content_allowed = content
        self.limits = RateLimits(self.world.clock, on=limits)
        self.posting = Posting(self.world)
        self.channels = Channels(self.world, self.posting)
        self.interactions = Interactions(self.world, self.posting)
        self.cdn = Cdn(self.world)
        self.starts = Starts(self.world.clock, on=limits)
        self.gateway_server = Gateway(self.world, TOKEN, self.starts)
        self.commands = Commands(self.world, self.starts)
        self.gestures = Gestures(self)
        self.routes = Routes(self)
        self.guild = self.add_guild("Acme")
        self.general = self.add_channel("general")

    # -- what there is -------------------------------------------------------------------------

    def add_guild(self, name: str, *, bot: bool = True, shard: tuple[int, int] = (0, 1)) -> Guild:
        """A server; with `bot=False` Maru is there only as an app that a user installed.

        `shard` is the one that hears of it, among so many.
        """
        number = int(self.world.ids())
        while (number >> 22) % shard[1] != shard[0]:
            number += 1 << 22
        guild = Guild(str(number), name, bot)
        self.world.guilds[guild.id] = guild
        if bot:
            self.world.announce("GUILD_CREATE", show_guild(self.world, guild), Channel("", "text", guild.id))
        return guild

    def add_channel(
        self, name: str, *, kind: ChannelKind = "text", guild: Guild | None = None, tags: tuple[str, ...] = ()
    ) -> Channel:
        channel = Channel(self.world.ids(), kind, "" if kind == "group" else (guild or self.guild).id, name)
        channel.tags = list(tags)
        self.world.channels[channel.id] = channel
        if channel.guild:
            self.world.announce("CHANNEL_CREATE", show_channel(self.world, channel), channel)
        return channel

    def remove(self, id_: str) -> None:
        """Somebody deletes a channel or thread, with all that is in it."""
        channel = self.world.channels.pop(id_)
        event = "THREAD_DELETE" if channel.thread else "CHANNEL_DELETE"
        self.world.announce(event, show_channel(self.world, channel), None)

    def person(self, name: str, *, locale: str = "en-US", bot: bool = False) -> Person:
        """Somebody new, a member of the guild."""
        user = User(self.world.ids(), name, locale, bot)
        self.world.users[user.id] = user
        self.guild.members.add(user.id)
        return Person(self, user)

    def role(self, name: str, *people: Person) -> Role:
        """A role of the guild; made before Maru connects."""
        role = Role(self.world.ids(), name, {person.id for person in people})
        self.guild.roles[role.id] = role
        return role

    # -- what people see -----------------------------------------------------------------------

    def reads(self, channel: Channel | str, person: Person | None = None) -> list[Seen]:
        """A channel's messages, oldest first; with a person, also what only they see."""
        reader = person.id if person else ""
        return [
            render(self.world, message)
            for message in self._messages(channel)
            if message.only_for in ("", reader)
        ]

    def answers(self, channel: Channel | str, person: Person | None = None) -> list[Message]:
        """Maru's messages there, to press buttons under."""
        reader = person.id if person else ""
        return [
            message
            for message in self._messages(channel)
            if message.author == self.world.maru.id and message.only_for in ("", reader)
        ]

    def thread(self, message: Message) -> Channel | None:
        """The thread that begins at a message."""
        found = self.world.channels.get(message.id)
        return found if found and found.thread else None

    def _messages(self, channel: Channel | str) -> list[Message]:
        found = self.world.channels.get(channel) if isinstance(channel, str) else channel
        return list(found.messages.values()) if found else []

    async def until(self, condition: Callable[[], object]) -> None:
        """Return once the condition holds."""
        await self.world.until(condition)

    # -- what goes wrong -----------------------------------------------------------------------

    def fail(self, what: str, status: int, *, code: int = 0, times: int = 1, via: bool = False) -> None:
        """The next requests of a kind, such as "POST messages", are refused.

        A 429 comes with `Via` from Discord itself, without it from Cloudflare.
        """
        headers = {"Via": "1.1 google", "Retry-After": "0.05"} if via else {}
        more: dict[str, object] = {"retry_after": 0.05, "global": False} if via else {}
        error = DiscordError(status, code, f"{status}: injected", headers=headers, **more)
        self.routes.fails_next.setdefault(what, []).extend([error] * times)

    async def drop(self, code: int = 4000) -> None:
        """The gateway closes its connections; with 4000 clients may resume."""
        await self.gateway_server.drop(code)

    async def drop_shard(self, shard: int) -> None:
        """The gateway closes the connection of one shard, which may resume."""
        await self.gateway_server.drop(4000, shard)

    async def forget(self) -> None:
        """The gateway loses its sessions: what happens until a client identifies again is never told."""
        await self.gateway_server.forget()

    def repeat(self, number: int = 1) -> None:
        """The gateway tells the last so many events once more."""
        self.gateway_server.repeat(number)

    def malform(self) -> None:
        """The gateway tells something that ends discord.py's client."""
        self.gateway_server.malform()

    async def revoke(self, *, gateway: bool = True) -> None:
        """Somebody resets the token; `gateway=False`: before the gateway knows of it."""
        self.token = TOKEN + "-2"
        if gateway:
            self.gateway_server.token = self.token
            await self.gateway_server.drop(BAD_TOKEN)

    def permit(self, channel: Channel, *denied: str) -> None:
        """Somebody changes what Maru may do in a channel: all but this."""
        channel.denied = set(denied)
        self.world.announce("CHANNEL_UPDATE", show_channel(self.world, channel), channel)

    async def ask_to_reconnect(self) -> None:
        """The gateway is about to restart (op 7)."""
        await self.gateway_server.ask_to_reconnect()

    @asynccontextmanager
    async def outage(self, *, sessions_survive: bool = False) -> AsyncIterator[None]:
        """The network is down: connections break, nothing arrives in either direction."""
        self.routes.dark = True
        if not sessions_survive:
            self.gateway_server.sessions.clear()
        self.routes.cut()
        await asyncio.sleep(0)
        try:
            yield
        finally:
            self.routes.dark = False

    # -- its life ------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where it is."""
        return self.world.url

    @property
    def api(self) -> str:
        """REST's address, for DISCORD_API_URL."""
        return f"{self.url}/api/v10"

    @property
    def gateway(self) -> str:
        """The gateway's address, for DISCORD_GATEWAY_URL."""
        return self.url.replace("http:", "ws:") + "/gw/"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        self.world.url = await self.routes.start(host, port)
        return self.url

    async def stop(self) -> None:
        self.routes.cut()
        await self.routes.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        await self.stop()
        if kind is None and self.world.errors:
            raise ExceptionGroup("The fake Discord made mistakes", self.world.errors)
