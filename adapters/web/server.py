"""The web server: the page, its API, the state of health, and what other adapters put beside them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from adapters.web import assets
from adapters.web.api import Api
from adapters.web.door import Door, keep_shut
from adapters.web.guard import Names, add_headers, guard
from adapters.web.problems import explain
from adapters.web.serving import serving
from bot.errors import MaruError, SettingsError
from bot.settings import loopback

Health = Callable[[], Awaitable[Mapping[str, str]]]
"""Part -> what is wrong with it; empty when it works."""

LONGEST_BODY = 1_000_000  # bytes of JSON; files are streams of their own
SHUTDOWN = 2.0  # seconds for requests that are being answered


def application(
    api: Api, *, names: Names, door: Door, health: Health, outside: Sequence[web.RouteDef] = ()
) -> web.Application:
    """Everything that is served. `outside` are routes that other services call: they guard themselves."""
    files = assets.load()
    free = frozenset({route.path for route in outside})
    app = web.Application(
        middlewares=[
            explain,
            guard(names, free | {"/healthz", "/readyz"}),
            keep_shut(door, free, assets.paths(files)),
        ],
        client_max_size=LONGEST_BODY,
    )

    async def healthz(_: web.Request) -> web.StreamResponse:
        return web.json_response({"alive": True})

    async def readyz(_: web.Request) -> web.StreamResponse:
        parts = await health()
        ready = not any(parts.values())
        told = {part: problem or "ok" for part, problem in parts.items()}
        return web.json_response({"ready": ready, "parts": told}, status=200 if ready else 503)

    app.add_routes(
        [web.get("/healthz", healthz), web.get("/readyz", readyz), web.post("/api/login", door.enter)]
    )
    app.add_routes(assets.routes(files))
    app.add_routes(api.routes())
    app.add_routes(outside)
    app.on_response_prepare.append(add_headers)

    async def end_streams(_: web.Application) -> None:
        api.hub.close()

    app.on_shutdown.append(end_streams)
    return app


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve while entered; gives the address. Raises MaruError where nobody can listen."""
    async with AsyncExitStack() as open_:
        try:
            bound = await open_.enter_async_context(serving(app, host, port, patience=SHUTDOWN))
        except OSError as error:
            raise MaruError(
                f"The web page cannot listen on {host}:{port} ({error.strerror}). "
                "Stop the program that does, or set MARU_WEB to another address or to off."
            ) from error
        yield f"http://{f'[{host}]' if ':' in host else host}:{bound}"


def demand_token(host: str, token: str | None) -> None:
    """The page is open to whoever reaches it, so only this machine may do so without a token."""
    if not token and not loopback(host):
        raise SettingsError([f"MARU_WEB: others can reach {host}. Set MARU_WEB_TOKEN to a long random text."])
