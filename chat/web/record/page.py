"""Everything that stands on the page of a record, as values for its template. Knows no form and changes nothing."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from chat.actions.access import Case
from chat.events.erasure import ErasureAsked
from chat.events.privacy import StaffOpened
from chat.events.retention import HOLD_GROUNDS
from chat.ledger import keeping, read, stretch
from chat.ledger.stretch import Sieve
from chat.people import codes
from chat.people.links import LinkSession
from chat.transcripts import offered
from chat.transcripts.clock import Clock, known_zone
from chat.transcripts.plain import inline
from chat.transcripts.reading import ROLES
from chat.web.record import fresh, keep_longer, linked, others, sealed, shown

ZONE = "throughline_zone"
"""The cookie in which a browser tells its time zone (static/record/door.js)."""
LOOKS = 10
"""Openings by the team that are listed beside the thread; all of them stand in it."""


def clock_of(request: HttpRequest, case: Case) -> Clock:
    """In the reader's zone, if their browser told it."""
    return Clock(known_zone(request.COOKIES.get(ZONE, "")) or case.site.zone)


def page(request: HttpRequest, case: Case, session: LinkSession) -> dict[str, Any]:
    clock = clock_of(request, case)
    return {
        "subject": inline(case.state.subject),
        "conversation": str(case.conversation),
        "zone": clock.zone,
        "key": f"say:{uuid.uuid4()}",
        "closed_on": clock.date(case.state.touched_at) if case.state.status == "closed" else "",
        **sealing(request, case, clock),
        **_thread(request, case, session, clock),
        **_saving(case, session),
        **_kept(case, session, clock),
        **_looks(case, clock),
        **_people(request, case, session, clock),
    }


def sealing(request: HttpRequest, case: Case, clock: Clock) -> dict[str, Any]:
    """What is known of the seals; a long record is checked at once only for whoever asks and has no script."""
    wanted = request.GET.get("check") == "now"
    found = sealed.checked(case.head) if wanted else sealed.looked(case.head)
    return {
        "site": case.site,
        "case": case,
        "digest": case.head.seal.hex(),
        "entry_count": case.head.position,
        "seal": found,
        "checked_at": clock.time(found.at),
        "zone_then": clock.offset(found.at),
    }


def _thread(request: HttpRequest, case: Case, session: LinkSession, clock: Clock) -> dict[str, Any]:
    tab = request.GET.get("show", "")
    tab = tab if tab in shown.TABS else shown.EVERYTHING
    team = request.GET.get("notes") != "hide"
    before = request.GET.get("before", "")
    below = int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else 0
    part = stretch.below(case.conversation, below, sieve=shown.sieve_of(tab, team=team))
    count = shown.counts(case.conversation, team=team)
    first = part.entries[0].position if part.entries else below
    last = part.entries[-1].position if part.entries else 0
    now = _now()
    promises = [
        {
            "position": p.position,
            "text": inline(p.text),
            "by": inline(p.by),
            "due": clock.date(p.due),
            "here": first <= p.position <= last,
            "look": "late" if p.state == "open" and p.due < now else p.state,
        }
        for p in case.state.commitments
    ]
    tabs = [
        {"name": n, "label": label, "count": count[n], "icon": shown.TAB_ICONS.get(n, "")}
        for n, label in shown.TABS.items()
        if count[n] or n == tab
    ]
    return {
        "days": shown.days(part, ref=session.ref, clock=clock),
        "position": last,
        "earlier": first if part.earlier else 0,
        "later": part.later,
        "live": tab == shown.EVERYTHING and team and not part.later,
        "tabs": tabs,
        "tab": tab,
        "notes": team,
        "promises": promises,
    }


def _saving(case: Case, session: LinkSession) -> dict[str, Any]:
    found = offered.offers()
    groups = [{"name": name, "label": label, "offers": [o for o in found if o.group == name]} for name, label in offered.GROUPS.items()]
    state = case.state
    own = state.customer.address if state.customer.ref == session.ref else ""
    return {
        "groups": [group for group in groups if group["offers"]],
        "everything": bool(own) and codes.can_send(),
        "mails_to": own if state.customer.confirmed else "",
    }


def _kept(case: Case, session: LinkSession, clock: Clock) -> dict[str, Any]:
    state = case.state
    until = keeping.ends_at(state, keep_days=case.site.keep_days)
    wish = read.entry(case.conversation, state.erasing) if state.erasing else None
    erased_on = clock.plain_date(wish.body.until) if wish and isinstance(wish.body, ErasureAsked) else ""
    return {
        "kept_until": clock.plain_date(until) if until else "",
        "keep_days": max(case.site.keep_days, keeping.FLOOR_DAYS),
        "notice_days": keeping.NOTICE_DAYS,
        "held": HOLD_GROUNDS.get(state.hold, state.hold),
        "years": keep_longer.YEARS,
        "erased_on": erased_on,
        "own": state.customer.ref == session.ref,
    }


def _looks(case: Case, clock: Clock) -> dict[str, Any]:
    """Who of the team opened this record, the latest first; one who answers in it opened it too."""
    part = stretch.below(case.conversation, sieve=Sieve(kinds=frozenset({StaffOpened.name})), limit=LOOKS)
    found = []
    for entry in reversed(part.entries):
        values = entry.values
        who = ", ".join(filter(None, (values.get("by", ""), ROLES.get(str(values.get("role", "")), str(values.get("role", ""))))))
        found.append(
            {"who": inline(who) or "a member of the team", "when": clock.full(entry.at), "purpose": inline(str(values.get("purpose", "")))}
        )
    return {"looks": found, "more_looks": part.earlier}


def _people(request: HttpRequest, case: Case, session: LinkSession, clock: Clock) -> dict[str, Any]:
    proven = fresh.is_proven(request, session, case.state.customer.address)
    return {
        "links": linked.listed(request, session, clock),
        "may_link": fresh.may_link(request, case, session),
        "can_prove": fresh.can_prove(case, session),
        "proven": proven,
        "others": others.listed(request, case, session, clock) if proven else [],
    }


def _now() -> int:
    return int(timezone.now().timestamp() * 1_000_000)
