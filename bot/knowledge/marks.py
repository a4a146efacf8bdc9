"""Turns the marks by which a model names passages into sources."""

import json
import re
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import replace
from hashlib import sha256

from bot.events import Calls, Citation, Completed, Event, Failed, Restarted, Source, Stopped, Text
from bot.functions import SEARCH
from bot.turns import Checkpoint

OPEN, CLOSE = "【", "】"
KEY = re.compile(r"k[0-9a-f]{8}")
LONGEST = 120  # characters between brackets that may still become a mark
MARK = re.compile(rf"[ \t]*{OPEN}([^{OPEN}{CLOSE}\n]{{1,{LONGEST}}}){CLOSE}")
UNFINISHED = re.compile(rf"[ \t]*(?:{OPEN}[^{OPEN}{CLOSE}\n]{{0,{LONGEST}}})?$")
REMEMBERED = 10_000  # passages


class Shown:
    """The passages that the model was shown, each for the conversation it was shown in."""

    def __init__(self) -> None:
        self._sources: OrderedDict[tuple[str, str], Source] = OrderedDict()

    def mark(self, conversation: str, source: Source) -> str:
        """What the model writes to name this source in this conversation."""
        key = f"k{sha256(source.key.encode()).hexdigest()[:8]}"
        self._sources[conversation, key] = source
        self._sources.move_to_end((conversation, key))
        while len(self._sources) > REMEMBERED:
            self._sources.popitem(last=False)
        return f"{OPEN}{key}{CLOSE}"

    def told(self, conversation: str, source: Source) -> dict[str, str]:
        """A passage as the model is shown it, with the mark that names it."""
        return {
            "mark": self.mark(conversation, source),
            "document": source.key,
            "title": source.title,
            "place": source.place,
            "url": source.url,
            "text": source.passage,
        }

    def recall(self, conversation: str, checkpoint: Checkpoint) -> None:
        """Know again what was shown before a crash, from the outcomes that the model waits for."""
        searches = {call.id for call in checkpoint.calls if call.name == SEARCH}
        for outcome in checkpoint.outcomes:
            if outcome.call in searches and outcome.status == "done":
                for told in json.loads(outcome.output)["passages"]:
                    self.mark(
                        conversation,
                        Source(told["document"], told["title"], told["place"], told["url"], told["text"]),
                    )

    def source(self, conversation: str, key: str) -> Source | None:
        """The source a key names; None when the model was shown no such passage here."""
        return self._sources.get((conversation, key))


async def cited(
    events: AsyncGenerator[Event, None], source: Callable[[str], Source | None]
) -> AsyncGenerator[Event, None]:
    """A step's events with citations for marks.

    A mark that names nothing goes without a trace; other words in such brackets stay. The places of
    citations that the service made are moved to where their text is now.
    """
    marks = _Marks(source)
    async for event in events:
        match event:
            case Text(delta):
                for found in marks.feed(delta):
                    yield found
            case Citation(position=position) if position >= 0:
                yield replace(event, position=marks.moved(position))
            case Restarted():
                marks = _Marks(source)
                yield event
            case Completed() | Calls() | Stopped() | Failed():
                for found in marks.end():
                    yield found
                yield event
            case _:
                yield event


class _Marks:
    """Follows the text of a step."""

    def __init__(self, source: Callable[[str], Source | None]) -> None:
        self._source = source
        self._held = ""  # the end of the text, as long as it may become a mark
        self._read = 0  # characters the model wrote before what is held
        self._cuts: list[tuple[int, int]] = []  # where marks ended in what the model wrote, and their length

    def feed(self, delta: str) -> Iterator[Event]:
        text = self._held + delta
        at = 0
        for mark in MARK.finditer(text):
            keys = KEY.findall(mark[1])
            if not keys:
                continue
            if mark.start() > at:
                yield Text(text[at : mark.start()])
            for key in keys:
                if source := self._source(key):
                    yield Citation(source)
            at = mark.end()
            self._cuts.append((self._read + at, len(mark[0])))
        rest = UNFINISHED.search(text, at)
        until = rest.start() if rest else len(text)
        if until > at:
            yield Text(text[at:until])
        self._held = text[until:]
        self._read += until

    def end(self) -> Iterator[Event]:
        held, self._held = self._held, ""
        self._read += len(held)
        if held:
            yield Text(held)

    def moved(self, position: int) -> int:
        return position - sum(length for end, length in self._cuts if end <= position)
