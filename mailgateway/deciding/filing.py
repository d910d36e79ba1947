"""Makes the command for one mail at one place: an answer, a new conversation, or one that goes on from a closed one.

Decides nothing about where the mail belongs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from chat.ledger.append import Command
from chat.ledger.read import Head
from chat.people import pausing
from chat.people.models import Site
from mailgateway import addresses, known_mails, thread
from mailgateway.deciding import answering, caps, contents, joining, likely, on_behalf, opening, roles
from mailgateway.deciding.answering import Answer
from mailgateway.deciding.item import Item
from mailgateway.deciding.opening import Note
from mailgateway.deciding.places import Place
from mailgateway.deciding.verdict import Verdict, quarantined, taken
from mailgateway.reading.parsed import Mailbox

DAY = 24 * 3600 * 1_000_000


def filed(item: Item, places: tuple[Place, ...]) -> Verdict:
    """Into each of these places, once each."""
    made = [_at(item, place) for place in places]
    if None in made:
        return quarantined("There is no site yet for which this mail could be.")
    done = [one for one in made if one is not None]
    first, *more = [command for command, _ in done]
    afterwards = [after for _, after in done if after is not None]
    for site in {place.head.site if place.head else place.site for place in places} if item.person else ():
        _heard(site, item)
    return taken(first, places[0].step, afterwards=partial(_all, afterwards) if afterwards else None, also=tuple(more))


def _heard(site: int, item: Item) -> None:
    """Whoever writes is there, so mail to them is no longer paused. Who called our mail spam must be proven to be the one who writes."""
    if pausing.paused(site, item.sender) == pausing.COMPLAINT:
        if item.proof.aligned:
            pausing.lift(site, item.sender)
    else:
        pausing.arrived(site, item.sender)


def _at(item: Item, place: Place) -> tuple[Command, Callable[[], None] | None] | None:
    if place.head is None:
        site = Site.objects.filter(pk=place.site).first()
        return (_new(item, place, site), None) if site else None
    answer = Answer(
        place=place,
        head=place.head,
        mail=item.mail,
        original=item.arrival.digest,
        key=item.key,
        rows=known_mails.names(item.key, item.mail.message_id, place.head.conversation, place=item.further(place)),
        proof=item.proof,
        trail=item.found.trail,
        person=item.person,
    )
    if place.step != thread.BY_HAND and _long_over(place.head):
        return _going_on(item, answer), None
    return answering.command(answer)


def _new(item: Item, place: Place, site: Site) -> Command:
    sender, proof = item.sender, item.proof
    rows = known_mails.names(item.key, item.mail.message_id, 0, place=item.further(place))
    agent = on_behalf.agent(sender) if item.person and proof.aligned else None
    passed = on_behalf.passed(item.mail, item.inside, agent, original=item.arrival.digest) if agent else None
    if passed is not None:
        said = answering.proven(passed.said, proof)
        return opening.command(said, site, key=item.key, rows=rows, acknowledge=False, note=passed.note)
    said = contents.said(item.mail, original=item.arrival.digest, found_by=place.step, doubt="altered" if item.found.trail.forged else "")
    # Whoever is named in a forged mail did not write and wants no answer.
    welcome = item.person and not item.proof.failed and not addresses.is_nobody(sender)
    acknowledge = site.acknowledge and welcome and caps.acknowledgements.allows(sender)
    return opening.command(
        answering.proven(said, proof),
        site,
        key=item.key,
        rows=rows,
        acknowledge=acknowledge,
        proven=proof.aligned,
        note=_may_belong(item),
        copies=item.mail if item.person else None,
    )


def _going_on(item: Item, answer: Answer) -> Command:
    """A late answer: its author gets a conversation of their own, which names the closed one."""
    site = Site.objects.get(pk=answer.head.site)
    role = roles.of(answer.head, item.sender)
    said, _ = answering.message(answer, role)
    return opening.command(
        said,
        site,
        key=item.key,
        rows=answer.rows,
        acknowledge=False,
        proven=item.proof.aligned,
        copies=item.mail if item.person and role.known and not said.doubt else None,
        after=answer.head,
        customer=role.ref or joining.ref_of(site, Mailbox(said.by, said.address)),
    )


def _long_over(head: Head) -> bool:
    """Whether it was closed so long ago that the site opens nothing again."""
    if head.state.status != "closed":
        return False
    days = Site.objects.filter(pk=head.site).values_list("reopen_days", flat=True).first() or 0
    return days > 0 and time.time_ns() // 1000 - head.state.keep_from > days * DAY


def _may_belong(item: Item) -> Note | None:
    head = likely.by_case_number(item.mail.subject)
    site = Site.objects.filter(pk=head.site).first() if head else None
    if head is None or site is None:
        return None
    return Note(text=f"This mail names {site.case(head.number)} in its subject and may belong there, but nothing proves it.")


def _all(steps: list[Callable[[], None]]) -> None:
    for step in steps:
        step()
