"""`/health` and `/metrics` of any role on a port of its own, for a private network. Speaks as much HTTP/1.1 as that takes.

In the main loop on purpose: if the loop hangs, nobody answers here, and that is the answer.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import orjson
import structlog
from django.db import close_old_connections
from prometheus_client.exposition import choose_encoder

from server import health, metrics

log = structlog.get_logger()

LARGEST = 8 * 1024
"""Octets of a request line with its headers."""
REQUEST = 5.0
"""Seconds for a request to come in, and for an answer to be taken."""
LOOK = 8.0
"""Seconds in which health must be found out; an operator's probe waits a little longer."""
HANGS = f"database or blob store did not answer within {LOOK:.0f} s"
AT_ONCE = 16
"""Connections; beyond, they are closed without a word."""

Answer = tuple[int, str, bytes]
"""Status, content type, body."""


async def answer(listener: socket.socket, stopping: asyncio.Event) -> None:
    """Answer on a listening socket until `stopping`."""
    status = Status()
    await status.listen(listener)
    await stopping.wait()
    status.close()


class Status:
    """Answers on a listening socket from `listen` to `close`."""

    def __init__(self) -> None:
        # One thread: however many ask, one look at a time, and one that hangs leaves the readers of conversations alone.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="status")
        self._pages: dict[str, Callable[[str], Awaitable[Answer]]] = {"/health": self._health, "/metrics": self._metrics}
        self._open = 0
        self._server: asyncio.Server | None = None

    async def listen(self, listener: socket.socket) -> None:
        self._server = await asyncio.start_server(self._serve, sock=listener, limit=LARGEST)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= AT_ONCE:
                async with asyncio.timeout(REQUEST):
                    request = await reader.readuntil(b"\r\n\r\n")
                answer = await self._answer(request)
                async with asyncio.timeout(REQUEST):
                    writer.write(answer)
                    await writer.drain()
        except asyncio.LimitOverrunError:
            writer.write(_http((431, "text/plain", b"")))
        except (TimeoutError, asyncio.IncompleteReadError, OSError):
            pass  # whoever asked has gone, or never asked
        except Exception:
            log.exception("status_failed")
            writer.write(_http((500, "text/plain", b"")))
        finally:
            self._open -= 1
            writer.close()

    async def _answer(self, request: bytes) -> bytes:
        line, _, rest = request.decode("latin-1").partition("\r\n")
        method, _, target = line.partition(" ")
        if method not in ("GET", "HEAD"):
            return _http((405, "text/plain", b""))
        page = self._pages.get(target.partition(" ")[0].partition("?")[0])
        if page is None:
            return _http((404, "text/plain", b"Ask for /health or /metrics.\n"))
        return _http(await page(_header(rest, "accept")), with_body=method == "GET")

    async def _health(self, accept: str) -> Answer:
        found = await self._examined()
        if found is None:
            return 503, "application/json", orjson.dumps({"status": "trouble", "problems": {"database": HANGS}, "warnings": {}})
        return found.status, "application/json", orjson.dumps(found.told())

    async def _metrics(self, accept: str) -> Answer:
        encode, content_type = choose_encoder(accept)
        return 200, content_type, encode(metrics.registry(await self._examined()))

    async def _examined(self) -> health.Health | None:
        def look() -> health.Health:
            close_old_connections()
            return health.examined()

        try:
            async with asyncio.timeout(LOOK):
                return await asyncio.get_running_loop().run_in_executor(self._thread, look)
        except TimeoutError:
            log.error("status_look_hangs", seconds=LOOK)
            return None


def _header(text: str, name: str) -> str:
    for line in text.split("\r\n"):
        found, _, value = line.partition(":")
        if found.strip().lower() == name:
            return value.strip()
    return ""


def _http(answer: Answer, *, with_body: bool = True) -> bytes:
    status, content_type, body = answer
    head = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + (body if with_body else b"")
