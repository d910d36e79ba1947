"""The ASGI application: Django for HTTP, the live consumers for WebSocket. Neutral between servers (Daphne, uvicorn)."""

from __future__ import annotations

import os
from typing import Any, cast

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path


class _Kinds(ProtocolTypeRouter):  # type: ignore[misc]  # channels has no types
    """Hands a connection over. Channels' own waits for it to end, and keeps a frame for each."""

    def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        return self.application_mapping[scope["type"]](scope, receive, send)


class _Addresses(URLRouter):  # type: ignore[misc]
    """Likewise. Our sockets take nothing from their address, so the scope need not be copied with it."""

    def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        path = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        return next(route.callback for route in self.routes if route.pattern.match(path))(scope, receive, send)


def _made() -> _Kinds:
    pages = get_asgi_application()
    # The rooms need Django to be set up, which the line above did.
    from chat.discover import gathered

    sockets = _Addresses([*gathered("websocket_urlpatterns"), re_path("", cast(Any, _nowhere))])
    return _Kinds({"http": pages, "websocket": sockets})


async def _nowhere(scope: Any, receive: Any, send: Any) -> None:
    """A WebSocket to an address nobody listens on is refused, without an error in our log."""
    await receive()
    await send({"type": "websocket.close"})


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
application = _made()
