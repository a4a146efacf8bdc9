"""The containers in which the model's Python runs: one for each conversation that needs it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from bot.clock import Clock
from bot.errors import FileRefused
from bot.file_types import HEAD
from bot.files import Files, decide
from bot.messages import Attachment
from bot.openai.client import NO_CONTAINERS, Client
from bot.openai.errors import ServiceError
from bot.openai.learned import Learned
from bot.openai.quoting import plain
from bot.ports import Remote, Remotes, Request, Threads
from bot.python import START_PYTHON

logger = logging.getLogger(__name__)

FRESH = 600.0  # seconds after its last use in which a container is not asked whether it still lives
LASTS = 1_200.0  # seconds without use after which it is gone for good
MOST_FILES = 20  # of a conversation, the newest, that are put into its container
DEAD = {"expired", "deleted"}


@dataclass(frozen=True, slots=True)
class Put:
    """A file that was put into a container."""

    id: str
    size: int  # bytes
    digest: str = ""  # empty: an earlier process put it there


@dataclass(slots=True)
class Held:
    """What this process knows of a container."""

    used_at: float  # seconds since the epoch
    files: dict[str, Put] | None = None  # by name; None: not known
    counted: bool = True  # its session stands in the usage of a step
    told: set[str] = field(default_factory=set)  # ids of files that people got


class Containers:
    """Makes them, puts files into them, and replaces those that expired."""

    def __init__(
        self,
        *,
        client: Client,
        threads: Threads,
        remotes: Remotes,
        files: Files,
        clock: Clock,
        learned: Learned,
    ) -> None:
        self._client = client
        self._threads = threads
        self._remotes = remotes
        self._files = files
        self._clock = clock
        self._learned = learned
        self._held: dict[str, Held] = {}

    async def ready(self, request: Request, name: str) -> str:
        """The container of a step; empty when it gets none. A new one is known there as `name`.

        One is made only for data files, for a model that asked, or for an assistant that always has one.
        Raises ServiceError.
        """
        assistant, turn = request.assistant, request.turn
        if "python" not in assistant.tools or not self._learned.containers:
            return ""
        attachments = [file for file in await self._threads.attachments(turn.conversation) if file.digest]
        container = await self._living(turn.conversation)
        if not container:
            asked = any(call.name == START_PYTHON.name for call in turn.checkpoint.calls)
            if not (asked or assistant.python == "always" or await self._any_data(attachments)):
                return ""
            container = await self._make(turn.conversation, turn.author.id, name)
        if container:
            await self._put(container, attachments)
            self.held(container).used_at = self._clock.now()
        return container

    def sessions(self, container: str) -> int:
        """How many sessions of Python the step has to account for that uses this container."""
        if not container or self.held(container).counted:
            return 0
        self.held(container).counted = True
        return 1

    def held(self, container: str) -> Held:
        """What is known of a container. Those that must be gone by now are forgotten."""
        now = self._clock.now()
        self._held = {id_: held for id_, held in self._held.items() if held.used_at + LASTS > now}
        return self._held.setdefault(container, Held(now))

    async def expired(self, conversation: str) -> bool:
        """Let go of a conversation's containers; the next step makes a new one. False when it had none."""
        known = [remote for remote in await self._remotes.remote(conversation) if remote.kind == "container"]
        for remote in known:
            self._held.pop(remote.id, None)
        await self._remotes.gone(known)
        return bool(known)

    async def _living(self, conversation: str) -> str:
        """The newest container of a conversation that still lives. Dead ones are let go."""
        known = [remote for remote in await self._remotes.remote(conversation) if remote.kind == "container"]
        for remote in reversed(known):
            held = self._held.get(remote.id)
            if held and held.used_at + FRESH > self._clock.now():
                return remote.id
            if await self._client.container_status(remote.id) not in DEAD:
                return remote.id
            self._held.pop(remote.id, None)
            await self._remotes.gone([remote])
        return ""

    async def _make(self, conversation: str, author: str, name: str) -> str:
        try:
            container = await self._client.create_container(name, int(LASTS // 60))
        except ServiceError as error:
            if error.status not in NO_CONTAINERS:
                raise
            logger.info("this server has no containers: Python is not offered")
            self._learned.containers = False
            return ""
        await self._remotes.made([Remote("container", container, conversation, author)])
        held = self.held(container)
        held.files, held.counted = {}, False
        return container

    async def _put(self, container: str, attachments: Sequence[Attachment]) -> None:
        """Put the newest files in that are not there yet, and take out what nobody attached (any more)."""
        held, wanted = self.held(container), named(attachments)
        if held.files is None:
            listed = await self._client.container_files(container)
            held.files = {
                PurePath(file["path"]).name: Put(str(file["id"]), int(file.get("bytes") or 0))
                for file in listed
                if file.get("source") == "user"
            }
        for name, put in list(held.files.items()):
            if name not in wanted or not same(put, wanted[name]):
                await self._client.delete_container_file(container, put.id)
                del held.files[name]
        for name, attachment in list(wanted.items())[-MOST_FILES:]:
            if name in held.files:
                continue
            try:
                data = await self._files.read(attachment.digest)
            except FileRefused:
                continue  # not kept any more; the model is told so where the file was attached
            made = await self._client.put_container_file(container, name, data)
            held.files[name] = Put(made, len(data), attachment.digest)

    async def _any_data(self, attachments: Sequence[Attachment]) -> bool:
        for attachment in attachments:
            try:
                head = await self._files.head(attachment.digest, HEAD)
            except FileRefused:
                continue
            if not attachment.problem and decide(attachment.name, head, attachment.size).kind == "data":
                return True
        return False


def same(put: Put, attachment: Attachment) -> bool:
    """Whether a file in a container is an attachment of the same name, as far as that is known."""
    return put.digest == attachment.digest if put.digest else put.size == attachment.size


def named(attachments: Sequence[Attachment]) -> dict[str, Attachment]:
    """Files under names of their own: a name that another file has already gets a part of the digest."""
    found: dict[str, Attachment] = {}
    for attachment in attachments:
        name = PurePath(plain(attachment.name).replace("\\", "/")).name or "file"
        if name in found and found[name].digest != attachment.digest:
            path = PurePath(name)
            name = f"{path.stem}-{attachment.digest[:6]}{path.suffix}"
        found[name] = attachment
    return found
