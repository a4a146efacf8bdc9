"""Serves an application, and leaves nobody connected at the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web


@asynccontextmanager
async def serving(
    app: web.Application, host: str, port: int, *, patience: float, backlog: int = 128
) -> AsyncIterator[int]:
    """Serve while entered; gives the port. Raises OSError where nobody can listen.

    At the end, requests that are being answered have `patience` seconds.
    """
    loop = asyncio.get_running_loop()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=patience)
    await runner.setup()
    try:
        connect = cast("web.Server", runner.server)  # there is one after `setup`
        server = await loop.create_server(connect, host, port, backlog=backlog)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            # asyncio drops, and never closes, what it has accepted a round before its server is closed
            # (python/cpython#109564): so nobody is accepted any more, and a round later it is closed.
            for listener in server.sockets:
                loop.remove_reader(listener.fileno())
            await asyncio.sleep(0)
            server.close()
    finally:
        await runner.cleanup()
