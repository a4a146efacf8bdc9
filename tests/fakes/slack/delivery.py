"""What Slack tells the app: events with their retries, and questions that are asked once."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from tests.fakes.slack.app import App
from tests.fakes.slack.wire import Json
from tests.fakes.slack.world import Channel, Team, User, World

PATIENCE = 3.0  # seconds to acknowledge
PAUSES = (0.0, 0.0, 60.0, 300.0)  # before each of the four deliveries of an event
SUBSCRIPTIONS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
Kind = Literal["events_api", "interactive", "slash_commands"]
Result = TypeVar("Result")


class Undelivered(Exception):
    """One delivery failed; `reason` is what Slack calls it."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


@dataclass
class Parcel:
    """One thing that the app is told."""

    kind: Kind
    payload: Json
    attempts: int = 0
    reasons: list[str] = field(default_factory=list)
    acknowledged: bool = False
    lost: bool = False
    took: float = 0.0  # real seconds until the acknowledgement

    @property
    def event(self) -> Json:
        event: Json = self.payload.get("event", {})
        return event


class Transport(Protocol):
    """Socket Mode or HTTP."""

    async def send(self, parcel: Parcel, attempt: int, reason: str) -> Json:
        """Deliver once; what came with the acknowledgement, or `Undelivered`."""
        ...


class Delivery:
    """Keeps every parcel, for tests to look at."""

    def __init__(self, world: World, app: App) -> None:
        self.world = world
        self.app = app
        self.transport: Transport | None = None
        self.parcels: list[Parcel] = []
        self.dark = False  # the network is down
        self.copies = 1  # how often one event is sent, each time as if it were new
        self.held: dict[str, asyncio.Event] = {}  # type of event -> delivered once it is set
        self._tasks: set[asyncio.Task[None]] = set()
        world.announce = self.announce

    def announce(self, team: Team, event: Json, channel: Channel | None, author: User | None) -> None:
        """Send an event, if the app subscribes to it, in the background."""
        name = event["type"]
        if name == "message":
            name = f"message.{SUBSCRIPTIONS[event['channel_type']]}"
        if name not in self.app.events or not team.installed:
            return
        for _ in range(self.copies):
            parcel = Parcel("events_api", self._callback(team, event, channel, author))
            self.parcels.append(parcel)
            task = asyncio.create_task(self._deliver(parcel))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self.world.errors.append(error)
        self.world.touch()

    def _callback(self, team: Team, event: Json, channel: Channel | None, author: User | None) -> Json:
        shared = bool(channel and channel.shared_with)
        authorization = {
            "enterprise_id": team.enterprise or None,
            "team_id": None if team.org_install else team.id,
            "user_id": team.bot_user,
            "is_bot": True,
            "is_enterprise_install": team.org_install,
        }
        home = author.team if author and shared else team.id
        return {
            "token": "verification",
            "team_id": home if shared else team.id,
            "context_team_id": team.id,
            "context_enterprise_id": team.enterprise or None,
            "enterprise_id": team.enterprise or None,
            "api_app_id": self.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": self.world.ids("Ev"),
            "event_time": int(self.world.clock.now()),
            "authorizations": [authorization],
            "is_ext_shared_channel": shared,
            "event_context": "4-made-up",
        }

    async def _deliver(self, parcel: Parcel) -> None:
        reason = ""
        if held := self.held.get(parcel.event["type"]):
            await held.wait()
        for attempt, pause in enumerate(PAUSES):
            if pause:
                await self.world.clock.sleep(pause)
            try:
                await self._once(parcel, attempt, reason)
            except Undelivered as error:
                reason = error.reason
                parcel.reasons.append(reason)
                self.world.touch()
                if error.final:
                    break
            else:
                return
        parcel.lost = True
        self.world.touch()

    async def ask(self, kind: Kind, payload: Json) -> Json | None:
        """Deliver once; None when it was not acknowledged, and the person saw an error."""
        parcel = Parcel(kind, payload)
        self.parcels.append(parcel)
        try:
            return await self._once(parcel, 0, "")
        except Undelivered as error:
            parcel.reasons.append(error.reason)
            parcel.lost = True
            return None
        finally:
            self.world.touch()

    async def _once(self, parcel: Parcel, attempt: int, reason: str) -> Json:
        parcel.attempts += 1
        self.world.touch()
        if self.dark or self.transport is None:
            raise Undelivered("connection_failed")
        started = time.perf_counter()
        answer = await self.transport.send(parcel, attempt, reason)
        parcel.took = time.perf_counter() - started
        parcel.acknowledged = True
        self.world.touch()
        return answer

    @property
    def under_way(self) -> int:
        """How many events are not acknowledged and not given up."""
        return len(self._tasks)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def within(world: World, result: Awaitable[Result], reason: str) -> Result:
    """The result, if it is there in three seconds by Slack's clock."""
    waited = asyncio.ensure_future(result)
    timer = asyncio.ensure_future(world.clock.sleep(PATIENCE))
    try:
        await asyncio.wait({waited, timer}, return_when=asyncio.FIRST_COMPLETED)
        if not waited.done():
            raise Undelivered(reason)
        return waited.result()
    finally:
        timer.cancel()
        waited.cancel()
