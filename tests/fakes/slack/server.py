"""The service itself: its addresses, its people, its network."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Self

from bot.clock import Clock, SystemClock
from tests.fakes.slack.app import APP_TOKEN, BOT_TOKEN, CONFIG_TOKEN, App
from tests.fakes.slack.chat import Chat
from tests.fakes.slack.delivery import Delivery
from tests.fakes.slack.events import Events, texts_of
from tests.fakes.slack.gestures import Gestures
from tests.fakes.slack.limits import RateLimits
from tests.fakes.slack.oauth import OAuth
from tests.fakes.slack.people import Person
from tests.fakes.slack.pings import links
from tests.fakes.slack.posts import Posts
from tests.fakes.slack.reading import Reading
from tests.fakes.slack.rendered import Seen, render
from tests.fakes.slack.routes import Routes
from tests.fakes.slack.sessions import Sessions
from tests.fakes.slack.sharing import Sharing
from tests.fakes.slack.sockets import Socket
from tests.fakes.slack.streams import Streams
from tests.fakes.slack.world import Channel, ChannelKind, Group, Message, Team, Token, User, UserKind, World


class FakeSlack:
    """Use as an async context manager; `api` is the address to give to a client.

    There is one workspace, with Maru in its only channel, #general.
    `limits=True` turns Slack's rate limits on.
    """

    def __init__(self, *, clock: Clock | None = None, limits: bool = False, app: App | None = None) -> None:
        self.app = app or App()
        self.world = World(clock or SystemClock())
        self.limits = RateLimits(self.world.clock, on=limits)
        self.events = Events(self.world)
        self.chat = Chat(self.world, self.events)
        self.reading = Reading(self.world, self.events)
        self.sessions = Sessions(self.world, self.app)
        self.streams = Streams(self.world, self.chat, self.sessions)
        self.sharing = Sharing(self.world, self.chat)
        self.oauth = OAuth(self.world, self.app)
        self.delivery = Delivery(self.world, self.app)
        self.socket = Socket(self.world, self.app)
        self.gestures = Gestures(self)
        self.routes = Routes(self)
        self.delivery.transport = self.socket
        self.team = self.add_team("Acme")
        self.general = self.add_channel("general", bot=True)
        self.bot_token = self.add_token(self.team, BOT_TOKEN).value
        self.app_token = APP_TOKEN
        self.world.tokens[APP_TOKEN] = Token(APP_TOKEN, "app", scopes=frozenset({"connections:write"}))
        self.world.tokens[CONFIG_TOKEN] = Token(CONFIG_TOKEN, "config")
        self.world.users["USLACKBOT"] = User("USLACKBOT", self.team.id, "Slackbot")
        self.posts: list[Posts] = []  # addresses that it delivers to by HTTP; the last one counts

    # -- what there is -------------------------------------------------------------------------

    def add_team(self, name: str, *, enterprise: str = "", org_install: bool = False) -> Team:
        """A workspace, with Maru's user."""
        ids = self.world.ids
        team = Team(ids("T"), name, enterprise, org_install, bot_user=ids("U"), bot_id=ids("B"))
        for other in self.world.teams.values():
            if org_install and other.org_install and other.enterprise == enterprise:
                # An organisation's installation has one user in all its workspaces.
                team.bot_user, team.bot_id = other.bot_user, other.bot_id
        self.world.teams[team.id] = team
        maru = User(team.bot_user, team.id, "Maru", kind="bot", bot_id=team.bot_id)
        self.world.users.setdefault(maru.id, maru)
        return team

    def add_token(self, team: Team, value: str, scopes: frozenset[str] | None = None) -> Token:
        token = Token(value, "bot", team.id, self.app.scopes if scopes is None else scopes)
        token.enterprise = team.enterprise if team.org_install else ""
        self.world.tokens[value] = token
        return token

    def add_channel(
        self,
        name: str,
        *people: Person,
        kind: ChannelKind = "public",
        bot: bool = True,
        team: Team | None = None,
    ) -> Channel:
        """A channel with these people, and Maru unless `bot=False`."""
        team = team or self.team
        members = {person.id for person in people} | ({team.bot_user} if bot else set())
        return self.world.open(team.id, members, kind, name)

    def person(
        self, name: str, *, locale: str = "en-US", kind: UserKind = "member", team: Team | None = None
    ) -> Person:
        """Somebody new; in #general when it is their workspace's."""
        home = team or self.team
        user = User(self.world.ids("U"), home.id, name, locale, kind)
        if kind == "bot":
            user.bot_id = self.world.ids("B")
        self.world.users[user.id] = user
        if home is self.team:
            self.general.members.add(user.id)
        return Person(self, user)

    def group(self, name: str, *people: Person) -> Group:
        """A user group of the workspace."""
        group = Group(self.world.ids("S"), self.team.id, name, {person.id for person in people})
        self.world.groups[group.id] = group
        return group

    def share(self, channel: Channel, *people: Person) -> None:
        """Slack Connect: these people of other companies join."""
        for person in people:
            channel.members.add(person.id)
            channel.shared_with.add(person.user.team)

    # -- what people see -----------------------------------------------------------------------

    def reads(
        self, channel: Channel, thread: Message | str | None = None, person: Person | None = None
    ) -> list[Seen]:
        """A channel's messages, or a thread's; with a person, also what only they see."""
        ts = thread.thread_ts or thread.ts if isinstance(thread, Message) else thread
        found = list(channel.messages.values())
        if person is not None:
            own = [m for m in self.world.ephemeral if m.channel == channel.id and m.only_for == person.id]
            found = sorted(found + own, key=lambda message: message.ts)
        if ts:
            found = [message for message in found if ts in (message.ts, message.thread_ts)]
        return [render(self.world, message) for message in found]

    def answers(self, channel: Channel, thread: Message | str | None = None) -> list[Message]:
        """Maru's messages there, to press buttons under."""
        ts = thread.thread_ts or thread.ts if isinstance(thread, Message) else thread
        return [
            m
            for m in channel.messages.values()
            if self.world.by_maru(m) and (not ts or ts in (m.ts, m.thread_ts))
        ]

    def addresses(self, channel: Channel, thread: Message | str | None = None) -> list[str]:
        """The live links in Maru's messages there."""
        texts = [text for message in self.answers(channel, thread) for text in texts_of(message)]
        return [address for text in texts for address in links(text)]

    async def until(self, condition: Callable[[], object]) -> None:
        """Return once the condition holds."""
        await self.world.until(condition)

    async def delivered(self) -> None:
        """Return once every event is acknowledged or given up."""
        await self.until(lambda: not self.delivery.under_way)

    # -- what goes wrong -----------------------------------------------------------------------

    async def unfurls(self, message: Message) -> None:
        """Slack fetched an address in a person's message: the same text, changed and hidden."""
        self.events.unfurl(message)

    def sold(self) -> None:
        """Maru is distributed outside the Marketplace: history once a minute, 15 messages at a time."""
        self.reading.most = 15
        for method in ("conversations.history", "conversations.replies"):
            self.limits.per_minute[method] = 1

    async def uninstalls(self, team: Team | None = None) -> None:
        """An administrator removes Maru."""
        team = team or self.team
        tokens = [
            token for token in self.world.tokens.values() if token.kind == "bot" and token.team == team.id
        ]
        revoked = {"type": "tokens_revoked", "tokens": {"bot": [team.bot_user], "oauth": []}}
        self.world.announce(team, revoked, None, None)
        self.world.announce(team, {"type": "app_uninstalled"}, None, None)
        team.installed = False
        for token in tokens:
            token.revoked = True

    async def withdraws(self, team: Team) -> None:
        """An organisation takes Maru out of one of its workspaces."""
        self.world.announce(team, {"type": "team_access_revoked", "team_ids": [team.id]}, None, None)
        team.installed = False

    @asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """The network is down: connections break, nothing arrives in either direction."""
        self.delivery.dark = True
        self.routes.cut()
        try:
            yield
        finally:
            self.delivery.dark = False

    # -- its life ------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where it is."""
        return self.events.url

    @property
    def api(self) -> str:
        """The Web API's address, for `base_url`."""
        return f"{self.url}/api/"

    def deliver_to(self, address: str) -> Posts:
        """From now on by HTTP."""
        posts = Posts(self.world, self.app, address)
        self.delivery.transport = posts
        self.posts.append(posts)
        return posts

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        await self.routes.start(host, port)
        return self.url

    async def stop(self) -> None:
        await self.delivery.stop()
        await self.sharing.stop()
        await self.socket.stop()
        for posts in self.posts:
            await posts.stop()
        await self.routes.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        await self.stop()
        if kind is None and self.world.errors:
            raise ExceptionGroup("The fake Slack made mistakes", self.world.errors)
