"""A page as the benchmark opens it: sends a message and notes when what of the answer was seen."""

import json
import re
from dataclasses import dataclass, field
from time import time
from typing import Any

import aiohttp

HEADERS = {"Cookie": "maru_person=bench"}
TAG = re.compile(r"<[^>]*>")


@dataclass
class Seen:
    """When a page saw what, in seconds since the epoch."""

    turn: int = 0
    sent: float = 0.0
    accepted: float = 0.0
    output: float = 0.0  # anything of the answer: "thinking…" counts
    text: float = 0.0
    final: float = 0.0
    words: int = 0
    blocks: list[str] = field(default_factory=list)


async def ask(
    session: aiohttp.ClientSession, address: str, conversation: str, text: str, key: str = ""
) -> Seen:
    """Open a conversation's page, send one message and watch until its answer is final."""
    seen = Seen()
    query = f"{address}/api/events?conversation={conversation}"
    async with session.get(query, headers=HEADERS) as stream:
        await _next(stream)  # everything there is
        sending = session.post(
            f"{address}/api/conversations/{conversation}/messages",
            data=json.dumps({"key": key or f"{conversation}-1", "text": text, "name": "Bench"}),
            headers={**HEADERS, "Origin": address, "Content-Type": "application/json"},
        )
        seen.sent = time()
        async with sending as response:
            response.raise_for_status()
            seen.turn = (await response.json())["turn"]
        seen.accepted = time()
        while not seen.final:
            name, content = await _next(stream)
            _note(seen, name, content, time())
    seen.words = len(TAG.sub(" ", " ".join(seen.blocks)).split())
    return seen


async def _next(stream: aiohttp.ClientResponse) -> tuple[str, dict[str, Any]]:
    """One server-sent event."""
    name = data = ""
    async for line in stream.content:
        match line.decode().rstrip("\n").partition(": "):
            case ("event", _, value):
                name = value
            case ("data", _, value):
                data = value
            case ("", _, _) if data:
                return name, json.loads(data)
    raise AssertionError("the event stream ended")


def _note(seen: Seen, name: str, content: dict[str, Any], now: float) -> None:
    answers: list[dict[str, Any]] = []
    if name == "text" and content["turn"] == seen.turn:
        answers.append(content)
        _edit(seen, content)
    elif name == "turns":
        for turn in content["turns"]:
            if turn["id"] == seen.turn and turn["answer"]:
                answers.append(turn["answer"])
                seen.blocks = list(turn["answer"]["blocks"])
    for answer in answers:
        if answer.get("activity") or seen.blocks:
            seen.output = seen.output or now
        if seen.blocks:
            seen.text = seen.text or now
        if answer.get("end"):
            seen.final = now


def _edit(seen: Seen, content: dict[str, Any]) -> None:
    """Apply what the page applies."""
    for number, keep, added in content["edits"]:
        seen.blocks += [""] * (number + 1 - len(seen.blocks))
        seen.blocks[number] = seen.blocks[number][:keep] + added
    del seen.blocks[content["count"] :]
