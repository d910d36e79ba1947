"""The links to one conversation that are its reader's own: listed, made, cancelled one by one. Knows nothing of what a record shows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from chat.actions.access import Case
from chat.events.privacy import LinkIssued, LinkRevoked
from chat.ledger import keeping, read, stretch
from chat.ledger.append import Command, Fact, append
from chat.ledger.read import in_thread
from chat.ledger.stretch import Sieve
from chat.people import links
from chat.people.links import Issued, LinkSession
from chat.people.models import Link
from chat.transcripts.clock import Clock
from chat.transcripts.wording import CHANNELS
from chat.web.record import fresh
from chat.web.record.entrance import entered, gone, left, private

MOST = 50
"""Links that are listed, and that are alive at once for one reader of one conversation."""
TOO_MANY = "There are many links already. Cancel one first."
CODE_FIRST = "A new link needs a fresh code first."


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    row: int
    made: str
    how: str
    """Through which channel it went out, in words; empty for one that was copied."""
    until: str
    here: bool
    """Whether this page was opened with it."""


def listed(request: HttpRequest, session: LinkSession, clock: Clock) -> list[Listed]:
    """The links of this reader that open something now, the latest first; whoever was lent one sees that one alone."""
    told = stretch.below(session.conversation, sieve=Sieve(kinds=frozenset({LinkIssued.name})), limit=4 * MOST).entries
    how = {str(entry.values.get("link", "")): CHANNELS.get(entry.channel, "") for entry in told}
    rows = _own(request, session).order_by("-pk")[:MOST]
    return [
        Listed(
            row=row.pk,
            made=clock.date(_micros(row.created_at)),
            how="" if row.bearer else how.get(row.digest[:16], ""),
            until=clock.date(_micros(row.expires_at)),
            here=row.pk == session.row,
        )
        for row in rows
    ]


@require_POST
async def add(request: HttpRequest, conversation: int) -> HttpResponse:
    """A new link, shown once: only its digest is kept."""
    found = await in_thread(entered, request, conversation)
    if found is None:
        return gone(request)
    session, case = found
    may, many = await in_thread(lambda: (fresh.may_link(request, case, session), _alive(session).count() >= MOST))
    if not may or many:
        return private(
            render(request, "record/link.html", {"conversation": str(conversation), "problem": TOO_MANY if may else CODE_FIRST}, status=403)
        )
    made = await in_thread(_made, session, case)
    until = _micros(made.until)
    told = LinkIssued(link=made.link, to=session.ref, until=until)
    await append(Command(facts=(Fact(conversation=conversation, body=told, actor=session.ref, channel="system", key=f"link:{made.link}"),)))
    page = {
        "conversation": str(conversation),
        "link": f"{settings.PUBLIC_URL}{made.path}",
        "until": Clock(case.site.zone).plain_date(until),
    }
    return private(render(request, "record/link.html", page))


@require_POST
async def cancel(request: HttpRequest, conversation: int, row: int) -> HttpResponse:
    """From now on the link opens nothing; with the one that opened this page, the page closes."""
    session = await in_thread(links.session_of, request.COOKIES, conversation)
    link = await in_thread(lambda: _own(request, session).filter(pk=row).first()) if session else None
    if session is None or link is None:
        return gone(request)
    await in_thread(links.cancel, row)
    body = LinkRevoked(by=session.name, link=link.digest[:16])
    await append(Command(facts=(Fact(conversation=conversation, body=body, actor=session.ref, channel="system", key=f"revoked:{row}"),)))
    if row == session.row:
        return left(request, row, "The link is cancelled. Nobody can open your record with it any more.")
    return private(redirect(f"/r/{conversation}/#links"))


def _made(session: LinkSession, case: Case) -> Issued:
    """It lasts as long as the record is kept by now, in whole days."""
    left_over = keeping.ends_at(case.state, keep_days=case.site.keep_days) - time.time_ns() // 1000
    return links.issue(session.conversation, session.ref, keep_days=max(1, -(-left_over // keeping.DAY)), bearer=True)


def _own(request: HttpRequest, session: LinkSession):  # type: ignore[no-untyped-def]  # as below
    alive = _alive(session)
    if not alive.filter(pk=session.row, bearer=True).exists():
        return alive
    head = read.head(session.conversation)
    proven = head is not None and fresh.is_proven(request, session, head.state.customer.address)
    return alive if proven else alive.filter(pk=session.row)


def _alive(session: LinkSession):  # type: ignore[no-untyped-def]  # Django's query sets have no type without its plugin
    return Link.objects.filter(conversation=session.conversation, ref=session.ref, revoked_at=None, expires_at__gt=timezone.now())


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
