"""The gateway: sessions that can be resumed, lost, repeated and broken."""

import asyncio
import json
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.fakes.discord.shown import show_guild, show_user
from tests.fakes.discord.starts import Starts
from tests.fakes.discord.wire import Json
from tests.fakes.discord.world import Channel, World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
PRIVILEGED_OTHERS = 1 << 1 | 1 << 8  # members and presences, which nobody enabled
UNKNOWN, NOT_AUTHENTICATED, BAD_TOKEN, BAD_INTENTS, DISALLOWED = 4000, 4003, 4004, 4013, 4014
BAD_SHARD, TOO_FEW_SHARDS = 4010, 4011


@dataclass
class Session:
    """One shard's, with all that it was told."""

    id: str
    intents: int
    shard: tuple[int, int] = (0, 1)
    told: list[str] = field(default_factory=list)  # as text, in order: the number is its place
    socket: web.WebSocketResponse | None = None
    sending: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)

    def tell(self, event: str, payload: Json) -> None:
        told = {"op": DISPATCH, "t": event, "s": len(self.told) + 1, "d": payload}
        text = json.dumps(told, ensure_ascii=False)
        self.told.append(text)
        if self.socket is not None:
            self.sending.put_nowait(text)


class Gateway:
    """Tells each session what its intents and its shard let it hear."""

    def __init__(self, world: World, token: str, starts: Starts) -> None:
        self.world = world
        self.starts = starts
        self.token = token
        self.sessions: dict[str, Session] = {}
        self.identified = 0
        self.resumed = 0
        self.heartbeats = 0
        self.refuse_handshakes = 0  # so many are answered 502
        self.refuse_sessions = 0  # so many identifies are answered "invalid session"
        self.heartbeat_interval = 41_250
        world.announce = self.announce

    @property
    def connected(self) -> list[Session]:
        return [session for session in self.sessions.values() if session.socket is not None]

    # -- what is told --------------------------------------------------------------------------

    def announce(self, event: str, payload: Json, channel: Channel | None) -> None:
        for session in list(self.sessions.values()):
            if self._hears(session, event, channel):
                session.tell(event, self._censored(session, event, payload, channel))

    def _hears(self, session: Session, event: str, channel: Channel | None) -> bool:
        number, shards = session.shard
        guild = self.world.guilds.get(channel.guild) if channel else None
        if event != "INTERACTION_CREATE":
            if guild is not None and (not guild.bot or guild.unavailable):
                return False
            if channel is not None and "view" in self.world.denied(channel):
                return False
            needs = GUILD_MESSAGES if guild else DIRECT_MESSAGES
            if not session.intents & (needs if event.startswith("MESSAGE_") else GUILDS):
                return False
        return (int(guild.id) >> 22) % shards == number if guild else number == 0

    def _censored(self, session: Session, event: str, payload: Json, channel: Channel | None) -> Json:
        if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or session.intents & CONTENT:
            return payload
        mentioned = any(user["id"] == self.world.maru.id for user in payload["mentions"])
        if payload["author"]["id"] == self.world.maru.id or mentioned or not payload.get("guild_id"):
            return payload
        quoted = payload.get("referenced_message")
        empty: Json = {"content": "", "attachments": [], "embeds": [], "components": []}
        return payload | empty | ({"referenced_message": quoted | empty} if quoted else {})

    # -- a connection --------------------------------------------------------------------------

    async def connect(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_handshakes:
            self.refuse_handshakes -= 1
            return web.Response(status=502, text="Bad Gateway")
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        await socket.send_str(_frame(HELLO, {"heartbeat_interval": self.heartbeat_interval}))
        session: Session | None = None
        writer: asyncio.Task[None] | None = None
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    break
                said: Json = json.loads(frame.data)
                if said["op"] == HEARTBEAT:
                    self.heartbeats += 1
                    await socket.send_str(_frame(ACK, None))
                elif said["op"] in (IDENTIFY, RESUME):
                    session = await self._begin(socket, said)
                    if session is not None:
                        writer = asyncio.create_task(_write(socket, session.sending))
                        self.world.touch()
                elif session is None:
                    await socket.close(code=NOT_AUTHENTICATED)
        finally:
            if session is not None and session.socket is socket:
                session.socket = None
                session.sending.put_nowait(None)
                if socket.close_code in (1000, 1001):
                    self.sessions.pop(session.id, None)  # a goodbye: nothing to resume
            if writer is not None:
                writer.cancel()
            self.world.touch()
        return socket

    async def _begin(self, socket: web.WebSocketResponse, said: Json) -> Session | None:
        wanted: Json = said["d"]
        if wanted["token"] != self.token:
            await socket.close(code=BAD_TOKEN)
            return None
        return await (
            self._identify(socket, wanted) if said["op"] == IDENTIFY else self._resume(socket, wanted)
        )

    async def _identify(self, socket: web.WebSocketResponse, wanted: Json) -> Session | None:
        intents = wanted["intents"]
        if intents & PRIVILEGED_OTHERS or (intents & CONTENT and not self.world.content_allowed):
            await socket.close(code=DISALLOWED)
            return None
        number, shards = wanted.get("shard") or (0, 1)
        if not 0 <= number < shards:
            await socket.close(code=BAD_SHARD)
            return None
        if shards < self.starts.demanded:
            await socket.close(code=TOO_FEW_SHARDS)
            return None
        self.refuse_sessions -= (refused := self.refuse_sessions > 0)
        if not self.starts.begin(number) or refused:
            await socket.send_str(_frame(INVALID, d=False))
            return None
        self.identified += 1
        session = Session(f"session{self.world.ids()}", intents)
        session.shard, session.socket = (number, shards), socket
        self.sessions[session.id] = session
        guilds = [
            guild
            for guild in self.world.guilds.values()
            if guild.bot and (int(guild.id) >> 22) % shards == number
        ]
        session.tell(
            "READY",
            {
                "v": 10,
                "user": show_user(self.world.maru),
                "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.world.url.replace("http:", "ws:") + "/gw/",
                "application": {"id": self.world.application, "flags": self.world.application_flags},
                "shard": [number, shards],
                "private_channels": [],
                "relationships": [],
            },
        )
        for guild in guilds:
            if not guild.unavailable:
                session.tell("GUILD_CREATE", show_guild(self.world, guild))
        return session

    async def _resume(self, socket: web.WebSocketResponse, wanted: Json) -> Session | None:
        session = self.sessions.get(wanted["session_id"])
        if session is None:
            await socket.send_str(_frame(INVALID, d=False))
            return None
        self.resumed += 1
        session.sending = asyncio.Queue()
        for text in session.told[wanted["seq"] :]:
            session.sending.put_nowait(text)
        session.socket = socket
        session.tell("RESUMED", {})
        return session

    # -- what goes wrong -----------------------------------------------------------------------

    async def drop(self, code: int = UNKNOWN, shard: int | None = None) -> None:
        """Close the connections, or that of one shard; sessions can be resumed."""
        for session in self.connected:
            if shard not in (None, session.shard[0]):
                continue
            socket, session.socket = session.socket, None
            session.sending.put_nowait(None)
            if socket is not None:
                await socket.close(code=code)

    async def forget(self) -> None:
        """Sessions are invalid: what is told from now until the next identify is lost."""
        sockets = [session.socket for session in self.connected]
        self.sessions.clear()
        for socket in sockets:
            if socket is not None:
                await socket.close(code=UNKNOWN)

    async def ask_to_reconnect(self) -> None:
        for session in self.connected:
            session.sending.put_nowait(_frame(RECONNECT, None))

    def repeat(self, number: int = 1) -> None:
        """Tell the last so many events once more."""
        for session in self.connected:
            for text in session.told[-number:]:
                again = json.loads(text)
                session.tell(again["t"], again["d"])

    def malform(self) -> None:
        """An event that no client can read."""
        for session in self.connected:
            session.tell("MESSAGE_CREATE", {"id": "1"})


def _frame(op: int, d: object) -> str:
    return json.dumps({"op": op, "d": d, "s": None, "t": None})


async def _write(socket: web.WebSocketResponse, sending: asyncio.Queue[str | None]) -> None:
    while (text := await sending.get()) is not None:
        if socket.closed:
            return
        await socket.send_str(text)
