"""Socket Mode: tickets, connections, envelopes and their acknowledgements."""

import asyncio
import json
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.fakes.slack.app import App
from tests.fakes.slack.calls import Call
from tests.fakes.slack.delivery import Parcel, Undelivered, within
from tests.fakes.slack.wire import Json, SlackError, dump
from tests.fakes.slack.world import World

TICKET_LIFE = 30.0
MOST = 10  # connections of an app
CLOSES_AFTER = 10.0  # seconds from a `disconnect` to the end


@dataclass(eq=False)
class Connection:
    socket: web.WebSocketResponse
    leaving: bool = False
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)


class Socket:
    """Each envelope goes to one connection at random; an acknowledgement counts there alone."""

    def __init__(self, world: World, app: App) -> None:
        self.world = world
        self.app = app
        self.address = ""
        self.connections: list[Connection] = []
        self.refuse_handshakes = 0  # the next so many fail
        self.refused = 0  # handshakes that failed, by a stale ticket or on demand
        self.opened = 0  # connections that ever were
        self.acks_lost = 0  # the next so many acknowledgements never arrive
        self._tickets: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def ticket(self, call: Call) -> Json:
        """apps.connections.open: an address that is good once, for a short time."""
        if not self.app.socket_mode:
            raise SlackError("access_denied")
        made = f"{self.world.random.getrandbits(64):016x}"
        self._tickets[made] = self.world.clock.now()
        return {"url": f"{self.address}/link/?ticket={made}&app_id={self.app.id}"}

    async def connect(self, request: web.Request) -> web.StreamResponse:
        since = self._tickets.pop(request.query.get("ticket", ""), 0.0)
        if self.refuse_handshakes or since + TICKET_LIFE <= self.world.clock.now():
            self.refuse_handshakes = max(0, self.refuse_handshakes - 1)
            self.refused += 1
            self.world.touch()
            raise web.HTTPForbidden(text="ticket")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self.connections) >= MOST:
            await self._say(socket, {"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        connection = Connection(socket)
        await self._say(
            socket,
            {
                "type": "hello",
                "num_connections": len(self.connections) + 1,
                "debug_info": {"host": "applink", "build_number": 1, "approximate_connection_time": 18_060},
                "connection_info": {"app_id": self.app.id},
            },
        )
        self.connections.append(connection)
        self.opened += 1
        self.world.touch()
        try:
            await self._listen(connection)
        finally:
            self.connections.remove(connection)
            for waiting in connection.waiting.values():
                if not waiting.done():
                    waiting.set_exception(Undelivered("timeout"))
            self.world.touch()
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            if message.type is not WSMsgType.TEXT:
                break
            said = json.loads(message.data)
            waiting = connection.waiting.pop(said.get("envelope_id", ""), None)
            if waiting is None or waiting.done():
                continue
            if self.acks_lost:
                self.acks_lost -= 1
                connection.waiting[said["envelope_id"]] = waiting
                continue
            waiting.set_result(said.get("payload") or {})

    async def send(self, parcel: Parcel, attempt: int, reason: str) -> Json:
        open_ones = [one for one in self.connections if not one.leaving and not one.socket.closed]
        if not open_ones:
            raise Undelivered("no_connection")
        connection = self.world.random.choice(open_ones)
        envelope: Json = {
            "envelope_id": f"{self.world.random.getrandbits(128):032x}",
            "type": parcel.kind,
            "accepts_response_payload": parcel.kind != "events_api",
            "payload": parcel.payload,
        }
        if parcel.kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        waiting: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope["envelope_id"]] = waiting
        try:
            await self._say(connection.socket, envelope)
            return await within(self.world, waiting, "timeout")
        except ConnectionError as error:
            raise Undelivered("timeout") from error
        finally:
            connection.waiting.pop(envelope["envelope_id"], None)

    async def _say(self, socket: web.WebSocketResponse, message: Json) -> None:
        await socket.send_str(dump(message))

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to go; those that stay are closed after a while."""
        for connection in list(self.connections):
            connection.leaving = reason != "warning"
            await self._say(
                connection.socket, {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink"}}
            )
            if connection.leaving:
                task = asyncio.create_task(self._close_later(connection))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def disable(self) -> None:
        """Socket Mode is switched off in the app's settings."""
        self.app.socket_mode = False
        await self.disconnect("link_disabled")

    async def _close_later(self, connection: Connection) -> None:
        await self.world.clock.sleep(CLOSES_AFTER)
        await connection.socket.close()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(one.socket.close() for one in list(self.connections)))
