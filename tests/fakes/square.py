"""A chat platform in memory: people write on it, Maru posts and edits there; it outlives Maru."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.errors import PlatformGone, PlatformUnreachable, StoreFull
from bot.events import File
from bot.messages import Attachment, Author, Message, Person, Quoted
from bot.ports import Part, Parts, Receive, Reply
from bot.reply import Limits, PostedReply
from bot.turns import Draft, Turn
from bot.wording import closing

ANN = Author("square:ann", "Ann", "en-GB")
BEN = Author("square:ben", "Ben", "en-GB")

LIMITS = Limits(message_chars=400, edit_interval=0.0, file_bytes=1_000_000)


@dataclass
class Post:
    """A message of Maru as people see it."""

    ref: str
    conversation: str
    key: str
    text: str
    files: tuple[File, ...] = ()
    history: list[str] = field(default_factory=list)


class Square:
    """The platform itself."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.whispers: list[tuple[str, str]] = []
        self.people: dict[str, Person] = {}
        self.history: list[Quoted] = []
        self.uploads: dict[str, bytes] = {}
        self.gone: set[str] = set()
        self.failures: list[Exception] = []  # what the next calls raise instead
        self._written = 0
        self.changed = asyncio.Event()

    def message(
        self, text: str, conversation: str = "square:main", author: Author = ANN, **more: object
    ) -> Message:
        """A message as the adapter parses it."""
        self._written += 1
        number = f"{self._written:08d}"
        values: dict[str, object] = {
            "conversation": conversation,
            "keys": (f"{conversation}#{number}",),
            "position": number,
            "author": author,
            "text": text,
            "sent_at": float(self._written),
        }
        return Message(**{**values, **more})  # type: ignore[arg-type]  # a test may set any field

    def texts(self, conversation: str = "square:main") -> list[str]:
        """What people read there."""
        return [post.text for post in self.posts if post.conversation == conversation]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return once the condition holds."""
        while not condition():
            self.changed.clear()
            await self.changed.wait()

    async def until_posted(self, text: str, conversation: str = "square:main") -> None:
        """Return once somebody can read `text` there."""
        await self.until(lambda: any(text in seen for seen in self.texts(conversation)))

    def fail(self, *errors: Exception) -> None:
        self.failures += errors

    def _meet(self, conversation: str) -> None:
        if self.failures:
            self.changed.set()
            raise self.failures.pop(0)
        if conversation in self.gone:
            raise PlatformGone(f"{conversation} is gone")

    def post(self, conversation: str, key: str, text: str, files: tuple[File, ...]) -> str:
        self._meet(conversation)
        ref = f"p{len(self.posts) + 1}"
        self.posts.append(Post(ref, conversation, key, text, files))
        self.changed.set()
        return ref

    def edit(self, ref: str, text: str) -> None:
        post = next((post for post in self.posts if post.ref == ref), None)
        if post is None:
            raise PlatformGone(f"{ref} is gone")
        self._meet(post.conversation)
        post.history.append(post.text)
        post.text = text
        self.changed.set()

    def delete(self, ref: str) -> None:
        self.posts = [post for post in self.posts if post.ref != ref]
        self.changed.set()


def render(turn: Turn) -> Callable[[Draft], str]:
    """The square's dialect: plain text, sources as a list."""

    def text(draft: Draft) -> str:
        lines = [draft.text] if draft.text else []
        lines += [f"[{number}] {source.title}" for number, source in enumerate(draft.sources, 1)]
        lines += [f"May I run {q.call.name}({q.call.arguments})?" for q in draft.questions]
        lines += closing(draft, turn.reference, "en")
        return "\n".join(lines)

    return text


class Disk:
    """The `Parts` port over a disk that can be full."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.broken = False

    async def parts(self, turn: int) -> Sequence[Part]:
        return await self._parts.parts(turn)

    async def put(self, turn: int, part: Part) -> None:
        if self.broken:
            raise StoreFull("no room left")
        await self._parts.put(turn, part)

    async def drop(self, turn: int, number: int) -> None:
        await self._parts.drop(turn, number)


class SquareAdapter:
    """The `Adapter` port; one for each life of Maru."""

    platform = "square"
    previews = False
    ready = True

    def __init__(self, square: Square, parts: Parts, clock: Clock) -> None:
        self._square = square
        self.parts = Disk(parts)
        self.unknown = 0  # how often it cannot say who somebody is
        self.hoarse = False  # whispering ends in a bug
        self._clock = clock
        self.dead = False  # killed: its last calls reach nobody

    async def run(self, receive: Receive) -> None:
        await asyncio.Event().wait()

    def reply(self, turn: Turn) -> Reply:
        return PostedReply(
            turn=turn,
            surface=Wall(self._square, self, turn),
            parts=self.parts,
            limits=LIMITS,
            render=render(turn),
            clock=self._clock,
        )

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        if attachment.source not in self._square.uploads:
            raise PlatformUnreachable(f"{attachment.name} is not there")
        yield self._square.uploads[attachment.source]

    async def history(self, conversation: str, before: str, limit: int) -> Sequence[Quoted]:
        return self._square.history[-limit:]

    async def whisper(self, conversation: str, origin: str, text: str) -> None:
        if self.hoarse:
            raise RuntimeError("a bug")
        self._square.whispers.append((conversation, text))
        self._square.changed.set()

    async def person(self, author: Author) -> Person:
        if self.unknown:
            self.unknown -= 1
            raise PlatformUnreachable("who is that?")
        return self._square.people.get(author.id, Person("member", author.locale))


class Wall:
    """The `Surface` of one turn."""

    def __init__(self, square: Square, adapter: SquareAdapter, turn: Turn) -> None:
        self._square = square
        self._adapter = adapter
        self._conversation = turn.conversation

    def _reach(self) -> Square:
        if self._adapter.dead:
            raise PlatformUnreachable("killed")
        return self._square

    async def post(self, number: int, key: str, text: str, files: Sequence[File]) -> str:
        return self._reach().post(self._conversation, key, text, tuple(files))

    async def edit(self, ref: str, text: str) -> None:
        self._reach().edit(ref, text)

    async def delete(self, ref: str) -> None:
        self._reach().delete(ref)

    async def find(self, number: int, key: str) -> str | None:
        return next((post.ref for post in self._reach().posts if post.key == key), None)

    async def typing(self) -> None:
        """Nobody looks."""
