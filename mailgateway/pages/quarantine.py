"""Mail that came in and was not trusted into a conversation by itself: agents see why, and take it in with one click."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from chat.actions.action import AGENTS
from chat.events.authorship import GOOD, Authorship
from chat.ledger import blobs, read, received
from chat.ledger.received import ASIDE, DROPPED, QUARANTINED, SPAM, Arrival
from chat.ledger.retain import ASIDE_DAYS
from chat.people.models import Agent, Site
from mailgateway import addresses, inbound
from mailgateway.deciding import by_hand
from mailgateway.reading import headers

PAGE = 50
HEAD = 64 * 1024
"""Octets looked at for the list: the mail itself may be what no program can read."""

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the page."""

    id: int
    sender: str
    subject: str
    reason: str
    at: datetime
    case: str
    """Case number of the conversation it may belong to."""
    conversation: str
    text: str
    """Its first words."""
    proof: str
    """In words, how it was proven who wrote it; empty if nothing was looked at."""
    proven: bool
    results: str


@require_GET
@login_required
def mails(request: HttpRequest) -> HttpResponse:
    agent = _agent(request)
    before = request.GET.get("before", "")
    state = SPAM if request.GET.get("what") == SPAM else QUARANTINED
    rows = received.listed(inbound.SOURCE, state, before=int(before) if before.isdecimal() else None, limit=PAGE)
    shown = [_shown(row) for row in rows if _may_see(agent, row)]
    older = rows[-1].id if len(rows) == PAGE else None
    told = {"mails": shown, "older": older, "spam": state == SPAM, "days": ASIDE_DAYS}
    return render(request, "mailbox/quarantine.html", told)


@require_GET
@login_required
def raw(request: HttpRequest, number: int) -> HttpResponse:
    """The mail as it came, as a download."""
    try:
        with blobs.open_blob(_found(request, number).digest) as file:
            response = HttpResponse(file.read(), content_type="application/octet-stream")
    except FileNotFoundError:
        raise Http404("The file with this mail is gone.") from None
    response.headers["Content-Disposition"] = f'attachment; filename="mail-{number}.eml"'
    return response


@require_POST
@login_required
def decide(request: HttpRequest, number: int) -> HttpResponse:
    row = _found(request, number)
    what = request.POST.get("what", "")
    if what == "leave":
        received.settle(row.id, DROPPED, reason=f"Set aside by {_agent(request).ref}: {row.reason}", conversation=row.conversation)
        messages.success(request, "Set aside. It is kept, but nobody needs to look at it any more.")
    elif by_hand.accept(row.id, by=_agent(request).ref, conversation=row.conversation if what == "there" else None):
        messages.success(request, "Taken in. It stands in the inbox in a moment.")
    return redirect(f"{reverse('quarantine')}?what=spam" if row.state == SPAM else "quarantine")


def _agent(request: HttpRequest) -> Agent:
    user: Any = request.user
    if not isinstance(user, Agent) or user.role not in AGENTS:
        raise PermissionDenied("Only agents decide about mail.")
    return user


def _found(request: HttpRequest, number: int) -> Arrival:
    row = received.get(number)
    if row is None or row.source != inbound.SOURCE or row.state not in ASIDE or not _may_see(_agent(request), row):
        raise Http404("There is no such mail.")
    return row


def _may_see(agent: Agent, row: Arrival) -> bool:
    site = addresses.site_of(tuple(row.envelope.get("recipients", ())))
    head = read.head(row.conversation) if row.conversation else None
    return agent.role == "admin" or agent.sites.filter(pk=head.site if head else site).exists()


def _shown(row: Arrival) -> Shown:
    known = headers.fields(_head(row.digest).replace(b"\r\n", b"\n").split(b"\n\n", 1)[0])
    head = read.head(row.conversation) if row.conversation else None
    site = Site.objects.filter(pk=head.site).first() if head else None
    glimpse = row.envelope.get("glimpse") or {}
    proof = Authorship.read(str(glimpse.get("proof", "")))
    return Shown(
        id=row.id,
        sender=headers.words(headers.first(known, "from"))[:200] or str(row.envelope.get("sender", "")) or "nobody named",
        subject=headers.words(headers.first(known, "subject"))[:200] or "no subject",
        reason=row.reason,
        at=datetime.fromtimestamp(row.received_at / 1_000_000, UTC),
        case=site.case(head.number) if site and head else "",
        conversation=str(head.conversation) if head else "",
        text=str(glimpse.get("text", "")),
        proof=proof.sentence() if proof else "",
        proven=proof is not None and proof.code in GOOD,
        results=", ".join(f"{method.upper()} {result}" for method, result in proof.results) if proof else "",
    )


def _head(digest: str) -> bytes:
    """Its first octets; none if the file is gone, which its reason says: the other rows must be seen all the same."""
    try:
        with blobs.open_blob(digest) as file:
            return file.read(HEAD)
    except FileNotFoundError:
        return b""
