"""The inbox's addresses: its pages and its live socket."""

from __future__ import annotations

from django.urls import path

from chat.web.inbox import pages
from chat.web.inbox.live import websocket_urlpatterns as websocket_urlpatterns

urlpatterns = [
    path("inbox/", pages.inbox, name="inbox"),
    path("inbox/colleagues", pages.colleagues),
    path("inbox/jump", pages.jump),
    path("inbox/beside/<int:conversation>", pages.beside),
    path("inbox/c/<int:conversation>/", pages.conversation, name="inbox-conversation"),
    path("inbox/c/<int:conversation>/record/", pages.conversation),
    path("inbox/<slug:place>/", pages.inbox),
]
