"""Debian's nginx on free ports with server blocks of the caller's. Knows nothing of what stands behind it."""

from __future__ import annotations

import getpass
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.services.ports import Unavailable, program, stop, wait_for_port

STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
SERVED_BY = "X-Served-By"
"""The header of each answer, also of a WebSocket's handshake, that says which server behind gave it."""

WHOLE = """\
load_module {module};
daemon off;
user {user};
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 1024; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    add_header {served_by} $upstream_addr always;
{http}
}}
{main}
"""


class Nginx:
    """`http` stands inside `http { }`, `main` beside it; once made, it listens on each of `ports`."""

    def __init__(self, folder: Path, *, http: str, main: str = "", ports: Sequence[int]) -> None:
        self._program = program("nginx", "nginx")
        if not STREAM.exists():
            raise Unavailable("nginx cannot balance TCP here. Install it with: sudo apt install libnginx-mod-stream")
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "error.log"
        configuration = folder / "nginx.conf"
        values = {"module": STREAM, "user": getpass.getuser(), "folder": folder, "served_by": SERVED_BY, "http": http, "main": main}
        configuration.write_text(WHOLE.format(**values))
        command = [self._program, "-p", str(folder), "-e", str(self._log), "-c", str(configuration)]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
        if checked.returncode:
            raise Unavailable(f"nginx refused its configuration: {checked.stderr}")
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        for port in ports:
            wait_for_port(port, process=self._process, log=self._log)

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        stop(self._process)
