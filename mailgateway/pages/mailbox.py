"""The local mailbox: mail that had no relay to go to, read and answered in the browser as the customer would. Answers go through real SMTP.

Open to everybody while trying things out; in production, or with a relay, to administrators only.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chat.ledger.received import Arrival
from chat.people.models import Site
from mailgateway import addresses, kept_mail
from mailgateway.kept_mail import KeptMail
from mailgateway.sending import local_mailbox

View = Callable[..., HttpResponse]
PAGE = 40
MAX_TEXT = 20_000
FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"


def _from_here(request: HttpRequest) -> bool:
    return request.META.get("REMOTE_ADDR", "") in ("127.0.0.1", "::1")


def allowed(view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Links and codes of every customer stand in these mails: without sign-in they are for whoever sits at this machine.
        if settings.RELAY or settings.PRODUCTION or settings.TRUSTED_PROXIES or not _from_here(request):
            user = request.user
            if not user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if getattr(user, "role", "") != "admin":
                return render(request, "mailbox/closed.html", status=403)
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return checked


@require_GET
@allowed
def mails(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """The list, and beside it one mail: the one asked for, or the latest."""
    before = request.GET.get("before", "")
    rows = local_mailbox.mails(before=int(before) if before.isdecimal() else None, limit=PAGE + 1)
    found = _found(number) if number is not None else (rows[0] if rows else None)
    shown = kept_mail.read(local_mailbox.raw(found)) if found else None
    view = request.GET.get("as", "html")
    return render(
        request,
        "mailbox/mails.html",
        {
            "rows": [(row, _when(row)) for row in rows[:PAGE]],
            "older": rows[PAGE - 1].id if len(rows) > PAGE else None,
            "open": found,
            "mail": shown,
            "view": view if view in ("html", "text", "headers") else "html",
            "relay": settings.RELAY,
        },
    )


@require_GET
@allowed
def html(request: HttpRequest, number: int) -> HttpResponse:
    """The HTML part for the frame: no script, nothing loaded, links open beside."""
    mail = kept_mail.read(local_mailbox.raw(_found(number)))
    response = HttpResponse(kept_mail.for_frame(mail.html))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response


@require_POST
@allowed
def answer(request: HttpRequest, number: int) -> HttpResponse:
    text = request.POST.get("text", "").strip()[:MAX_TEXT]
    mail = kept_mail.read(local_mailbox.raw(_found(number)))
    if text:
        _send(request, _answer(mail, text), mail.to, mail.reply_to)
    else:
        messages.error(request, "Write something first.")
    return redirect("mailbox-mail", number=number)


@require_http_methods(["GET", "POST"])
@allowed
def write(request: HttpRequest) -> HttpResponse:
    """A new mail to the shop, as somebody writes it who has never chatted."""
    sites = [(site.name, addresses.public(site)) for site in Site.objects.order_by("pk")]
    form = {name: request.POST.get(name, "").strip() for name in ("name", "address", "to", "subject", "text")}
    if request.method == "POST":
        try:
            message = kept_mail.new(
                name=form["name"],
                address=form["address"].lower(),
                to=form["to"],
                subject=form["subject"],
                text=form["text"][:MAX_TEXT] or "\n",
                now=timezone.now(),
            )
        except (ValueError, IndexError):
            messages.error(request, "One of the addresses is none. An address looks like name@example.com.")
        else:
            if _send(request, message, form["address"].lower(), form["to"]):
                return redirect("mailbox")
    return render(request, "mailbox/write.html", {"sites": sites, "form": form, "open": None})


def _answer(mail: KeptMail, text: str) -> EmailMessage:
    return kept_mail.answer(mail, text, now=timezone.now())


def _send(request: HttpRequest, message: EmailMessage, sender: str, to: str) -> bool:
    """Through our own gateway, as from outside."""
    host = settings.SMTP_HOST if settings.SMTP_HOST not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104  # compared, not bound
    try:
        with smtplib.SMTP(host, settings.SMTP_PORT, local_hostname="mailbox.localhost", timeout=15) as gateway:
            gateway.send_message(message, sender, [to])
    except smtplib.SMTPRecipientsRefused as refusal:
        said = next(iter(refusal.recipients.values()))[1]
        messages.error(request, f"The gateway did not take it: {said.decode(errors='replace')}")
    except (smtplib.SMTPException, OSError) as problem:
        messages.error(request, f"Not sent: the gateway at {host}:{settings.SMTP_PORT} said {problem}.")
    else:
        messages.success(request, f"Sent to {to} through the mail gateway. It stands in the conversation in a moment.")
        return True
    return False


def _found(number: int) -> Arrival:
    found = local_mailbox.mail(number)
    if found is None:
        raise Http404("There is no such mail.")
    return found


def _when(row: Arrival) -> datetime:
    return datetime.fromtimestamp(row.received_at / 1_000_000, UTC)
