"""The proof on the set-up page of mail: its steps one by one as they are known, or all of them on the page for browsers without script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict

import orjson
from django.http import HttpRequest, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase

from chat.people.models import Site
from chat.web.setup.pages import for_admins, mail_page
from mailgateway.setup import doctor_mail
from mailgateway.setup.advice import Step

LINES = "application/x-ndjson"


@for_admins
def prove(request: HttpRequest, site: Site) -> HttpResponseBase:
    """Sends a mail to ourselves and tells what becomes of it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if request.headers.get("Accept") == LINES:
        return StreamingHttpResponse(_lines(site), content_type=LINES, headers={"X-Accel-Buffering": "no"})
    # This view has a thread of its own, and the page is whole when all is known.
    return mail_page(request, site, steps=asyncio.run(_all(site)))


async def _lines(site: Site) -> AsyncIterator[bytes]:
    async for step in doctor_mail.steps(site):
        yield orjson.dumps(asdict(step)) + b"\n"


async def _all(site: Site) -> list[Step]:
    return [step async for step in doctor_mail.steps(site)]
