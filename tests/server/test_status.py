"""The status port: health and figures of any role, with a bound on everything that whoever connects can do."""

from __future__ import annotations

import asyncio
import json
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest

from server import health, status
from server.process import bind
from tests.services import RunningServer, free_port


@pytest.fixture
async def port(database: str) -> AsyncIterator[int]:
    number, stopping = free_port(), asyncio.Event()
    answering = asyncio.create_task(status.answer(bind("127.0.0.1", number, "THROUGHLINE_STATUS"), stopping))
    yield number
    stopping.set()
    await asyncio.wait_for(answering, 5)


async def ask(port: int, request: bytes, *, within: float = 10) -> bytes:
    """What is answered until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with suppress(ConnectionResetError):
            writer.write(request)
            return await asyncio.wait_for(reader.read(), within)
        return b""
    finally:
        writer.close()


async def get(port: int, path: str, *, method: str = "GET", accept: str = "") -> tuple[int, str, bytes]:
    """Status, content type and body."""
    answer = await ask(port, f"{method} {path} HTTP/1.1\r\nHost: status\r\nAccept: {accept}\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    kind = next(line.partition(b": ")[2].decode() for line in head.split(b"\r\n") if line.startswith(b"Content-Type"))
    return int(head.split(b" ")[1]), kind, body


async def test_health_is_told(port: int) -> None:
    number, kind, body = await get(port, "/health")
    assert (number, kind, json.loads(body)["status"]) == (200, "application/json", "ok")


async def test_figures_are_told_in_the_format_that_is_asked_for(port: int) -> None:
    number, kind, body = await get(port, "/metrics")
    assert (number, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert b"\nthroughline_sockets_open 0.0\n" in body
    _, kind, body = await get(port, "/metrics?now", accept="application/openmetrics-text; version=1.0.0")
    assert kind.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


async def test_a_head_is_an_answer_without_its_body(port: int) -> None:
    number, _, body = await get(port, "/metrics", method="HEAD")
    assert (number, body) == (200, b"")


async def test_anything_else_is_refused(port: int) -> None:
    assert (await get(port, "/inbox/"))[0] == 404
    assert (await get(port, "/health", method="POST"))[0] == 405
    assert (await get(port, "nonsense"))[0] == 404
    assert (await ask(port, b"\r\n\r\n")).startswith(b"HTTP/1.1 405")


async def test_a_request_without_end_is_refused(port: int) -> None:
    assert (await ask(port, b"GET /health HTTP/1.1\r\nX: " + b"x" * 4 * status.LARGEST)) in (b"", _refused())
    assert (await get(port, "/health"))[0] == 200


def _refused() -> bytes:
    return status._http((431, "text/plain", b""))


async def test_who_says_nothing_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "REQUEST", 0.1)
    assert await ask(port, b"GET /hea", within=5) == b""


async def test_many_who_say_nothing_do_not_pile_up(port: int) -> None:
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(status.AT_ONCE)]
    assert await ask(port, b"GET /health HTTP/1.1\r\n\r\n", within=5) == b""
    for _, writer in idle:
        writer.close()
    async with asyncio.timeout(5):
        while not await ask(port, b"GET /health HTTP/1.1\r\n\r\n"):  # noqa: ASYNC110  # the port tells nobody that it has room again
            await asyncio.sleep(0.01)


async def test_a_look_that_hangs_is_trouble_and_the_other_figures_are_told(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "LOOK", 0.2)
    with health._guard:
        number, _, body = await get(port, "/health")
        assert (number, json.loads(body)["status"]) == (503, "trouble")
        number, _, body = await get(port, "/metrics")
        assert number == 200
        assert b"\nthroughline_problems 1.0\n" in body
        assert b"throughline_mails_waiting" not in body
    monkeypatch.setattr(status, "LOOK", 8.0)
    assert (await get(port, "/health"))[0] == 200


def test_a_running_server_answers_there_and_shows_figures_nowhere_else(server_factory: Callable[..., RunningServer]) -> None:
    number = free_port()
    server = server_factory(status=f"127.0.0.1:{number}").start()
    with urllib.request.urlopen(f"http://127.0.0.1:{number}/metrics", timeout=10) as answer:
        assert b"throughline_ledger_waiting 0.0" in answer.read()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{server.url}/metrics", timeout=10)
    assert server.stop() == 0
    assert "task_died" not in server.log()


def test_a_status_port_in_use_is_named_with_the_setting_to_change(server_factory: Callable[..., RunningServer]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = server_factory(status=f"127.0.0.1:{taken.getsockname()[1]}").run("up", seconds=60)
    assert ended.returncode != 0
    assert "set THROUGHLINE_STATUS" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("value", ["9100", ":9100", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:70000"])
def test_a_status_address_that_is_none_is_named(server_factory: Callable[..., RunningServer], value: str) -> None:
    ended = server_factory(status=value).run("doctor", seconds=60)
    assert ended.returncode != 0
    assert "THROUGHLINE_STATUS=" in ended.stderr
