"""Everything about a person in one archive: asked for in an open record, let in by a fresh code, prepared while they may close the page.

Draws nothing of any record; which conversations are theirs is said by `chat.people.gathered`.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from chat.events.privacy import TranscriptTaken
from chat.ledger import read
from chat.ledger.append import Command, Fact, Refused, append
from chat.ledger.read import in_thread
from chat.people import codes, gathered, links
from chat.people.gathered import Gathered
from chat.people.links import LinkSession
from chat.people.models import Address, Site
from chat.transcripts import everything, shelf
from chat.transcripts.everything import NAME, Contents
from chat.transcripts.prepared import Wanted, prepared, progress
from chat.transcripts.streaming import streamed
from chat.web import granted
from chat.web.record import fresh
from chat.web.record.entrance import CANNOT, TOO_MANY, WRONG, private

PENDING = "everything_code"
"""Where the server-side session keeps what was mailed and not yet given back."""
LET_IN = "everything"
"""Where it keeps which archive this browser may fetch."""
MOST = 5000
"""Conversations of one person, the latest."""
AT_ONCE = 100
"""Entries appended together."""
Pending = dict[str, str | int]
CLOSED = "This is not open in this browser. Open your record with the link from your mail, and ask for everything there."


@require_http_methods(["GET", "POST"])
async def at_door(request: HttpRequest) -> HttpResponseBase:
    """POST asks for everything (field `conversation`: the record that is open here), GET tells how far it is."""
    if request.method == "GET":
        return await _state(request)
    session, wish = await in_thread(_wish, request)
    if session is None:
        return _told(request, "record/door.html", {"problem": CLOSED}, status=404)
    if await in_thread(fresh.is_proven, request, session, str(wish["to"])):
        return await _begin(request, session, wish)
    return await in_thread(_mail, request, session, wish)


def _wish(request: HttpRequest) -> tuple[LinkSession | None, Pending]:
    number = request.POST.get("conversation", "")
    session = links.session_of(request.COOKIES, int(number)) if number.isascii() and number.isdigit() and len(number) < 20 else None
    head = read.head(session.conversation) if session else None
    if session is None or head is None:
        return None, {}
    address = head.state.customer.address if head.state.customer.ref == session.ref else ""
    wishes = {"zone": request.POST.get("zone", "")[:64], "language": request.POST.get("language", "")[:35]}
    return session, {
        **wishes,
        "to": address,
        "conversation": str(session.conversation),
        "row": session.row,
        "site": head.site,
        "number": head.number,
    }


def _mail(request: HttpRequest, session: LinkSession, wish: Pending) -> HttpResponseBase:
    address = str(wish["to"])
    if not address or not codes.can_send():
        return _told(request, "record/door.html", {"problem": CANNOT}, status=403)
    site = Site.objects.get(pk=wish["site"])
    try:
        kept = codes.send(_purpose(session), site=site.pk, to=address, case_number=site.case(int(wish["number"])))
    except OSError:
        return _told(request, "record/door.html", {"problem": CANNOT}, status=503)
    if kept is None:
        return _told(request, "record/door.html", {"problem": TOO_MANY}, status=429)
    request.session[PENDING] = {**wish, **kept}
    return _told(request, "record/everything.html", {"to": codes.masked(address), "conversation": str(session.conversation)})


@require_POST
async def code(request: HttpRequest) -> HttpResponseBase:
    """The code comes back: from now on the archive is prepared, whether or not somebody looks."""
    session, pending = await in_thread(_checked, request)
    if session is None:
        if not pending:
            return _told(request, "record/door.html", {"problem": CLOSED}, status=404)
        told = {"to": codes.masked(str(pending["to"])), "conversation": pending.get("conversation"), "problem": WRONG}
        return _told(request, "record/everything.html", told, status=403)
    return await _begin(request, session, pending)


async def _begin(request: HttpRequest, session: LinkSession, wish: Pending) -> HttpResponseBase:
    try:
        made = await _gathered(session, wish)
    except Refused as refused:
        return _told(request, "record/door.html", {"problem": str(refused)}, status=503)
    await request.session.aset(LET_IN, {"row": made.pk, "made_at": made.made_at})
    await progress(await in_thread(_wanted, made))
    return JsonResponse({"state": "/r/everything"}, status=201) if granted.wants_json(request) else redirect("record-everything")


async def _state(request: HttpRequest) -> HttpResponseBase:
    made = await _let_in(request)
    if made is None:
        return _told(request, "record/door.html", {"problem": CLOSED}, status=404)
    how_far = await progress(await in_thread(_wanted, made))
    return granted.shown(request, how_far, download="/r/everything/download", signature="/r/everything/signature")


@require_safe
async def download(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The archive, from the file that was prepared; without room for one it comes as a stream."""
    made = await _let_in(request)
    if made is None:
        return granted.not_found()
    wanted = await in_thread(_wanted, made)
    copy = await prepared(wanted, patient=True)
    etag = f'"{wanted.name}"'
    if copy is not None:
        try:
            return await granted.from_copy(request, copy, etag=etag, content_type="application/zip", name=NAME)
        except FileNotFoundError:
            pass  # gone between the look and the opening
    headers = {**granted.PRIVATE, "Content-Disposition": f'attachment; filename="{NAME}"'}
    return StreamingHttpResponse(streamed(wanted.write(), heavy=True), content_type="application/zip", headers=headers)


