"""Daphne and uvicorn as visitors meet them: the same pages, chat, bounds and last words, whichever is chosen."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from collections.abc import Callable
from contextlib import suppress

import pytest
import websockets

from tests.chat.live.line import Client
from tests.services import RunningServer

Factory = Callable[..., RunningServer]


@pytest.fixture(params=["daphne", "uvicorn"])
def shop(request: pytest.FixtureRequest, server_factory: Factory) -> RunningServer:
    server = server_factory(server=request.param, demo=1)
    assert server.run("demo", "--conversations", "2").returncode == 0
    return server.start()


def _line(server: RunningServer, **options: object) -> websockets.connect:
    return websockets.connect(f"ws://127.0.0.1:{server.port}/live/widget", **options)  # type: ignore[arg-type]


def _looks_at_a_page(server: RunningServer) -> None:
    with urllib.request.urlopen(f"{server.url}/sign-in/", timeout=10) as page:
        assert page.headers["Server"] == "throughline"
        assert "<form" in page.read().decode()


async def test_a_visitor_chats_until_the_server_stops(shop: RunningServer) -> None:
    await asyncio.to_thread(_looks_at_a_page, shop)
    async with _line(shop) as connection:
        nadia = Client(connection)
        await nadia.hello(site="brindle", visitor="")
        opened = await nadia.done("open", text="My lamp came with a dent.", name="Nadia")
        await nadia.done("say", opened["conversation"], text="Hello?")
        said = await nadia.next("event", kind="message.said", position=3)
        assert said["body"]["text"] == "Hello?"
        stopping = asyncio.create_task(asyncio.to_thread(shop.stop))
        assert await nadia.closed() == (4001, "the server stops")
    assert await stopping == 0
    assert "task_died" not in shop.log() and "Traceback" not in shop.log()


async def test_frames_travel_undeflated(shop: RunningServer) -> None:
    async with _line(shop, compression="deflate") as connection:
        assert connection.protocol.extensions == []


async def test_a_socket_is_refused_and_closed_in_the_same_words(shop: RunningServer) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with _line(shop, origin="https://elsewhere.example"):
            pass
    assert refused.value.response.status_code == 403
    with pytest.raises(websockets.InvalidStatus) as nowhere:
        async with websockets.connect(f"ws://127.0.0.1:{shop.port}/live/nowhere"):
            pass
    assert nowhere.value.response.status_code == 403
    async with _line(shop) as connection:
        await connection.send("no frame of ours")
        assert await Client(connection).closed() == (4400, "a malformed frame")
    async with _line(shop) as connection:
        await connection.send("x" * 70_000)
        assert await Client(connection).closed() == (4413, "frame too large")
    async with _line(shop) as connection:
        with suppress(websockets.ConnectionClosed):
            await connection.send("x" * 300_000)
        # uvicorn says why, Daphne cuts the line.
        assert (await Client(connection).closed())[0] in (1009, 1006)


async def test_a_thousand_frames_sent_at_once_are_taken_no_faster_than_they_are_dealt_with(shop: RunningServer) -> None:
    async with _line(shop) as connection:
        nadia = Client(connection)
        await nadia.hello(site="brindle", visitor="")
        for _ in range(250):
            await nadia.send("beat")
        await nadia.done("open", text="Still there?", name="Nadia")


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_without_end_is_refused_in_the_same_words(shop: RunningServer, announced: bool) -> None:
    chunk = b"x" * 1_000_000
    with socket.create_connection(("127.0.0.1", shop.port), timeout=20) as line:
        length = b"Content-Length: 900000000" if announced else b"Transfer-Encoding: chunked"
        line.sendall(b"POST /files HTTP/1.1\r\nHost: localhost\r\n" + length + b"\r\n\r\n")
        if announced:
            # Head and body may come in two pieces.
            answer = line.recv(4096)
            while b"stored." not in answer and (more := line.recv(4096)):
                answer += more
            assert answer.startswith(b"HTTP/1.1 413") and b"This is too large. Nothing was stored." in answer
        with pytest.raises(OSError):
            for _ in range(200):
                line.sendall(b"f4240\r\n" + chunk + b"\r\n")
    assert shop.healthy()


def test_a_web_server_that_is_unknown_is_named(server_factory: Factory) -> None:
    ended = server_factory(server="hypercorn").run("up", seconds=60)
    assert ended.returncode != 0
    assert "THROUGHLINE_SERVER='hypercorn' cannot be used: write daphne or uvicorn" in ended.stderr
