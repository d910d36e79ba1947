"""The door for providers that post mail over HTTPS: 200 only after the mail is durable, as 250 over SMTP. Knows no provider's format."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from mailgateway import inbound
from mailgateway.doors import webhook_providers, webhook_reports
from mailgateway.doors.webhook_providers import Denied, Posted, Unusable

log = structlog.get_logger()

AT_ONCE = 3
AWAY = "We cannot store your mail at this moment. Nothing is lost: please post it again in a few minutes."


@csrf_exempt  # no cookie counts here: the provider shows its secret or signature
async def mails(request: HttpRequest, provider: str) -> HttpResponse:
    """One post with mail in it."""
    return await _taken(request, provider, webhook_providers.read)


@csrf_exempt  # likewise
async def reports(request: HttpRequest, provider: str) -> HttpResponse:
    """One post that says what became of mail of ours."""
    return await _taken(request, provider, webhook_reports.read)


async def _taken(request: HttpRequest, provider: str, read: webhook_providers.ReadPost) -> HttpResponse:
    secrets = settings.MAIL_HOOKS.get(provider)
    if not secrets:
        return _answer(404, "Nobody listens here. THROUGHLINE_MAIL_HOOKS names the providers.")
    if request.method != "POST":
        # Some look whether we are there before they post.
        return _answer(200, "") if request.method in ("HEAD", "GET") else _answer(405, "POST mail here.")

    def found_in_body() -> Sequence[Posted]:
        # The web server bounds it; Django's own bound is for forms of people.
        request._body = request.read()  # type: ignore[attr-defined]
        try:
            return read(provider, request, secrets)
        finally:
            # Whatever still refers to the request, a refusal's traceback too, holds no 30 MB by it.
            request._body = b""  # type: ignore[attr-defined]

    try:
        async with _turn():
            found = await asyncio.to_thread(found_in_body)
    except Denied:
        log.warning("hook_refused", provider=provider)
        refused = _answer(401, "The secret or signature is not right.")
        refused["WWW-Authenticate"] = 'Basic realm="mail"'
        return refused
    except Unusable as problem:
        log.warning("hook_unusable", provider=provider, problem=str(problem)[:200])
        return _answer(400, str(problem))
    except OSError as problem:
        log.warning("hook_provider_away", provider=provider, problem=type(problem).__name__)
        return _later()
    return await _kept(provider, found)


@cache
def _turns() -> dict[asyncio.AbstractEventLoop, asyncio.Semaphore]:
    return {}


def _turn() -> asyncio.Semaphore:
    """A few at once for each loop: a body stands in memory before anybody knows who posted it."""
    return _turns().setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))


async def _kept(provider: str, found: Sequence[Posted]) -> HttpResponse:
    try:
        rows = [await inbound.hand_in(each.raw, each.post) for each in found]
    except (OSError, DatabaseError) as problem:
        log.warning("hook_store_away", provider=provider, problem=type(problem).__name__)
        return _later()
    log.info("hook_kept", provider=provider, rows=rows)
    return _answer(200, f"Kept as {', '.join(map(str, rows))}." if rows else "Heard.")


def _later() -> HttpResponse:
    response = _answer(503, AWAY)
    response["Retry-After"] = "60"
    return response


def _answer(status: int, words: str) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("mail/hooks/<slug:provider>/", mails),
    path("mail/hooks/<slug:provider>/mime", mails),  # Mailgun posts the raw mail to addresses that end so
    path("mail/hooks/<slug:provider>/reports/", reports),
]
