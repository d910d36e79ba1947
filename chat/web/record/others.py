"""The other conversations of the person whose record this is: listed and opened after a fresh code. Shows nothing that was said in them."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from chat.actions.access import Case
from chat.events.privacy import LinkIssued, LinkRedeemed
from chat.ledger import read
from chat.ledger.append import Command, Fact, append
from chat.ledger.read import Head, in_thread
from chat.live.who import by_link
from chat.people import gathered, links
from chat.people.links import LinkSession
from chat.people.models import Link, Site
from chat.transcripts.clock import Clock
from chat.transcripts.plain import inline
from chat.web.record import fresh
from chat.web.record.entrance import gone, let_in

MOST = 50
"""The latest that are listed; all of them are in "everything about me"."""
DAY = 1
"""Days that a link lasts which such a visit is opened with."""


class Other(NamedTuple):
    conversation: str
    case_number: str
    subject: str
    when: str
    icon: str
    here: bool


_ICONS = {"widget": "chat", "email": "mail", "phone": "phone"}


def listed(request: HttpRequest, case: Case, session: LinkSession, clock: Clock) -> list[Other]:
    """The person's conversations with this site, the latest first, this one among them. Empty without a fresh code."""
    if not fresh.is_proven(request, session, case.state.customer.address):
        return []
    found = sorted(_theirs(case).values(), key=lambda pair: -pair[0].state.touched_at)[:MOST]
    return [
        Other(
            conversation=str(head.conversation),
            case_number=case.site.case(head.number),
            subject=inline(head.state.subject),
            when=clock.date(head.state.touched_at),
            icon=_ICONS.get(head.state.opened_by, "chat"),
            here=head.conversation == case.conversation,
        )
        for head, _ in found
    ]


@require_POST
async def enter(request: HttpRequest, conversation: int, other: int) -> HttpResponse:
    """Opens another conversation of the same person in this browser, with a link of its own that lasts a day."""
    found = await in_thread(_found, request, conversation, other)
    if found is None:
        return gone(request)
    head, ref = found
    made = await in_thread(lambda: links.issue(other, ref, keep_days=DAY))
    link = await in_thread(lambda: Link.objects.get(digest__startswith=made.link, conversation=other))
    key = f"link:{made.link}"
    bodies = (
        LinkIssued(link=made.link, to=ref, until=int(made.until.timestamp() * 1_000_000)),
        LinkRedeemed(by=head.state.customer.name, link=made.link, how="code"),
    )
    facts = tuple(Fact(conversation=other, body=body, actor=ref, channel="system", key=f"{key}:{n}") for n, body in enumerate(bodies))
    await append(Command(facts=facts))
    return let_in(request, link)


def _found(request: HttpRequest, conversation: int, other: int) -> tuple[Head, str] | None:
    session = links.session_of(request.COOKIES, conversation)
    head = read.head(conversation) if session else None
    if session is None or head is None or not fresh.is_proven(request, session, head.state.customer.address):
        return None
    case = Case(who=by_link(session), head=head, site=Site.objects.get(pk=head.site))
    return _theirs(case).get(other)


def _theirs(case: Case) -> dict[int, tuple[Head, str]]:
    """By id, each with the ref under which the person takes part in it."""
    found: dict[int, tuple[Head, str]] = {}
    for ref in gathered.refs_of(case.site.pk, case.state.customer.address):
        for head in read.conversations_of(ref, limit=MOST):
            if head.site == case.site.pk and not head.state.gone_at:
                found[head.conversation] = (head, ref)
    return found
