"""A web server that stops leaves nobody connected."""

import asyncio
import socket
from contextlib import suppress

import pytest
from aiohttp import web

from adapters.web.serving import serving


@pytest.mark.parametrize("rounds", range(6))
async def test_whoever_connects_while_the_server_stops_is_disconnected(rounds: int) -> None:
    """So many rounds of the event loop before; in some of them the connection is accepted only by half."""
    async with serving(web.Application(), "127.0.0.1", 0, patience=1) as port:
        client = socket.create_connection(("127.0.0.1", port))
        client.setblocking(False)
        for _ in range(rounds):
            await asyncio.sleep(0)
    with client:
        async with asyncio.timeout(5):
            with suppress(ConnectionResetError):
                assert await asyncio.get_running_loop().sock_recv(client, 1) == b""
