"""One process as an operator meets it: started, in the way of another one, stopped."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.services import RunningServer

Factory = Callable[..., RunningServer]


def test_the_server_answers_and_stops_cleanly(running_server: RunningServer) -> None:
    with urllib.request.urlopen(f"{running_server.url}/health", timeout=10) as answer:
        assert json.load(answer)["status"] == "ok"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert running_server.stop() == 0
    assert "task_died" not in running_server.log()


@pytest.mark.parametrize("setting", ["port", "smtp_port"])
def test_a_port_in_use_is_named_with_the_setting_to_change(server_factory: Factory, setting: str) -> None:
    server = server_factory()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        server.settings[setting] = number
        ended = server.run("up", seconds=60)
    assert ended.returncode != 0
    assert f"Port {number} on 127.0.0.1 cannot be used" in ended.stderr
    assert f"set THROUGHLINE_{setting.upper()}" in ended.stderr


def test_production_does_not_start_without_a_secret(server_factory: Factory) -> None:
    ended = server_factory(mode="production").run("up", seconds=60)
    assert ended.returncode != 0
    assert "THROUGHLINE_SECRET is missing" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_production_serves_hashed_files(server_factory: Factory) -> None:
    server = server_factory(mode="production", secret="s" * 48).start()
    with urllib.request.urlopen(f"{server.url}/sign-in/", timeout=10) as answer:
        page = answer.read().decode()
    sheet = next(part.split('"')[0] for part in page.split('href="') if part.startswith("/static/css/tokens."))
    with urllib.request.urlopen(server.url + sheet, timeout=10) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_doctor_finds_a_healthy_house(running_server: RunningServer) -> None:
    ended = running_server.run("doctor")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "All is well." in ended.stdout


def test_doctor_names_what_is_wrong_and_its_cure(server_factory: Factory) -> None:
    ended = server_factory(redis="redis://127.0.0.1:1/0").run("doctor")
    assert ended.returncode == 1
    assert "Redis does not answer" in ended.stdout
    assert "Check THROUGHLINE_REDIS" in ended.stdout


def test_verify_says_that_nothing_was_changed(server_factory: Factory) -> None:
    server = server_factory(demo=1)
    assert server.run("demo", "--conversations", "14").returncode == 0
    ended = server.run("verify")
    assert ended.returncode == 0, ended.stdout
    assert "14 conversations verified" in ended.stdout
    assert "1 conversation verified" in server.run("verify", "--case", "BR-3").stdout
    assert server.run("verify", "--case", "XX-9").returncode == 2


def test_the_demo_goes_into_an_empty_store_only(server_factory: Factory) -> None:
    server = server_factory(demo=1)
    assert server.run("demo", "--conversations", "2").returncode == 0
    ended = server.run("demo")
    assert ended.returncode != 0
    assert "not empty" in ended.stderr


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_without_end_is_refused_before_it_fills_the_disk(running_server: RunningServer, announced: bool) -> None:
    chunk = b"x" * 1_000_000
    with socket.create_connection(("127.0.0.1", running_server.port), timeout=20) as line:
        length = b"Content-Length: 900000000" if announced else b"Transfer-Encoding: chunked"
        line.sendall(b"POST /files HTTP/1.1\r\nHost: localhost\r\n" + length + b"\r\n\r\n")
        with suppress(OSError):
            for _ in range(60):
                line.sendall(chunk if announced else b"f4240\r\n" + chunk + b"\r\n")
        with suppress(ConnectionResetError):
            answer = line.recv(4096)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 413")
        with pytest.raises(OSError):
            for _ in range(200):
                line.sendall(chunk)
    assert running_server.healthy()
