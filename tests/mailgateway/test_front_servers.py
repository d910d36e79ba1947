"""The recipes of docs/mail.md for servers in front, word for word but for ports and paths, with the programs they are for."""

from __future__ import annotations

import asyncio
import re
import subprocess
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from chat.ledger.received import WAITING
from tests.house.sources import text
from tests.mailgateway.caller import called, gate
from tests.mailgateway.gateway import Gateway, rows
from tests.services import Postfix, free_port
from tests.services.exim import Exim
from tests.services.nginx import Nginx
from tests.services.ports import program

US, NOBODY = "support@support.example", "nobody@support.example"
REFUSED = 24
"""What swaks ends with when a recipient was refused."""


def recipe(language: str, *changes: tuple[str, str]) -> str:
    """The one block in this language, with what is particular to a test put in."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", text("docs/mail.md"), re.MULTILINE | re.DOTALL)
    for old, new in changes:
        assert old in found
        found = found.replace(old, new)
    return str(found)


async def test_postfix_asks_about_each_recipient_and_hands_over_by_lmtp(gateway: Gateway, services_folder: Path) -> None:
    path = services_folder / "lmtp"
    async with gate(lmtp=True, path=path):
        words = recipe("postfix", ("/run/throughline/lmtp", str(path))) + "address_verify_poll_delay = 1s\n"
        postfix = await asyncio.to_thread(lambda: Postfix(services_folder / "in-front", recipe=words))
        try:
            assert await _swaks(postfix.port, to=NOBODY) == REFUSED
            assert await _swaks(postfix.port, to=f"{US},support+more@support.example") == 0
            row = await _kept()
        finally:
            await asyncio.to_thread(postfix.stop)
    assert (row["door"], row["trusted"], set(row["recipients"])) == ("lmtp", True, {US, "support+more@support.example"})


async def test_exim_asks_about_each_recipient_and_hands_over_by_lmtp(
    gateway: Gateway, services_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "MAIL_FRONTS", [ip_network("127.0.0.1/32")])
    async with gate(lmtp=True) as port:
        words = recipe("exim", ("port = 2424", f"port = {port}"))
        exim = await asyncio.to_thread(lambda: Exim(services_folder / "exim", recipe=words))
        try:
            assert await _swaks(exim.port, to=NOBODY) == REFUSED
            assert await _swaks(exim.port, to="somebody@elsewhere.example") == REFUSED
            assert await _swaks(exim.port, to=US) == 0, exim.log()
            row = await _kept()
        finally:
            await asyncio.to_thread(exim.stop)
    assert (row["door"], row["trusted"], row["recipients"]) == ("lmtp", True, [US])


async def test_nginx_tells_whom_it_speaks_for(gateway: Gateway, services_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAIL_PROXIES", [ip_network("127.0.0.1/32")])
    port = free_port()
    servers = "server 10.0.0.5:2525; server 10.0.0.6:2525;"
    words = recipe("nginx", (servers, f"server 127.0.0.1:{gateway.port};"), ("listen 25;", f"listen 127.0.0.1:{port};"))
    nginx = await asyncio.to_thread(lambda: Nginx(services_folder / "balancer", http="", main=words, ports=[port]))
    try:
        assert await _swaks(port, "--local-interface", "127.0.0.2") == 0
        async with called(gateway.port, greeted=False) as beside:
            beside.send(b"EHLO x\r\n")
            assert await beside.rest() == b"", "nobody comes in beside the proxy"
    finally:
        await asyncio.to_thread(nginx.stop)
    assert (await _kept())["peer"] == "127.0.0.2"


async def _swaks(port: int, *more: str, to: str = US) -> int:
    command = [program("swaks", "swaks"), "--server", f"127.0.0.1:{port}", "--from", "nadia@customer.example", "--to", to]
    done = await asyncio.to_thread(
        subprocess.run, [*command, "--helo", "x.example", "--timeout", "20s", *more], capture_output=True, timeout=60
    )
    return int(done.returncode)


async def _kept() -> dict[str, Any]:
    """The envelope of the one mail that came in."""
    for _ in range(600):
        if rows(WAITING):
            break
        await asyncio.sleep(0.05)
    (row,) = rows(WAITING)
    return dict(row.envelope)
