"""The raw ASGI echo under Daphne or uvicorn as they are installed: what anybody gets who writes an application without us."""

from __future__ import annotations

import asyncio

from django.conf import settings

from benchmarks.servers.echo import echo


def serve() -> None:
    if settings.SERVER == "uvicorn":
        import uvicorn

        uvicorn.run(echo, host=settings.HOST, port=settings.PORT, log_level="warning", lifespan="off")
        return
    from twisted.internet import asyncioreactor

    asyncioreactor.install(asyncio.new_event_loop())
    from daphne.server import Server

    Server(echo, endpoints=[f"tcp:port={settings.PORT}:interface={settings.HOST}"], websocket_timeout=-1, verbosity=0).run()
