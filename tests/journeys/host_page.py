"""A shop's page on another origin, as strict and as rude to scripts as real pages are. Knows only the snippet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

PAGE = """<!doctype html><html lang="en"><head><title>Shop</title><link rel="stylesheet" href="/rude.css"></head>
<body><p>Lamps.</p>
<script {kind} async src="{url}/widget.js" data-site="brindle" data-hue="30"></script></body></html>"""
RUDE = "* { all: unset !important; font-size: 8px !important; display: inline } iframe, button { display: none !important }"


@contextmanager
def host_page(url: str, *, kind: str = 'type="module"', policy: str = "") -> Iterator[str]:
    """Serves the page; gives its origin. Its policy lets in nothing but the loader and the panel."""
    policy = policy or f"default-src 'none'; style-src 'self'; script-src {url}; frame-src {url}; require-trusted-types-for 'script'"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sheet = self.path == "/rude.css"
            body = (RUDE if sheet else PAGE.format(kind=kind, url=url)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if sheet else "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """The test's output is no access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
