"""A token server of the test's own: gives access tokens for a refresh token or a secret, and vouches for them to a mail server."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from tests.services.ports import free_port


class TokenServer:
    """`token_url` is for apps, `vouching_url` for the mail server. Each refresh token is good once; the answer brings the next.

    `asked` holds what apps sent; `user` is whom the tokens are for.
    """

    def __init__(self, *, user: str = "nadia", refresh_token: str = "refresh-1") -> None:
        self.user = user
        self.asked: list[dict[str, str]] = []
        self._refresh, self._good, self._count = refresh_token, set[str](), 1
        port = free_port()
        self.token_url, self.vouching_url = f"http://127.0.0.1:{port}/token", f"http://127.0.0.1:{port}/vouch"
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _give(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.asked.append(form)
        if form.get("grant_type") == "refresh_token" and form.get("refresh_token") != self._refresh:
            return 400, {"error": "invalid_grant", "error_description": "This refresh token is not good any more."}
        self._count += 1
        self._refresh, token = f"refresh-{self._count}", f"access-{self._count}"
        self._good.add(token)
        more = {"refresh_token": self._refresh} if form.get("grant_type") == "refresh_token" else {}
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600, **more}

    def _vouch(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        good = form.get("token") in self._good
        return 200, {"active": "true", "username": self.user} if good else {"active": "false"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        ours = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                form = {name: values[-1] for name, values in parse_qs(text).items()}
                status, answer = ours._give(form) if self.path == "/token" else ours._vouch(form)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
