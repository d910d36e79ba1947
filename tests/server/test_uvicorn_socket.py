"""Under uvicorn a connection ends although its other side neither reads nor answers."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
import uvicorn

from server import uvicorn_socket
from server.uvicorn_socket import BoundedSocket

_HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def test_who_neither_reads_nor_answers_a_ping_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn_socket, "LAST_WORDS", 0.2)
    ended = asyncio.Event()

    async def talks_on(scope: Any, receive: Any, send: Any) -> None:
        try:
            await send({"type": "websocket.accept"})
            while True:
                await send({"type": "websocket.send", "text": "x" * 100_000})
        finally:
            ended.set()

    config = uvicorn.Config(talks_on, lifespan="off", log_config=None, ws=BoundedSocket, ws_ping_interval=0.2, ws_ping_timeout=0.2)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server._serve(sockets=[listener]))
        with socket.create_connection(listener.getsockname(), timeout=10) as line:
            line.sendall(_HANDSHAKE)
            async with asyncio.timeout(15):
                await ended.wait()
        server.should_exit = True
        await serving
