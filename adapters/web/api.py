"""What the page may ask for: conversations, messages, buttons and commands, as JSON."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import get_args

from aiohttp import web

from adapters.web import asked
from adapters.web.hub import Hub
from adapters.web.people import author_of, introduce, person_of
from adapters.web.problems import Problem
from adapters.web.uploads import Uploads
from adapters.web.view import offer_json
from adapters.web.watcher import PATIENCE, Watcher
from bot.choice import Offer
from bot.clock import Clock
from bot.files import TURN_FILES
from bot.messages import Action, Author, Command, Delete, Edit, Incoming, Message, Press, Receipt
from bot.ports import Archive, Receive, Record
from bot.texts import LANGUAGES, catalogue

LONGEST_TITLE = 80  # characters
ACTIONS: tuple[Action, ...] = get_args(Action)
COMMANDS = frozenset({"reset", "forget", "help", "assistant"})
LONGEST_ARGUMENT = 80  # characters
Offered = Callable[[str, Author], Awaitable[Offer]]
TEXTS = "web_"  # what the page shows begins with this in the catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The handlers, over the ports they need."""

    receive: Receive
    archive: Archive
    hub: Hub
    uploads: Uploads
    offered: Offered
    clock: Clock
    secure: bool

    def routes(self) -> Sequence[web.RouteDef]:
        conversation = "/api/conversations/{conversation}"
        return [
            web.get("/api/me", self.me),
            web.get("/api/events", self.events),
            web.put(conversation, self.rename),
            web.get(f"{conversation}/assistant", self.assistant),
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
                "limits": {"file": self.uploads.limit, "files": TURN_FILES, "text": asked.LONGEST_TEXT},
            },
            ensure_ascii=False,
        )
        return response

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Everything about a conversation, and then what is new, for as long as the page is open."""
        watcher = Watcher(asked.conversation(request.query.get("conversation", "")), person_of(request))
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
        before = asked.number(request.query.get("before", ""))
        return web.json_response(await self.hub.earlier(asked.place(request), before))

    async def assistant(self, request: web.Request) -> web.StreamResponse:
        """Who answers in a conversation, and who else could."""
        found = await self.offered(asked.place(request), author_of(request, ""))
        return web.json_response(offer_json(found))

    async def rename(self, request: web.Request) -> web.StreamResponse:
        content = await asked.content_of(request)
        conversation = asked.place(request)
        await self.archive.rename(conversation, str(content.get("title", ""))[:LONGEST_TITLE])
        self.hub.changed(conversation)
        return web.json_response({})

    async def send(self, request: web.Request) -> web.StreamResponse:
        content = await asked.content_of(request)
        conversation, text, files = asked.place(request), asked.text(content), content.get("files", [])
        if not isinstance(files, list) or len(files) > TURN_FILES:
            raise Problem(422, "web_too_many_files", limit=TURN_FILES)
        if not text.strip() and not files:
            raise Problem(422, "web_empty")
        author, now = author_of(request, content.get("name")), self.clock.now()
        return await self._take_in(
            Message(
                conversation=conversation,
                keys=(asked.key(content),),
                position=f"{int(now * 1e9):020d}",
                author=author,
                text=text,
                sent_at=now,
                attachments=tuple([await self.uploads.attached(file) for file in files]),
                origin=asked.origin(author),
            ),
        )

    async def edit(self, request: web.Request) -> web.StreamResponse:
        content = await asked.content_of(request)
        text = asked.text(content)
        if not text.strip():
            raise Problem(422, "web_empty")
        _, message = await self._own_message(request)
        return await self._take_in(Edit(message.conversation, message.keys, text, self.clock.now()))

    async def delete(self, request: web.Request) -> web.StreamResponse:
        _, message = await self._own_message(request)
        return await self._take_in(Delete(message.conversation, message.keys))

    async def press(self, request: web.Request) -> web.StreamResponse:
        content = await asked.content_of(request)
        action = next((known for known in ACTIONS if known == request.match_info["action"]), None)
        turn = asked.number(request.match_info["turn"])
        if action is None or not turn:
            raise Problem(404, "web_gone")
        author = author_of(request, content.get("name"))
        return await self._take_in(
            Press(
                conversation=asked.place(request),
                turn=turn,
                action=action,
                author=author,
                subject=str(content.get("subject", "")),
                origin=asked.origin(author),
            ),
        )

    async def command(self, request: web.Request) -> web.StreamResponse:
        content = await asked.content_of(request)
        name = str(content.get("command", ""))
        if name not in COMMANDS:
            raise Problem(404, "web_gone")
        author = author_of(request, content.get("name"))
        return await self._take_in(
            Command(
                conversation=asked.place(request),
                key=asked.key(content),
                name=name,
                author=author,
                sent_at=self.clock.now(),
                argument=str(content.get("argument", ""))[:LONGEST_ARGUMENT],
                origin=asked.origin(author),
            ),
        )

    async def _take_in(self, incoming: Incoming) -> web.StreamResponse:
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
        for record in await self.archive.records(asked.place(request)):
            for message in record.turn.messages:
                if str(message.id) == request.match_info["message"]:
                    if message.author.id != person:
                        raise Problem(403, "web_not_yours")
                    return record, message
        raise Problem(404, "web_gone")
