"""The service itself: its addresses, its key and its headers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Self

from aiohttp import web

from adapters.web.serving import serving
from tests.fakes.openai.containers import Containers
from tests.fakes.openai.conversations import Conversation, Conversations, last_user_text
from tests.fakes.openai.embeddings import Embeddings
from tests.fakes.openai.mcp import McpServers
from tests.fakes.openai.responses import Responses
from tests.fakes.openai.script import Act
from tests.fakes.openai.uploads import Uploads
from tests.fakes.openai.validate import CONVERSATION, ITEMS
from tests.fakes.openai.vector_stores import VectorStores
from tests.fakes.openai.wire import ApiError, Ids, Json, answer, read_json

KEY = "sk-test-0123456789"

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeOpenAI:
    """Use as an async context manager; `url` is the address to give to a client.

    With `hosted=False` it is a compatible server: /responses alone, without state.
    What a test scripts must be used up by its end.
    """

    def __init__(self, *, hosted: bool = True, key: str = KEY) -> None:
        self.key = key
        self.hosted = hosted
        self.ids = Ids()
        self.conversations = Conversations(self.ids)
        self.uploads = Uploads(self.ids)
        self.containers = Containers(self.ids)
        self.vector_stores = VectorStores(self.ids, self.uploads)
        self.embeddings = Embeddings()
        self.containers.known = hosted
        self.mcp = McpServers()
        self.responses = Responses(
            self.ids,
            self.conversations,
            self.uploads,
            self.containers,
            self.mcp,
            stores=self.vector_stores,
            hosted=hosted,
        )
        self.model = self.responses.model
        self.counts: dict[str, int] = {}  # "POST /v1/responses" -> how often
        self.fails_next: dict[str, ApiError] = {}  # the same -> the error of the next such request
        self.down = False  # it answers nobody, and goes on with what it has begun
        # Told of each request before and after it is done; before that, True loses it on the way.
        self.meets: Callable[[str, bool], bool] = lambda _name, _done: False
        self.url = ""
        self._doors = AsyncExitStack()
        if not hosted:
            self.model.refuses |= {"background"}
            self.model.lacks |= {"code_interpreter", "web_search", "image_generation", "file_search", "mcp"}

    def script(self, *acts: Act) -> None:
        """What the model does at its next calls, in this order."""
        self.responses.acts += acts

    @property
    def requests(self) -> list[Json]:
        """The bodies of the valid POST /responses so far."""
        return list(self.responses.requests)

    @property
    def conversation(self) -> Conversation:
        """The only conversation there is."""
        (only,) = self.conversations.all.values()
        return only

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        app = web.Application(client_max_size=64 * 2**20, middlewares=[self._guard])
        self._routes(app.router)
        door = serving(app, host, port, patience=0.1, backlog=2_048)
        self.url = f"http://{host}:{await self._doors.enter_async_context(door)}/v1"
        return self.url

    async def stop(self) -> None:
        await self.responses.stop()
        await self._doors.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        await self.stop()
        if kind is None and self.responses.acts:
            raise AssertionError(f"The model was never asked for {list(self.responses.acts)}")

    async def idle(self) -> None:
        """Return once no response runs."""
        await asyncio.gather(*(running.finished.wait() for running in self.responses.all.values()))

    def state(self) -> Json:
        """What it holds, for a test in another process."""
        return {
            "conversations": {
                conversation.id: {"items": conversation.items, "locked": bool(conversation.lock)}
                for conversation in self.conversations.all.values()
            },
            "files": sorted(self.uploads.all),
            "responses": {running.id: running.status for running in self.responses.all.values()},
            "words": {
                last_user_text(running.input): (running.first_word_at, running.last_word_at)
                for running in self.responses.all.values()
            },
            "model_calls": self.responses.calls,
            "requests": self.counts,
        }

    # -- HTTP ----------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handle) -> web.StreamResponse:
        if request.path == "/_state":
            return answer(self.state())
        resource = request.match_info.route.resource
        name = f"{request.method} {resource.canonical if resource else request.path}"
        self.counts[name] = self.counts.get(name, 0) + 1
        if self.meets(name, False) and request.transport:
            request.transport.abort()
            return web.Response()
        try:
            self._admit(request, name)
            done = await handler(request)
        except ApiError as error:
            return answer(error.body, error.status, {**self._headers(), **error.headers})
        self.meets(name, True)
        return done

    def _admit(self, request: web.Request, name: str) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            raise ApiError(
                401,
                "Incorrect API key provided: sk-***. You can find your API key in your account.",
                code="invalid_api_key",
            )
        if self.down:
            raise ApiError(503, "The server is down.", type="service_unavailable_error")
        if name in self.fails_next:
            raise self.fails_next.pop(name)

    def _headers(self) -> dict[str, str]:
        return {
            "x-request-id": self.ids("req"),
            "openai-processing-ms": "1",
            "x-ratelimit-limit-requests": "10000",
            "x-ratelimit-remaining-requests": "9999",
            "x-ratelimit-reset-requests": "6ms",
            "x-ratelimit-limit-tokens": "2000000",
            "x-ratelimit-remaining-tokens": "1999000",
            "x-ratelimit-reset-tokens": "30ms",
        }

    def _routes(self, router: web.UrlDispatcher) -> None:
        respond = self.responses
        streams = {
            ("POST", "/v1/responses"): respond.create,
            ("GET", "/v1/responses/{id}"): respond.retrieve,
            ("POST", "/v1/responses/{id}/cancel"): respond.cancel,
            ("DELETE", "/v1/responses/{id}"): respond.delete,
        }
        for (method, path), handle in streams.items():
            router.add_route(method, path, self._stream(handle))
        plain: dict[tuple[str, str], Callable[[web.Request], Awaitable[Json]]] = {
            ("GET", "/v1/models"): self._models,
            ("POST", "/v1/embeddings"): self.embeddings.create,
            ("POST", "/v1/files"): self.uploads.create,
            ("GET", "/v1/files"): self._files,
            ("GET", "/v1/files/{id}"): self._file,
            ("DELETE", "/v1/files/{id}"): self._delete_file,
            ("POST", "/v1/containers"): self._create_container,
            ("GET", "/v1/containers"): self._containers,
            ("GET", "/v1/containers/{id}"): self._container,
            ("POST", "/v1/containers/{id}/files"): self.containers.put,
            ("GET", "/v1/containers/{id}/files"): self._container_files,
            ("DELETE", "/v1/containers/{id}"): self._delete_container,
            ("DELETE", "/v1/containers/{id}/files/{file}"): self._delete_container_file,
        }
        plain |= self.vector_stores.routes()
        if self.hosted:
            plain |= {
                ("POST", "/v1/conversations"): self._create_conversation,
                ("GET", "/v1/conversations/{id}"): self._conversation,
                ("DELETE", "/v1/conversations/{id}"): self._delete_conversation,
                ("POST", "/v1/conversations/{id}/items"): self._add_items,
                ("GET", "/v1/conversations/{id}/items"): self._items,
                ("DELETE", "/v1/conversations/{id}/items/{item}"): self._delete_item,
            }
        for (method, path), read in plain.items():
            router.add_route(method, path, self._json(read))
        router.add_get("/v1/files/{id}/content", self._file_content)
        router.add_get("/v1/containers/{id}/files/{file}/content", self._container_content)
        router.add_route("*", "/{path:.*}", self._unknown)

    def _stream(
        self, handle: Callable[[web.Request, dict[str, str]], Awaitable[web.StreamResponse]]
    ) -> Handle:
        async def stream(request: web.Request) -> web.StreamResponse:
            return await handle(request, self._headers())

        return stream

    def _json(self, read: Callable[[web.Request], Awaitable[Json]]) -> Handle:
        async def handle(request: web.Request) -> web.Response:
            return answer(await read(request), headers=self._headers())

        return handle

    async def _unknown(self, request: web.Request) -> web.Response:
        raise ApiError(404, f"Invalid URL ({request.method} {request.path})")

    async def _models(self, _: web.Request) -> Json:
        models = [
            {"id": name, "object": "model", "created": 1, "owned_by": "openai", "shutdown_date": date}
            for name, date in self.model.known.items()
        ]
        return {"object": "list", "data": models}

    async def _create_conversation(self, request: web.Request) -> Json:
        return self.conversations.create(CONVERSATION.check(await read_json(request))).shown()

    async def _conversation(self, request: web.Request) -> Json:
        return self.conversations.get(request.match_info["id"]).shown()

    async def _delete_conversation(self, request: web.Request) -> Json:
        return self.conversations.delete(request.match_info["id"])

    async def _add_items(self, request: web.Request) -> Json:
        body = ITEMS.check(await read_json(request))
        return self.conversations.add(request.match_info["id"], body["items"])

    async def _items(self, request: web.Request) -> Json:
        return self.conversations.list(request.match_info["id"], dict(request.query))

    async def _delete_item(self, request: web.Request) -> Json:
        return self.conversations.delete_item(request.match_info["id"], request.match_info["item"])

    async def _files(self, request: web.Request) -> Json:
        return self.uploads.list(dict(request.query))

    async def _file(self, request: web.Request) -> Json:
        return self.uploads.get(request.match_info["id"]).shown()

    async def _delete_file(self, request: web.Request) -> Json:
        return self.uploads.delete(request.match_info["id"])

    async def _file_content(self, request: web.Request) -> web.Response:
        return web.Response(body=self.uploads.get(request.match_info["id"]).data, headers=self._headers())

    async def _create_container(self, request: web.Request) -> Json:
        return self.containers.create(await read_json(request))

    async def _containers(self, request: web.Request) -> Json:
        return self.containers.list_all(dict(request.query))

    async def _container(self, request: web.Request) -> Json:
        return self.containers.shown(self.containers.get(request.match_info["id"]))

    async def _container_files(self, request: web.Request) -> Json:
        return self.containers.list(request.match_info["id"], dict(request.query))

    async def _container_content(self, request: web.Request) -> web.Response:
        data = self.containers.content(request.match_info["id"], request.match_info["file"])
        return web.Response(body=data, headers=self._headers())

    async def _delete_container(self, request: web.Request) -> Json:
        return self.containers.delete(request.match_info["id"])

    async def _delete_container_file(self, request: web.Request) -> Json:
        return self.containers.delete_file(request.match_info["id"], request.match_info["file"])
