"""The seam to OpenAI's SDK: requests go out, JSON comes back, and every error is a ServiceError.

Nothing outside of it imports `openai`; doing so takes more than a second.
"""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus as Status

import openai
from openai import AsyncOpenAI, DefaultAioHttpClient

from bot.openai.answers import Answered, gone, read, translated
from bot.openai.errors import ServiceError
from bot.openai.sse import Decoder, Json
from bot.openai.vectors import Vectors

logging.getLogger("httpx2").setLevel(logging.WARNING)  # it tells of each request otherwise

CONNECT_TIMEOUT = 10.0  # seconds
SILENCE = 600.0  # seconds without a byte, after which a connection counts as lost
NO_CONTAINERS = {Status.NOT_FOUND, Status.METHOD_NOT_ALLOWED, Status.NOT_IMPLEMENTED}
PAGE = 100  # items per list request: the most there may be
FILE_DAYS = 30  # uploads of people's files expire by themselves: the longest there is

Events = AsyncGenerator[list[Json], None]
"""The events of a response as they come, those that arrived together in one list."""


class Client:
    """One account at one service. Its own retries are off: only the engine knows what may be repeated."""

    def __init__(self, api_key: str, base_url: str | None) -> None:
        # aiohttp reads a stream with half the work of the default transport.
        timeout = openai.Timeout(SILENCE, connect=CONNECT_TIMEOUT)
        self._sdk = AsyncOpenAI(
            api_key=api_key or "none",  # a compatible server may want no key, the SDK always does
            base_url=base_url or None,
            max_retries=0,
            timeout=timeout,
            http_client=DefaultAioHttpClient(timeout=timeout),
        )
        self.vectors = Vectors(self._sdk)

    async def close(self) -> None:
        await self._sdk.close()

    # -- responses -----------------------------------------------------------------------------

    @asynccontextmanager
    async def respond(self, body: Json) -> AsyncIterator[Events]:
        """Ask the model."""
        with translated():
            # As an extra body it is sent as it is; otherwise the SDK would walk through all of it.
            async with self._sdk.responses.with_streaming_response.create(
                stream=True, extra_body=body
            ) as response:
                yield _events(response.iter_bytes())

    @asynccontextmanager
    async def follow(self, response: str, after: int | None) -> AsyncIterator[Events]:
        """Take a background response up again, after the event with that number or from its beginning."""
        place: Json = {} if after is None else {"starting_after": after}
        with translated():
            async with self._sdk.responses.with_streaming_response.retrieve(
                response, stream=True, include_obfuscation=False, **place
            ) as stream:
                yield _events(stream.iter_bytes())

    async def response(self, response: str) -> Json:
        return await read(self._sdk.responses.with_raw_response.retrieve(response))

    async def cancel(self, response: str) -> None:
        await read(self._sdk.responses.with_raw_response.cancel(response))

    # -- conversations -------------------------------------------------------------------------

    async def create_conversation(self) -> str:
        made = await read(self._sdk.conversations.with_raw_response.create())
        return str(made["id"])

    async def items(self, conversation: str, most: int) -> list[Json]:
        """The last `most` items, oldest first."""
        found: list[Json] = []
        place: Json = {}
        while len(found) < most:
            page = await read(
                self._sdk.conversations.items.with_raw_response.list(
                    conversation, order="desc", limit=min(PAGE, most - len(found)), **place
                )
            )
            found += page["data"]
            if not page.get("has_more") or not page["data"]:
                break
            place = {"after": page["last_id"]}
        return found[::-1]

    async def add_items(self, conversation: str, items: Sequence[Json]) -> list[Json]:
        """Add at most 20 items; returns them with their ids."""
        made = await read(
            self._sdk.conversations.items.with_raw_response.create(
                conversation, items=(), extra_body={"items": list(items)}
            )
        )
        return list(made["data"])

    async def delete_item(self, conversation: str, item: str) -> None:
        await gone(self._sdk.conversations.items.with_raw_response.delete(item, conversation_id=conversation))

    # -- files ---------------------------------------------------------------------------------

    async def upload(self, name: str, data: bytes, *, picture: bool) -> str:
        made = await read(
            self._sdk.files.with_raw_response.create(
                file=(name, data),
                purpose="vision" if picture else "user_data",
                expires_after={"anchor": "created_at", "seconds": FILE_DAYS * 86_400},
            )
        )
        return str(made["id"])

    async def container_file(self, container: str, file: str, most: int) -> bytes | None:
        """What the model's Python wrote; None when it is more than `most` bytes."""
        with translated():
            async with self._sdk.containers.files.content.with_streaming_response.retrieve(
                file, container_id=container
            ) as response:
                data = bytearray()
                async for chunk in response.iter_bytes():
                    data += chunk
                    if len(data) > most:
                        return None
                return bytes(data)

    # -- containers ----------------------------------------------------------------------------

    async def create_container(self, name: str, minutes: int) -> str:
        """A new container that lasts so long after its last use."""
        made = await read(
            self._sdk.containers.with_raw_response.create(
                name=name, expires_after={"anchor": "last_active_at", "minutes": minutes}
            )
        )
        return str(made["id"])

    async def has_containers(self) -> bool:
        """Whether the server knows containers at all; asking makes none."""
        try:
            await read(self._sdk.containers.with_raw_response.list(limit=1))
        except ServiceError as error:
            if error.status not in NO_CONTAINERS:
                raise
            return False
        return True

    async def container_status(self, container: str) -> str:
        """What the service says of a container; "deleted" when it knows it no more."""
        try:
            found = await read(self._sdk.containers.with_raw_response.retrieve(container))
        except ServiceError as error:
            if not error.missing:
                raise
            return "deleted"
        return str(found.get("status") or "")

    async def container_files(self, container: str) -> list[Json]:
        """The newest files of a container, newest first."""
        listed = await read(
            self._sdk.containers.files.with_raw_response.list(container, order="desc", limit=PAGE)
        )
        return list(listed["data"])

    async def put_container_file(self, container: str, name: str, data: bytes) -> str:
        """Returns its id there."""
        made = await read(self._sdk.containers.files.with_raw_response.create(container, file=(name, data)))
        return str(made["id"])

    async def delete_container_file(self, container: str, file: str) -> None:
        await gone(self._sdk.containers.files.with_raw_response.delete(file, container_id=container))

    # -- embeddings ----------------------------------------------------------------------------

    async def embed(self, model: str, texts: Sequence[str], timeout: float) -> list[object]:
        """A vector for each text, as the server gave it."""
        made = await read(
            self._sdk.embeddings.with_raw_response.create(
                model=model,
                input=list(texts),
                encoding_format="float",  # not every server knows the SDK's default, base64
                timeout=timeout,
            )
        )
        return [one["embedding"] for one in sorted(made["data"], key=lambda one: one["index"])]

    # -- upkeep --------------------------------------------------------------------------------

    async def delete(self, kind: str, id: str) -> None:  # noqa: A002 - it is the service's word
        """Delete a thing that the engine made; gone already is as good."""
        ways: dict[str, Callable[[str], Awaitable[Answered]]] = {
            "conversation": self._sdk.conversations.with_raw_response.delete,
            "response": self._sdk.responses.with_raw_response.delete,
            "file": self._sdk.files.with_raw_response.delete,
            "container": self._sdk.containers.with_raw_response.delete,
            "vector_store": self._sdk.vector_stores.with_raw_response.delete,
        }
        await gone(ways[kind](id))

    async def models(self) -> list[Json]:
        listed = await read(self._sdk.models.with_raw_response.list())
        return list(listed["data"])


async def _events(chunks: AsyncIterator[bytes]) -> Events:
    decoder = Decoder()
    with translated():
        async for chunk in chunks:
            if events := decoder.feed(chunk):
                yield events
