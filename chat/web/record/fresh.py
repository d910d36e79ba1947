"""A fresh code inside an open record: who gives it back may see their other conversations and make links, for a while.

Knows nothing of what is shown or made then.
"""

from __future__ import annotations

import hashlib
import hmac
import time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from chat.actions.access import Case
from chat.ledger.read import in_thread
from chat.people import codes
from chat.people.keys import key_for
from chat.people.links import LinkSession
from chat.people.models import Address, Link
from chat.web.record.entrance import CANNOT, TOO_MANY, WRONG, entered, gone, private

PENDING = "fresh_code"
"""Where the server-side session keeps what was mailed and not yet given back."""
PROVEN = "fresh"
"""Where it keeps for which link, and until when (seconds), the code was given back."""
LASTS = 15 * 60
"""Seconds."""


@require_POST
async def ask(request: HttpRequest, conversation: int) -> HttpResponse:
    """Mails the code to the address of this record."""
    found = await in_thread(_entered, request, conversation)
    return await in_thread(_mail, request, *found) if found else gone(request)


@require_POST
async def code(request: HttpRequest, conversation: int) -> HttpResponse:
    found = await in_thread(_entered, request, conversation)
    if found is None:
        return gone(request)
    if not await in_thread(_matches, request, found[0]):
        return _page(request, found[1], problem=WRONG, status=403)
    return private(redirect(f"/r/{conversation}/#yours"))


def is_proven(request: HttpRequest, session: LinkSession, address: str) -> bool:
    """Whether a code from this mailbox was given back here within the last quarter of an hour.

    A customer may name another address at any time, and with it be taken for somebody else.
    """
    kept = request.session.get(PROVEN)
    if kept is None or kept["link"] != session.row or int(kept["until"]) <= time.time():
        return False
    return bool(address) and hmac.compare_digest(str(kept.get("mailbox", "")), _mailbox(address))


def can_prove(case: Case, session: LinkSession) -> bool:
    """Whether there is a mailbox for a code: that of the customer whose record it is."""
    return bool(case.state.customer.ref == session.ref and case.state.customer.address) and codes.can_send()


def may_link(request: HttpRequest, case: Case, session: LinkSession) -> bool:
    """Whether further links may be made here now: after a code; without any mailbox, in the browser that chatted."""
    if case.state.customer.ref == session.ref and case.state.customer.address:
        return is_proven(request, session, case.state.customer.address)
    return not Link.objects.filter(pk=session.row, bearer=True).exists()


def _entered(request: HttpRequest, conversation: int) -> tuple[LinkSession, Case] | None:
    found = entered(request, conversation)
    return found if found and can_prove(found[1], found[0]) else None


def _mail(request: HttpRequest, session: LinkSession, case: Case) -> HttpResponse:
    try:
        kept = codes.send(_purpose(session), site=case.site.pk, to=case.state.customer.address, case_number=case.case_number)
    except OSError:
        return _page(request, case, problem=CANNOT, status=503)
    if kept is None:
        return _page(request, case, problem=TOO_MANY, status=429)
    request.session[PENDING] = {**kept, "link": session.row}
    return _page(request, case)


def _matches(request: HttpRequest, session: LinkSession) -> bool:
    pending = request.session.get(PENDING)
    if not pending or pending["link"] != session.row:
        return False
    good = codes.given_back(request.session, PENDING, _purpose(session), request.POST.get("code", ""))
    if good:
        request.session[PROVEN] = {"link": session.row, "mailbox": _mailbox(str(pending["to"])), "until": int(time.time()) + LASTS}
        customer = int(session.ref.partition(":")[2])
        mailbox = Address.objects.filter(customer_id=customer, address=str(pending["to"]).lower(), confirmed_at=None)
        mailbox.update(confirmed_at=timezone.now())
    return good


def _page(request: HttpRequest, case: Case, *, problem: str = "", status: int = 200) -> HttpResponse:
    told = {
        "to": codes.masked(case.state.customer.address),
        "conversation": str(case.conversation),
        "problem": problem,
        "mailed": status in (200, 403),
    }
    return private(render(request, "record/fresh.html", told, status=status))


def _mailbox(address: str) -> str:
    """What stands for an address in the session."""
    return hmac.new(key_for("mailbox"), address.lower().encode(), hashlib.sha256).hexdigest()


def _purpose(session: LinkSession) -> str:
    return f"fresh:{session.link}"
