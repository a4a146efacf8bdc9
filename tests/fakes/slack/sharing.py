"""files.*: the upload in three steps, and downloads with all their traps."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from tests.fakes.slack.calls import Call
from tests.fakes.slack.chat import Chat, may_write
from tests.fakes.slack.shown import show_file
from tests.fakes.slack.wire import Json, SlackError, invalid
from tests.fakes.slack.world import Channel, Message, SharedFile, World

LOGIN = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in to Acme</body></html>"


class Sharing:
    """A file is seen in a channel only some time after the upload was completed."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        self.chat = chat
        self.elsewhere = ""  # the address of another host
        self.leaked: list[str] = []  # Authorization headers that arrived there
        self.delay = 0.01  # real seconds until a share appears
        self.refused_types: set[str] = set()  # endings that the workspace does not take
        self._expected: dict[str, tuple[SharedFile, int]] = {}
        self._sharing: set[asyncio.Task[None]] = set()

    def upload_url(self, call: Call) -> Json:
        name, length = call.text("filename"), int(call.arguments["length"])
        if length < 1:
            raise invalid("length must be positive")
        if name.rpartition(".")[2] in self.refused_types:
            raise SlackError("file_type_not_allowed")
        file = SharedFile(
            self.world.ids("F"),
            name,
            call.team.bot_user,
            b"",
            alt=str(call.arguments.get("alt_txt", "")),
            created=int(self.world.clock.now()),
        )
        self._expected[file.id] = (file, length)
        return {"upload_url": f"{self.chat.events.url}/upload/v1/{file.id}", "file_id": file.id}

    async def upload(self, request: web.Request) -> web.Response:
        """The bytes, raw or as a form with a file."""
        found = self._expected.get(request.match_info["id"])
        if found is None:
            return web.Response(status=404, text="not found")
        file, length = found
        if request.content_type.startswith("multipart/"):
            parts = [part for part in (await request.post()).values() if isinstance(part, web.FileField)]
            received = parts[0].file.read() if parts else b""
        else:
            received = await request.read()
        if len(received) != length:
            return web.Response(status=400, text=f"expected {length} bytes, got {len(received)}")
        file.data = received
        return web.Response(text=f"OK - {length}")

    def complete(self, call: Call) -> Json:
        given = call.arguments["files"]
        if not isinstance(given, list) or not given:
            raise invalid("files must be a list")
        if call.text("channels") and call.text("channel_id"):
            raise invalid("channels and channel_id exclude each other")
        files = []
        for one in given:
            file, length = self._expected.get(one.get("id", ""), (None, 0))
            if file is None or len(file.data) != length:
                raise SlackError("file_not_found")
            file.title = one.get("title", "")
            files.append(file)
        if call.text("channel_id"):
            channel = call.channel("channel_id")
            may_write(call, channel)
            thread = call.text("thread_ts")
            if thread and not channel.thread(thread):
                raise SlackError("invalid_thread_ts")
            task = asyncio.create_task(self._share(call, channel, thread, files))
            self._sharing.add(task)
            task.add_done_callback(self._sharing.discard)
        for file in files:
            del self._expected[file.id]
            self.world.files[file.id] = file
        return {"files": [{"id": file.id, "title": file.title or file.name} for file in files]}

    async def _share(self, call: Call, channel: Channel, thread: str, files: Sequence[SharedFile]) -> None:
        await asyncio.sleep(self.delay)
        message = Message(
            channel.id,
            self.world.next_ts(channel),
            call.team.bot_user,
            text=call.text("initial_comment"),
            thread_ts=thread,
            subtype="file_share",
            bot_id=call.team.bot_id,
            files=list(files),
            unfurls=True,
        )
        channel.messages[message.ts] = message
        self.chat.events.posted(message)
        for file in files:
            self.chat.events.noticed(message, file.title)

    async def stop(self) -> None:
        await asyncio.gather(*self._sharing)

    def delete(self, call: Call) -> Json:
        """The file goes, and a message that has nothing else goes with it."""
        file = self.world.files.get(call.text("file"))
        if file is None:
            raise SlackError("file_not_found")
        if file.user != call.team.bot_user:
            raise SlackError("cant_delete_file")
        del self.world.files[file.id]
        for channel in self.world.channels.values():
            for message in [one for one in channel.messages.values() if file in one.files]:
                message.files.remove(file)
                if not message.files and not message.text:
                    self.chat.events.deleted(message)
        self.world.touch()
        return {}

    def describe(self, call: Call) -> Json:
        file = self.world.files.get(call.text("file"))
        if file is None:
            raise SlackError("file_not_found")
        shares: dict[str, dict[str, list[Json]]] = {"public": {}, "private": {}}
        for channel in self.world.channels.values():
            for message in channel.messages.values():
                if file in message.files:
                    kind = "public" if channel.kind == "public" else "private"
                    share = {"ts": message.ts} | (
                        {"thread_ts": message.thread_ts} if message.thread_ts else {}
                    )
                    shares[kind].setdefault(channel.id, []).append(share)
        return {"file": show_file(file, self.chat.events.url) | {"shares": shares}}

    async def download(self, request: web.Request) -> web.Response:
        """Whoever may not see it gets a page to sign in, with status 200."""
        value = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = self.world.tokens.get(value)
        if token is None or token.revoked or "files:read" not in token.scopes:
            return web.Response(text=LOGIN, content_type="text/html")
        file = self.world.files.get(request.match_info["id"])
        if file is None or file.mode in ("tombstone", "hidden_by_limit"):
            return web.Response(status=404, text="not found")
        if file.elsewhere:
            raise web.HTTPFound(f"{self.elsewhere}/cdn/{file.id}")
        return web.Response(body=file.data, content_type=file.media_type)

    async def serve_elsewhere(self, request: web.Request) -> web.Response:
        """Another host: a token has no business here."""
        if header := request.headers.get("Authorization"):
            self.leaked.append(header)
            return web.Response(status=400, text="two ways to authenticate")
        file = self.world.files[request.match_info["id"]]
        return web.Response(body=file.data, content_type=file.media_type)
