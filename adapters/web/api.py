"""What the page may ask for: conversations, messages, buttons and commands, as JSON."""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from aiohttp import web

from adapters.web.hub import PREFIX, Hub
from adapters.web.people import author_of, introduce, person_of
from adapters.web.problems import Problem
from adapters.web.uploads import Uploads
from adapters.web.watcher import PATIENCE, Watcher
from bot.assistants import Assistant
from bot.clock import Clock
from bot.files import TURN_FILES
from bot.messages import Action, Author, Command, Delete, Edit, Incoming, Message, Press, Receipt
from bot.ports import Archive, Receive, Record
from bot.texts import LANGUAGES, catalogue

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_TEXT = 100_000  # characters
LONGEST_TITLE = 80  # characters
COMMANDS = frozenset({"reset", "forget", "help"})
TEXTS = "web_"  # what the page shows begins with this in the catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The handlers, over the ports they need."""

    receive: Receive
    archive: Archive
    hub: Hub
    uploads: Uploads
    assistant: Assistant
    clock: Clock
    secure: bool

    def routes(self) -> Sequence[web.RouteDef]:
        conversation = "/api/conversations/{conversation}"
        return [
            web.get("/api/me", self.me),
            web.get("/api/events", self.events),
            web.put(conversation, self.rename),
            web.get(f"{conversation}/turns", self.earlier),
            web.post(f"{conversation}/messages", self.send),
            web.put(f"{conversation}/messages/{{message}}", self.edit),
            web.delete(f"{conversation}/messages/{{message}}", self.delete),
            web.post(f"{conversation}/commands", self.command),
            web.post(f"{conversation}/turns/{{turn}}/{{action}}", self.press),
            web.post("/api/files", self.uploads.take),
            web.get("/files/{digest}/{name}", self.uploads.give),
        ]

    async def me(self, request: web.Request) -> web.StreamResponse:
        """Who asks, and everything that the page needs to know before it is drawn."""
        texts = {
            language: {
                key.removeprefix(TEXTS): sentence[language]
                for key, sentence in catalogue().items()
                if key.startswith(TEXTS)
            }
            for language in LANGUAGES
        }
        response = web.json_response({})
        person = introduce(request, response, secure=self.secure)
        response.text = json.dumps(
            {
                "person": person,
                "texts": texts,
                "assistant": {"name": self.assistant.name, "description": self.assistant.description},
                "starters": self.assistant.starters,
                "limits": {"file": self.uploads.limit, "files": TURN_FILES, "text": LONGEST_TEXT},
            },
            ensure_ascii=False,
        )
        return response

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Everything about a conversation, and then what is new, for as long as the page is open."""
        watcher = Watcher(_conversation(request.query.get("conversation", "")), person_of(request))
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        try:
            await self.hub.join(watcher)
            while content := await watcher.next():
                async with asyncio.timeout(PATIENCE):
                    await response.write(content)
        except (ConnectionError, TimeoutError):
            pass  # the page is gone, or does not read: when it comes back it reads everything again
        finally:
            self.hub.part(watcher)
        return response

    async def earlier(self, request: web.Request) -> web.StreamResponse:
        before = int(request.query["before"]) if request.query.get("before", "").isdecimal() else 0
        return web.json_response(await self.hub.earlier(self._place(request), before))

    async def rename(self, request: web.Request) -> web.StreamResponse:
        content = await _json(request)
        conversation = self._place(request)
        await self.archive.rename(conversation, str(content.get("title", ""))[:LONGEST_TITLE])
        self.hub.changed(conversation)
        return web.json_response({})

    async def send(self, request: web.Request) -> web.StreamResponse:
        content = await _json(request)
        conversation, text, files = self._place(request), _text(content), content.get("files", [])
        if not isinstance(files, list) or len(files) > TURN_FILES:
            raise Problem(422, "web_too_many_files", limit=TURN_FILES)
        if not text.strip() and not files:
            raise Problem(422, "web_empty")
        author = author_of(request, content.get("name"))
        return await self._take_in(
            request,
            Message(
                conversation=conversation,
                keys=(_key(content),),
                position=f"{time.time_ns():020d}",
                author=author,
                text=text,
                sent_at=self.clock.now(),
                attachments=tuple([await self.uploads.attached(file) for file in files]),
                origin=_origin(author),
            ),
        )

    async def edit(self, request: web.Request) -> web.StreamResponse:
        content = await _json(request)
        text = _text(content)
        if not text.strip():
            raise Problem(422, "web_empty")
        _, message = await self._own_message(request)
        return await self._take_in(request, Edit(message.conversation, message.keys, text, self.clock.now()))

    async def delete(self, request: web.Request) -> web.StreamResponse:
        _, message = await self._own_message(request)
        return await self._take_in(request, Delete(message.conversation, message.keys))

    async def press(self, request: web.Request) -> web.StreamResponse:
        content = await _json(request)
        action = request.match_info["action"]
        if action not in get_args(Action) or not request.match_info["turn"].isdecimal():
            raise Problem(404, "web_gone")
        author = author_of(request, content.get("name"))
        return await self._take_in(
            request,
            Press(
                conversation=self._place(request),
                turn=int(request.match_info["turn"]),
                action=action,
                author=author,
                subject=str(content.get("subject", "")),
                origin=_origin(author),
            ),
        )

    async def command(self, request: web.Request) -> web.StreamResponse:
        content = await _json(request)
        if content.get("command") not in COMMANDS:
            raise Problem(404, "web_gone")
        author = author_of(request, content.get("name"))
        return await self._take_in(
            request,
            Command(
                conversation=self._place(request),
                key=_key(content),
                name=content["command"],
                author=author,
                sent_at=self.clock.now(),
                origin=_origin(author),
            ),
        )

    async def _take_in(self, request: web.Request, incoming: Incoming) -> web.StreamResponse:
        receipt = await self.receive(incoming)
        self.hub.changed(incoming.conversation)
        if receipt.refusal:
            raise Problem(409, receipt.refusal, names=await self._deciders(incoming, receipt))
        if isinstance(incoming, Press) and not receipt.new:
            raise Problem(409, "web_too_late")
        return web.json_response({"new": receipt.new, "turn": receipt.turn, "message": receipt.message})

    async def _deciders(self, incoming: Incoming, receipt: Receipt) -> str:
        """The names of those who may decide what somebody else tried to."""
        if not isinstance(incoming, Press):
            return ""
        for record in await self.archive.records(incoming.conversation):
            if record.turn.id == receipt.turn:
                allowed = {
                    author
                    for question in record.turn.draft.questions
                    if question.call.id == incoming.subject
                    for author in question.deciders
                }
                names = {
                    message.author.name
                    for message in record.turn.messages
                    if not allowed or message.author.id in allowed
                }
                return ", ".join(sorted(names or allowed))
        return ""

    async def _own_message(self, request: web.Request) -> tuple[Record, Message]:
        """The message that a request names, if it is the person's own."""
        person = person_of(request)
        for record in await self.archive.records(self._place(request)):
            for message in record.turn.messages:
                if str(message.id) == request.match_info["message"]:
                    if message.author.id != person:
                        raise Problem(403, "web_not_yours")
                    return record, message
        raise Problem(404, "web_gone")

    def _place(self, request: web.Request) -> str:
        return _conversation(request.match_info["conversation"])


def _conversation(name: str) -> str:
    if not ID.fullmatch(name):
        raise Problem(404, "web_gone")
    return f"{PREFIX}{name}"


def _key(content: dict[str, Any]) -> str:
    key = str(content.get("key", ""))
    if not ID.fullmatch(key):
        raise Problem(400, "web_odd")
    return f"{PREFIX}{key}"


def _text(content: dict[str, Any]) -> str:
    text = str(content.get("text", ""))
    if len(text) > LONGEST_TEXT:
        raise Problem(422, "web_too_long", limit=f"{LONGEST_TEXT:,}")
    return text


def _origin(author: Author) -> str:
    return json.dumps({"person": author.id})


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        content = await request.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise Problem(400, "web_odd")
    return content
