"""Gathers the pages of every room; a room lists its own in `urlpatterns`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import path

from chat.discover import gathered
from server.health import urlpatterns as health


def icon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it by this name wherever a page does not say where its icon is."""
    return redirect(static("core/mark.svg"))


urlpatterns = [path("favicon.ico", icon), *health, *gathered("urlpatterns")]
