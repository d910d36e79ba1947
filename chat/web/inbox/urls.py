"""The inbox's addresses: its pages and its live socket."""

from __future__ import annotations

from typing import Any

from chat.web.inbox.live import websocket_urlpatterns as websocket_urlpatterns

urlpatterns: list[Any] = []
