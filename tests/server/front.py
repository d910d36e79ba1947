"""The nginx that docs/operations.md tells of, on free ports of this machine: what stands on the page is what runs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import websockets

from tests.chat.live.line import Client
from tests.house.sources import text
from tests.services import certificate, free_port
from tests.services.nginx import SERVED_BY, Nginx

BLOCK = re.compile(r"^```nginx\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Front:
    """Addresses, ports and names of files are all that is replaced in the page's words."""

    def __init__(self, folder: Path) -> None:
        self.port, self.smtp_port = free_port(), free_port()
        self.url = f"https://localhost:{self.port}"
        self.certificate = certificate.for_localhost(folder)
        self._folder = folder
        self._nginx: Nginx | None = None

    def start(self, *, web: tuple[int, int], mail: tuple[int, int]) -> None:
        """Before two web servers and two mail gateways that listen, or will listen, on these ports."""
        http, main = (self._fitted(block, web, mail) for block in BLOCK.findall(text("docs/operations.md")))
        self._nginx = Nginx(self._folder, http=http, main=main, ports=[self.port, self.smtp_port])

    def stop(self) -> None:
        if self._nginx is not None:
            self._nginx.stop()

    @asynccontextmanager
    async def door(self, face: str, *, cookie: str = "", seen: Callable[[int], None] = lambda _: None) -> AsyncIterator[Client]:
        """A live connection through the proxy; `seen` is told the port of the server behind that got it."""
        headers = {"Cookie": cookie} if cookie else {}
        address, origin = self.url.replace("https", "wss", 1), websockets.Origin(self.url)
        trusted = self.certificate.trusting()
        async with websockets.connect(f"{address}/live/{face}", ssl=trusted, origin=origin, additional_headers=headers) as connection:
            assert connection.response is not None
            seen(int(connection.response.headers[SERVED_BY].rpartition(":")[2]))
            yield Client(connection)

    def _fitted(self, block: str, web: tuple[int, int], mail: tuple[int, int]) -> str:
        here = {
            "10.0.0.11:8000": f"127.0.0.1:{web[0]}",
            "10.0.0.12:8000": f"127.0.0.1:{web[1]}",
            "10.0.0.21:2525": f"127.0.0.1:{mail[0]}",
            "10.0.0.22:2525": f"127.0.0.1:{mail[1]}",
            "listen 10.0.0.10:2525": f"listen 127.0.0.1:{self.smtp_port}",
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            "/etc/ssl/support.example.com.pem": str(self.certificate.chain),
            "/etc/ssl/support.example.com.key": str(self.certificate.key),
        }
        for written, real in here.items():
            block = block.replace(written, real)
        assert "10.0.0." not in block, "The page names an address that nothing here stands for."
        return block
