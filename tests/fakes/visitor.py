"""Somebody who uses the web page's API as the page does, without a screen."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import aiohttp

JSON = dict[str, Any]


class Visitor:
    """A browser's cookies and headers; enter it to begin."""

    def __init__(
        self, url: str, name: str = "Ann", language: str = "en", again: "Visitor | None" = None
    ) -> None:
        self.url = url
        self.name = name
        self.person = ""
        self._keys = 0
        self.session: aiohttp.ClientSession = aiohttp.ClientSession(
            url,
            headers={"Origin": url, "Accept-Language": language},
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # a bare address may have cookies too
            cookies={cookie.key: cookie.value for cookie in again.session.cookie_jar} if again else None,
        )

    async def __aenter__(self) -> Self:
        me = await self.get("/api/me")
        self.person = me.get("person", "")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    async def call(self, method: str, path: str, content: object = None, **more: Any) -> tuple[int, JSON]:
        async with self.session.request(method, path, json=content, **more) as response:
            return response.status, await response.json(content_type=None)

    async def get(self, path: str) -> JSON:
        return (await self.call("GET", path))[1]

    async def send(
        self, conversation: str, text: str, key: str = "", files: tuple[JSON, ...] = ()
    ) -> tuple[int, JSON]:
        self._keys += 1
        content = {"key": key or f"{self.name}-{self._keys}", "text": text, "name": self.name, "files": files}
        return await self.call("POST", f"/api/conversations/{conversation}/messages", content)

    async def press(self, conversation: str, turn: int, action: str, subject: str = "") -> tuple[int, JSON]:
        path = f"/api/conversations/{conversation}/turns/{turn}/{action}"
        return await self.call("POST", path, {"name": self.name, "subject": subject})

    async def command(self, conversation: str, name: str, argument: str = "") -> tuple[int, JSON]:
        self._keys += 1
        content = {"key": f"{self.name}-c{self._keys}", "command": name, "name": self.name}
        content |= {"argument": argument} if argument else {}
        return await self.call("POST", f"/api/conversations/{conversation}/commands", content)

    async def upload(self, name: str, body: bytes) -> tuple[int, JSON]:
        async with self.session.post("/api/files", params={"name": name}, data=body) as response:
            return response.status, await response.json()

    @asynccontextmanager
    async def watch(self, conversation: str) -> AsyncIterator["Screen"]:
        """Follow a conversation."""
        async with self.session.get("/api/events", params={"conversation": conversation}) as response:
            screen = Screen(response)
            async with asyncio.TaskGroup() as group:  # what the page could not follow fails the test
                reading = group.create_task(screen.read())
                await screen.until(lambda: screen.loaded)
                yield screen
                reading.cancel()


class Screen:
    """What a page shows: everything, and then the changes put on top of it as the page does."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._changed = asyncio.Event()
        self.loaded = False
        self.ended = False
        self.turns: dict[int, JSON] = {}
        self.conversations: dict[str, JSON] = {}
        self.notices: list[JSON] = []
        self.updates: list[JSON] = []

    async def read(self) -> None:
        name = ""
        try:
            async for line in self._response.content:
                if line.startswith(b"event: "):
                    name = line[7:].decode().strip()
                elif line.startswith(b"data: "):
                    self._take(name, json.loads(line[6:]))
        except aiohttp.ClientError:
            pass
        self.ended = True
        self._changed.set()

    def _take(self, name: str, told: JSON) -> None:
        match name:
            case "everything":
                self.turns = {turn["id"]: turn for turn in told["turns"]}
                self.conversations = {summary["id"]: summary for summary in told["conversations"]}
                self.notices = told["notices"]
                self.loaded = True
            case "turns":
                self._turns(told)
            case "text":
                self._text(told)
            case "notice":
                self.notices.append(told)
            case "conversations":
                self.conversations |= {summary["id"]: summary for summary in told["changed"]}
                for gone in told["gone"]:
                    del self.conversations[gone]
        self._changed.set()

    def _turns(self, told: JSON) -> None:
        for turn in told["turns"]:
            if turn["answer"] is None:
                turn["answer"] = self.turns[turn["id"]]["answer"]
            self.turns[turn["id"]] = turn
        self.turns = {number: self.turns[number] for number in told["order"]}

    def _text(self, told: JSON) -> None:
        answer = self.turns[told["turn"]]["answer"]
        assert told["version"] == answer["version"] + 1, "a change was missed"
        blocks = answer["blocks"]
        for index, keep, rest in told["edits"]:
            old = blocks[index] if index < len(blocks) else ""
            kept = old.encode("utf-16-le")[: keep * 2].decode("utf-16-le")
            blocks[index : index + 1] = [kept + rest]
        del blocks[told["count"] :]
        answer |= {name: told[name] for name in told.keys() - {"turn", "edits", "count"}}
        self.updates.append(told)

    async def until(self, condition: Callable[[], object]) -> None:
        """Return once the condition holds."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    async def until_answered(self, count: int = 1) -> None:
        """Return once so many turns have their answers."""
        await self.until(lambda: sum(bool(turn["answer"]["end"]) for turn in self.turns.values()) >= count)

    async def until_answer(self, text: str) -> None:
        """Return once an answer has this in its HTML."""
        await self.until(lambda: any(text in answer for answer in self.answers))

    @property
    def answers(self) -> list[str]:
        """The HTML of each answer."""
        return ["".join(turn["answer"]["blocks"]) for turn in self.turns.values()]

    @property
    def said(self) -> list[str]:
        """What people wrote, as they wrote it."""
        return [message["text"] for turn in self.turns.values() for message in turn["messages"]]
