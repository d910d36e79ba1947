"""Gathers the pages of every room; a room lists its own in `urlpatterns`."""

from __future__ import annotations

from chat.discover import gathered
from server.health import urlpatterns as health

urlpatterns = [*health, *gathered("urlpatterns")]
