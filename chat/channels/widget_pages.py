"""The pages of the chat in the customer's browser: the loader, the panel's own page, and a demo shop that embeds them.

They show a site and nothing of any conversation: what was said comes over the live connection alone.
"""

from __future__ import annotations

import functools
import hashlib
import json
import time
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from chat.people.models import Site
from chat.transcripts.offered import offers

SHEETS = ("css/tokens.css", "css/icons.css", "css/base.css", "css/widget.css")
MODULES = (
    *(f"vendor/{name}.js" for name in ("lit-html", "directive", "directive-helpers", "directives/repeat")),
    *(f"core/{name}.js" for name in ("a11y", "ask", "box", "element", "i18n", "outbox", "people", "socket", "store", "time", "uuid")),
    *(f"widget/{name}.js" for name in ("appearance", "channels", "frame", "live", "memory", "state", "thread", "upload")),
    *(f"widget/views/{name}.js" for name in ("home", "parts", "presence", "start")),
)
"""What the first page needs, preloaded, so that the depth of the imports costs no round trips. A test holds it to the imports."""
LOADER_AGE = 300
"""Seconds a browser keeps the loader without asking again; its address never changes."""
SEEN_EVERY = 60
"""Seconds between two notes that a site's widget was seen."""


@require_safe
def loader(request: HttpRequest) -> HttpResponse:
    """The script of the host page. Its address is for ever; an ETag keeps it cheap. Any origin may load it as a module."""
    script, tag = _loader()
    _note_origin(request)
    if request.headers.get("If-None-Match") == tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        answer = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    answer["ETag"] = tag
    answer["Cache-Control"] = f"public, max-age={LOADER_AGE}"
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@require_safe
def panel(request: HttpRequest, key: str) -> HttpResponse:
    """The page inside the iframe. Only the site's own origins may embed it."""
    site = Site.objects.filter(key=key).first()
    if site is None:
        raise Http404("There is no such site.")
    origins = origins_of(site)
    _note_seen(site, _referrer(request))
    theme = request.GET.get("theme", "")
    context = {
        "site": site,
        "mail": f"{site.mail_base}@{settings.MAIL_DOMAIN}",
        "theme": theme if theme in ("light", "dark") else "",
        "origins": json.dumps(origins),
        "formats": json.dumps([[o.name, o.icon, o.label, o.hint, int(o.archive)] for o in offers()]),
        "sheets": SHEETS,
        "modules": MODULES,
    }
    answer = render(request, "widget/panel.html", context)
    answer.frame_ancestors = origins  # type: ignore[attr-defined]  # read by the middleware that writes the policy
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """A shop that embeds the widget just as a customer's shop would."""
    site = Site.objects.order_by("pk").first()
    if site is None:
        raise Http404("There is no site yet. Set one up first.")
    return render(request, "widget/demo.html", {"site": site})


def origins_of(site: Site) -> list[str]:
    """The web origins that may embed the widget, as https://shop.example. What is no origin is left out."""
    found = []
    for line in site.origins.split():
        parts = urlsplit(line)
        if parts.scheme in ("http", "https") and parts.hostname and not set(parts.netloc) & set(";,'\"@*"):
            found.append(f"{parts.scheme}://{parts.netloc}")
    return found


@functools.cache
def _loader() -> tuple[bytes, str]:
    place = finders.find("widget/loader.js")
    assert isinstance(place, str), "static/widget/loader.js is missing."
    script = Path(place).read_bytes()
    return script, f'"{hashlib.sha256(script).hexdigest()[:32]}"'


def _referrer(request: HttpRequest) -> str:
    """The origin of the page that asked, or empty: browsers send no more of it across origins."""
    parts = urlsplit(request.headers.get("Referer", "")[:300])
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""


def _note_origin(request: HttpRequest) -> None:
    """The loader names no site, but a page's origin may belong to one."""
    origin = _referrer(request)
    if not origin or not _due(origin):
        return
    for site in Site.objects.filter(origins__contains=origin):
        if origin in origins_of(site):
            _note_seen(site, origin)


def _note_seen(site: Site, origin: str) -> None:
    """Proof for the set-up page that the snippet works: where the widget was seen last."""
    now = time.time_ns() // 1000
    if origin and (now - site.widget_seen_at > SEEN_EVERY * 1_000_000 or site.widget_seen_on != urlsplit(origin).netloc):
        Site.objects.filter(pk=site.pk).update(widget_seen_at=now, widget_seen_on=urlsplit(origin).netloc[:200])


_asked: dict[str, float] = {}


def _due(origin: str) -> bool:
    """True once in a while for an origin, so that a busy shop's pages cost no query each."""
    now = time.monotonic()
    if now - _asked.get(origin, -SEEN_EVERY) < SEEN_EVERY:
        return False
    if len(_asked) > 1000:
        _asked.clear()
    _asked[origin] = now
    return True


urlpatterns = [
    path("widget.js", loader, name="widget-loader"),
    path("widget/<slug:key>/", panel, name="widget-panel"),
    path("demo/", demo, name="demo-shop"),
]
