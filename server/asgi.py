"""The ASGI application: Django for HTTP, the live consumers for WebSocket. Neutral between servers (Daphne, uvicorn)."""

from __future__ import annotations

import os
from typing import Any, cast

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path


def _made() -> ProtocolTypeRouter:
    pages = get_asgi_application()
    # The rooms need Django to be set up, which the line above did.
    from chat.discover import gathered

    sockets = URLRouter([*gathered("websocket_urlpatterns"), re_path("", cast(Any, _nowhere))])
    return ProtocolTypeRouter({"http": pages, "websocket": sockets})


async def _nowhere(scope: Any, receive: Any, send: Any) -> None:
    """A WebSocket to an address nobody listens on is refused, without an error in our log."""
    await receive()
    await send({"type": "websocket.close"})


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
application = _made()
