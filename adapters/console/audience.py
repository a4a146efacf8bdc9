"""Who is connected, and what each of them has yet to be told."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from adapters.console.protocol import Answer, FromServer, server_line


class Outbox:
    """What one client has yet to be told, in order; of each answer only its newest state.

    A slow client therefore costs no memory and keeps nobody waiting.
    """

    def __init__(self) -> None:
        self._waiting: dict[object, FromServer] = {}
        self._filled = asyncio.Event()

    def put(self, message: FromServer) -> None:
        """Never waits."""
        key = ("answer", message.turn) if isinstance(message, Answer) else object()
        self._waiting[key] = message
        self._filled.set()

    def begin(self, missed: Sequence[FromServer]) -> None:
        """Put what the client has missed in front; what was put meanwhile is newer."""
        meanwhile, self._waiting = self._waiting, {}
        for message in (*missed, *meanwhile.values()):
            self.put(message)

    async def send(self, writer: asyncio.StreamWriter) -> None:
        """Send whatever is put, until cancelled or the client is gone."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            messages, self._waiting = self._waiting, {}
            for message in messages.values():
                writer.write(server_line(message))
            await writer.drain()


class Audience:
    """The connected clients of each conversation, and the answers that are being written for them."""

    def __init__(self) -> None:
        self._outboxes: defaultdict[str, set[Outbox]] = defaultdict(set)
        self._live: dict[int, Answer] = {}

    @contextmanager
    def joined(self, conversation: str) -> Iterator[Outbox]:
        """A client that hears what is said in a conversation."""
        outbox = Outbox()
        self._outboxes[conversation].add(outbox)
        try:
            yield outbox
        finally:
            self._outboxes[conversation].discard(outbox)
            if not self._outboxes[conversation]:
                del self._outboxes[conversation]

    def tell(self, conversation: str, message: FromServer) -> None:
        """Tell everybody who is there; nobody is fine."""
        for outbox in self._outboxes.get(conversation, ()):
            outbox.put(message)

    def show(self, conversation: str, answer: Answer) -> None:
        """Tell them of a new state of an answer, and remember it for those who come later."""
        self._live[answer.turn] = answer
        self.tell(conversation, answer)

    def newest(self, answer: Answer) -> Answer:
        """The state of an answer that is being written, else the one given."""
        return self._live.get(answer.turn, answer)

    def over(self, turn: int) -> None:
        """An answer is no longer being written."""
        self._live.pop(turn, None)
