"""The ASGI application: Django for HTTP, the live consumers for WebSocket. Neutral between servers (Daphne, uvicorn)."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application


def _made() -> ProtocolTypeRouter:
    pages = get_asgi_application()
    # The rooms need Django to be set up, which the line above did.
    from chat.discover import gathered

    return ProtocolTypeRouter({"http": pages, "websocket": URLRouter(gathered("websocket_urlpatterns"))})


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
application = _made()
