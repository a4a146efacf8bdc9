"""One open page: what it is to be sent, and whether it still reads."""

import asyncio

MOST = 4_000_000  # bytes that may wait for a page that does not read; it then has to read everything again
BEAT = 15.0  # seconds of silence after which a sign of life is sent
PATIENCE = 20.0  # seconds in which a page has to take what it is sent


class Watcher:
    """A page that watches a conversation."""

    def __init__(self, conversation: str, person: str) -> None:
        self.conversation = conversation
        self.person = person
        self.closed = False
        self._waiting: list[bytes] = []
        self._size = 0
        self._wake = asyncio.Event()

    def push(self, content: bytes) -> None:
        """Send it soon."""
        self._size += len(content)
        if self._size > MOST:
            self.close()
        if not self.closed:
            self._waiting.append(content)
            self._wake.set()

    def close(self) -> None:
        self.closed = True
        self._waiting.clear()
        self._wake.set()

    async def next(self, beat: float = BEAT) -> bytes:
        """What is to be sent now; a sign of life after `beat` seconds of nothing. Empty: the end."""
        try:
            async with asyncio.timeout(beat):
                await self._wake.wait()
        except TimeoutError:
            return b"event: beat\ndata: {}\n\n"
        self._wake.clear()
        content = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        return b"" if self.closed else content
