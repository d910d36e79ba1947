"""Two conversations of one person become one; those of two people never do."""

from __future__ import annotations

import pytest

from chat.actions.access import Who
from chat.actions.action import BadForm, perform
from chat.events.commitment import CommitmentMade
from chat.events.lifecycle import ConversationOpened
from chat.ledger import read
from chat.ledger.append import Command, Fact, Joins, Opens, Refused, append_sync
from chat.ledger.check import check
from chat.people.models import Customer
from tests.chat.nadia import ADDRESS, FRIDAY, NadiasCase

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def _tom(case: NadiasCase) -> Who:
    return Who(ref=case.tom.ref, name="Tom", side="agents", role="agent", sites=frozenset({case.site.pk}))


def _another(case: NadiasCase, customer: Customer, *, number: int, confirmed: bool = True) -> str:
    """A second conversation at the same site; gives its case number."""
    conversation = case.conversation + number
    opened = ConversationOpened(by=customer.name, customer=customer.ref, subject="Again", address=ADDRESS, confirmed=confirmed)
    fact = Fact(conversation=conversation, body=opened, actor=customer.ref, channel="email", key="open")
    opens = Opens(conversation=conversation, site=case.site.pk, source="email", key=f"again-{conversation}")
    append_sync(Command(facts=(fact,), opens=opens, rows=(Joins(conversation=conversation, ref=customer.ref),)))
    head = read.head(conversation)
    assert head is not None
    return case.site.case(head.number)


async def _merge(case: NadiasCase, into: str) -> None:
    await perform(_tom(case), "merge", {"into": into, "reason": "Twice."}, key="m", channel="inbox", conversation=case.conversation)


async def test_one_ends_and_both_say_so() -> None:
    case = await read.in_thread(NadiasCase)
    number = await read.in_thread(lambda: _another(case, case.nadia, number=500_000))
    await _merge(case, number)
    ended, goes_on = read.head(case.conversation), read.head(case.conversation + 500_000)
    assert (ended.state.merged_into, ended.state.status) == (str(goes_on.conversation), "closed")
    assert (goes_on.state.merged_into, goes_on.state.status) == ("", "open")
    assert [await read.in_thread(check, one.conversation) for one in (ended, goes_on)] == [None, None]
    with pytest.raises(Refused, match="merged already"):
        await perform(_tom(case), "merge", {"into": number, "reason": "Again."}, key="m2", channel="inbox", conversation=case.conversation)


async def test_two_people_are_never_put_together() -> None:
    case = await read.in_thread(NadiasCase)
    stranger = await read.in_thread(lambda: Customer.objects.create(site=case.site, name="Mallory"))
    typed = await read.in_thread(lambda: _another(case, stranger, number=600_000, confirmed=False))
    with pytest.raises(BadForm, match="two people"):
        await _merge(case, typed)
    proven = await read.in_thread(lambda: _another(case, stranger, number=700_000))
    await _merge(case, proven)
    assert not read.takes_part(case.nadia.ref, case.conversation + 700_000), "nobody sees more than before"


async def test_open_promises_hold_it_and_unknown_numbers_are_named() -> None:
    case = await read.in_thread(NadiasCase)
    number = await read.in_thread(lambda: _another(case, case.nadia, number=800_000))
    await read.in_thread(lambda: case.add(CommitmentMade(by="Tom", text="Refund", due=FRIDAY), by=case.tom.ref))
    with pytest.raises(Refused, match="open promises"):
        await _merge(case, number)
    for wrong in ("BR-999999", "nonsense", ""):
        with pytest.raises(BadForm):
            await _merge(case, wrong)
