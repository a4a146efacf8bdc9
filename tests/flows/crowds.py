"""People on each platform, who write to a Maru in another process and look at what it answers."""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp

from tests.fakes.processes import until
from tests.flows.killing import Killed


class Web:
    """They write again until they are told that it was received."""

    platform = "web"

    def __init__(self, session: aiohttp.ClientSession, maru: Killed) -> None:
        self._session, self._maru = session, maru

    async def ask(self, conversation: int, number: int, text: str) -> None:
        body = {"key": f"{conversation}-{number}", "text": text, "name": "Ann"}
        while True:
            await self._maru.up.wait()
            headers = {"Origin": self._maru.address, "Cookie": "maru_person=ann"}
            try:
                async with self._session.post(
                    f"{self._maru.address}/api/conversations/room{conversation}/messages",
                    json=body,
                    headers=headers,
                ) as response:
                    response.raise_for_status()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0)
                continue
            return

    async def answers(self, conversation: int) -> Sequence[str]:
        async with self._session.get(
            f"{self._maru.address}/api/conversations/room{conversation}/turns?before=999999999",
            headers={"Cookie": "maru_person=ann"},
        ) as response:
            return ["".join(turn["answer"]["blocks"]) for turn in (await response.json())["turns"]]


class _Service:
    """A platform's fake in a process of its own: people act there, and look."""

    def __init__(self, session: aiohttp.ClientSession, api: str) -> None:
        self._session = session
        self._address = api.partition("/api")[0]
        self._begun: dict[int, dict[str, str]] = {}  # conversation -> where its first message is

    async def _do(self, conversation: int, **body: str) -> dict[str, str]:
        body = {"person": f"Person {conversation}", **body}
        async with self._session.post(f"{self._address}/_do", json=body) as response:
            response.raise_for_status()
            done: dict[str, str] = await response.json()
            return done

    async def _channels(self) -> dict[str, list[dict[str, Any]]]:
        async with self._session.get(f"{self._address}/_state") as response:
            channels: dict[str, list[dict[str, Any]]] = (await response.json())["channels"]
            return channels


class Slack(_Service):
    """They mention Maru in a channel, and go on in the thread."""

    platform = "slack"

    async def ask(self, conversation: int, number: int, text: str) -> None:
        thread = self._begun.get(conversation, {}).get("ts", "")
        done = await self._do(conversation, verb="mentions_bot", text=text, thread=thread)
        self._begun.setdefault(conversation, done)

    async def answers(self, conversation: int) -> Sequence[str]:
        thread = self._begun[conversation]["ts"]
        messages = (await self._channels())["general"]
        return [one["text"] for one in messages if one["thread_ts"] == thread and one["author"] == "Maru"]


class Discord(_Service):
    """Every second one writes to Maru directly; the others mention it, and go on in its thread."""

    platform = "discord"

    async def ask(self, conversation: int, number: int, text: str) -> None:
        if conversation % 2:
            self._begun[conversation] = await self._do(conversation, verb="writes", text=text)
            return
        if not number:
            self._begun[conversation] = await self._do(conversation, verb="mentions_bot", text=text)
            return
        thread = self._begun[conversation]["id"]

        async def made() -> bool:
            return thread in await self._channels()

        await until(made)
        await self._do(conversation, verb="says", text=text, channel=thread)

    async def answers(self, conversation: int) -> Sequence[str]:
        place = self._begun[conversation]["channel" if conversation % 2 else "id"]
        messages = (await self._channels())[place]
        return [one["text"] for one in messages if one["author"] == "Maru"]
