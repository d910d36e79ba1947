"""The way into a record: a link's secret comes by POST, a browser that is not the addressee's own gives a mailed code, a cookie follows.

Unknown, expired and cancelled links get one answer. Knows nothing of what a record shows.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from chat.actions.access import Case, enter
from chat.events.lifecycle import AddressConfirmed
from chat.events.privacy import LinkRedeemed
from chat.ledger import read
from chat.ledger.append import Command, Fact, Refused, append
from chat.ledger.event import Kind
from chat.ledger.read import Head, in_thread
from chat.live.who import by_link
from chat.people import codes, links
from chat.people.links import LinkSession
from chat.people.models import Address, Link, Site

PENDING = "record_code"
"""Where the server-side session keeps what was mailed and not yet given back."""
TOKENS = 20
DEAD = "This link opens nothing. It may be over, cancelled, or not complete: copy all of it from the mail."
TOO_MANY = "That were many codes for this link. Try again in an hour."
WRONG = "That is not the code, or it is too old. Look at the latest mail."
CANNOT = "This browser is not the one you chatted in, and no code can be mailed now. Open the link there, or answer the mail."
CLOSED = "This record is not open in this browser. Open it with the link from your mail."


def private(response: HttpResponse) -> HttpResponse:
    """Never kept by caches; the address goes to our own pages only (with no-referrer browsers send forms without an origin)."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "same-origin"
    return response


@require_GET
@ensure_csrf_cookie
def door(request: HttpRequest) -> HttpResponse:
    """The page a link points at: its script posts the fragment, which no server and no mail scanner has seen."""
    return private(render(request, "record/door.html", {}))


@require_POST
async def redeem(request: HttpRequest) -> HttpResponse:
    link = await in_thread(links.find, request.POST.get("secret", "").rpartition("#")[2])
    if link is None:
        return private(render(request, "record/door.html", {"problem": DEAD}, status=404))
    tokens = request.POST.getlist("visitor")[:TOKENS]
    if await in_thread(lambda: any(links.belongs_to(link, token) for token in tokens)):
        return await _redeemed(request, link, how="browser")
    if link.bearer:
        return await _redeemed(request, link, how="link")
    return await in_thread(_ask_for_code, request, link)


@require_POST
async def code(request: HttpRequest) -> HttpResponse:
    link, to = await in_thread(_checked_code, request)
    if link is not None:
        return await _redeemed(request, link, how="code", address=to)
    pending = await request.session.aget(PENDING)
    if pending is None:
        return private(render(request, "record/door.html", {"problem": DEAD}, status=404))
    return private(render(request, "record/code.html", {"to": codes.masked(str(pending["to"])), "problem": WRONG}, status=403))


def let_in(request: HttpRequest, link: Link) -> HttpResponse:
    """The record of this link is open in this browser from now on."""
    response = redirect("record", conversation=link.conversation)
    _keep(response, links.with_link(request.COOKIES, link))
    return private(response)


def left(request: HttpRequest, row: int, words: str) -> HttpResponse:
    """It is closed in this browser, whatever becomes of the link."""
    response = render(request, "record/door.html", {"notice": words})
    value = links.without_link(request.COOKIES, row)
    if value:
        _keep(response, value)
    else:
        response.delete_cookie(links.COOKIE, samesite="Lax")
    return private(response)


def entered(request: HttpRequest, conversation: int) -> tuple[LinkSession, Case] | None:
    """What is open in this browser of this conversation; None if nothing is."""
    session = links.session_of(request.COOKIES, conversation)
    try:
        return (session, enter(by_link(session), conversation)) if session else None
    except Refused:
        return None


def gone(request: HttpRequest) -> HttpResponse:
    """One answer for what does not exist, is somebody else's, or is not open in this browser."""
    return private(render(request, "record/door.html", {"problem": CLOSED}, status=404))


def _keep(response: HttpResponse, value: str) -> None:
    secure = bool(settings.SESSION_COOKIE_SECURE)
    response.set_cookie(links.COOKIE, value, max_age=links.COOKIE_LASTS, httponly=True, samesite="Lax", secure=secure)


def _ask_for_code(request: HttpRequest, link: Link) -> HttpResponse:
    head = read.head(link.conversation)
    address = head.state.customer.address if head and head.state.customer.ref == link.ref else ""
    if head is None or not address or not codes.can_send():
        return private(render(request, "record/door.html", {"problem": CANNOT}, status=403))
    site = Site.objects.get(pk=head.site)
    try:
        kept = codes.send(_purpose(link), site=site.pk, to=address, case_number=site.case(head.number))
    except OSError:
        return private(render(request, "record/door.html", {"problem": CANNOT}, status=503))
    if kept is None:
        return private(render(request, "record/door.html", {"problem": TOO_MANY}, status=429))
    request.session[PENDING] = {**kept, "link": link.pk}
    return private(render(request, "record/code.html", {"to": codes.masked(address)}))


def _checked_code(request: HttpRequest) -> tuple[Link | None, str]:
    pending = request.session.get(PENDING)
    if not pending:
        return None, ""
    link = Link.objects.filter(pk=pending["link"], revoked_at=None, expires_at__gt=timezone.now()).first()
    good = link is not None and codes.given_back(request.session, PENDING, _purpose(link), request.POST.get("code", ""))
    return (link, str(pending["to"])) if good else (None, "")


async def _redeemed(request: HttpRequest, link: Link, *, how: str, address: str = "") -> HttpResponse:
    head = await in_thread(read.head, link.conversation)
    if head is None:
        return private(render(request, "record/door.html", {"problem": DEAD}, status=404))
    await append(Command(facts=tuple(_facts(head, link, how, address))))
    if address:
        await in_thread(_confirm, link, address)
    return let_in(request, link)


def _facts(head: Head, link: Link, how: str, address: str) -> list[Fact]:
    name = head.state.customer.name
    bodies: list[Kind] = [LinkRedeemed(by=name, link=link.digest[:16], how=how)]
    if address and address == head.state.customer.address and not head.state.customer.confirmed:
        bodies.append(AddressConfirmed(by=name, address=address, how="code"))
    key = f"redeemed:{link.pk}:{timezone.now().timestamp():.6f}"
    return [
        Fact(conversation=link.conversation, body=body, actor=link.ref, channel="system", key=f"{key}:{number}")
        for number, body in enumerate(bodies)
    ]


def _confirm(link: Link, address: str) -> None:
    customer = int(link.ref.partition(":")[2])
    Address.objects.filter(customer_id=customer, address=address.lower(), confirmed_at=None).update(confirmed_at=timezone.now())


def _purpose(link: Link) -> str:
    return f"link:{link.digest[:16]}"
