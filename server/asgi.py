"""The ASGI application: Django for HTTP, the live consumers for WebSocket. Neutral between servers (Daphne, uvicorn)."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  # Django must know its settings first
from django.core.asgi import get_asgi_application  # noqa: E402  # as above

_pages = get_asgi_application()

from chat.discover import gathered  # noqa: E402  # the rooms need Django to be set up

application = ProtocolTypeRouter({"http": _pages, "websocket": URLRouter(gathered("websocket_urlpatterns"))})