@require_GET
async def signature(request: HttpRequest) -> HttpResponse:
    made = await _let_in(request)
    if made is None:
        return granted.not_found()
    return await granted.signed(await in_thread(_wanted, made), f"everything/{made.made_at}", NAME)


async def _gathered(session: LinkSession, wish: Pending) -> Gathered:
    """What is in the works for this person already, or a new one, recorded in each conversation as a download."""
    person = gathered.person_of(int(wish["site"]), str(wish["to"]))
    known = await in_thread(gathered.kept, person)
    if known is not None and await in_thread(lambda: shelf.found(_wanted(known).name)) is None:
        return known
    made_at = time.time_ns() // 1000
    theirs = await in_thread(_conversations, wish)
    found: list[tuple[int, int]] = []
    for first in range(0, len(theirs), AT_ONCE):
        found += await asyncio.gather(*(_recorded(session, *one, made_at=made_at) for one in theirs[first : first + AT_ONCE]))
    contents = Contents(conversations=tuple(found), made_at=made_at, zone=str(wish.get("zone", "")), language=str(wish.get("language", "")))
    if known is not None:
        await in_thread(lambda: shelf.remove(_wanted(known).name))
    return await in_thread(lambda: gathered.keep(person, contents.stored(), made_at=made_at))


async def _recorded(session: LinkSession, ref: str, conversation: int, *, made_at: int) -> tuple[int, int]:
    """The download as an entry of the conversation; gives the position before it."""
    taken = TranscriptTaken(by=session.name, format="everything")
    fact = Fact(conversation=conversation, body=taken, actor=ref, channel="system", key=f"everything:{made_at}")
    return conversation, (await append(Command(facts=(fact,)))).position - 1


def _conversations(wish: Pending) -> list[tuple[str, int]]:
    """Ref and conversation, the oldest first; one in which a person takes part twice counts once."""
    site = int(wish["site"])
    found: dict[int, str] = {}
    for ref in gathered.refs_of(site, str(wish["to"])):
        found |= {head.conversation: ref for head in read.conversations_of(ref, limit=MOST) if head.site == site}
    return [(found[conversation], conversation) for conversation in sorted(found)[-MOST:]]


def _checked(request: HttpRequest) -> tuple[LinkSession | None, Pending]:
    pending: Pending = request.session.get(PENDING) or {}
    if not pending:
        return None, pending
    session = links.session_of_row(request.COOKIES, int(pending["row"]))
    good = session is not None and codes.given_back(request.session, PENDING, _purpose(session), request.POST.get("code", ""))
    if session is None or not good:
        return None, pending
    # Whoever reads this mailbox and has this record open has shown that both are theirs.
    customer = int(session.ref.partition(":")[2])
    Address.objects.filter(customer_id=customer, address=str(pending["to"]).lower(), confirmed_at=None).update(confirmed_at=timezone.now())
    return session, pending


async def _let_in(request: HttpRequest) -> Gathered | None:
    kept = await request.session.aget(LET_IN)
    return await in_thread(gathered.by_id, int(kept["row"]), int(kept["made_at"])) if kept else None


def _wanted(made: Gathered) -> Wanted:
    contents = Contents.read(made.contents, made_at=made.made_at)
    return everything.wanted(contents, lasts=max(0, made.until // 1_000_000 - int(time.time())))


def _purpose(session: LinkSession) -> str:
    return f"everything:{session.link}"


def _told(request: HttpRequest, template: str, told: dict[str, Any], *, status: int = 200) -> HttpResponse:
    if granted.wants_json(request):
        return private(JsonResponse(told, status=status))
    return private(render(request, template, told, status=status))
