"""Whoever writes a card number, and wherever: what is kept of it is its last four digits."""

from __future__ import annotations

import time

import pytest

from chat.actions.access import Who
from chat.actions.action import perform
from chat.ledger import read
from chat.ledger.event import Audience
from chat.people.models import Site
from tests.chat.nadia import NadiasCase

pytestmark = pytest.mark.usefixtures("database")

CARD = "4111 1111 1111 1111"
SOON = time.time_ns() // 1000 + 86_400_000_000


def _values(conversation: int) -> str:
    return repr([entry.values for entry in read.events(conversation, audience=Audience.AGENTS)])


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("reply", {"text": CARD}),
        ("note", {"text": CARD}),
        ("promise", {"text": CARD, "due": SOON}),
        ("close", {"outcome": CARD}),
        ("decide", {"text": CARD, "reasons": CARD, "remedies": ["Ask for a review."]}),
        ("propose_crossing", {"ground": "mistake", "reason": CARD, "entry": 1}),
    ],
)
async def test_an_agent_writes_one(name: str, form: dict[str, object]) -> None:
    case = NadiasCase()
    tom = Who(ref=case.tom.ref, name="Tom", side="agents", role="agent", sites=frozenset({case.site.pk}))
    await perform(tom, name, form, key="1", channel="inbox", conversation=case.conversation)
    told = _values(case.conversation)
    assert "[card number masked, ends 1111]" in told
    assert "1111 1111" not in told


async def test_a_customer_opens_with_one_and_says_it_again() -> None:
    case = NadiasCase()
    visitor = Who(ref="", name="", side="customer", sites=frozenset({case.site.pk}), visitor="a" * 64)
    opened = await perform(visitor, "open", {"text": f"Refund to {CARD}", "name": "Omar"}, key="o", channel="widget", site=case.site.pk)
    nadia = Who(ref=case.nadia.ref, name="Nadia", side="customer")
    first = await perform(nadia, "say", {"text": CARD}, key="s", channel="widget", conversation=case.conversation)
    again = await perform(nadia, "say", {"text": CARD}, key="s", channel="widget", conversation=case.conversation)
    assert first.position == again.position, "The same key finds what was kept, masked or not."
    for conversation in (opened.conversation, case.conversation):
        assert "1111 1111" not in _values(conversation)
    assert "Refund to [card number masked, ends 1111]" in _values(opened.conversation)


async def test_a_site_masks_numbers_of_its_own_and_may_leave_cards_alone() -> None:
    case = NadiasCase()
    Site.objects.filter(pk=case.site.pk).update(mask_cards=False, mask_patterns="customer number: KD-#{6}")
    nadia = Who(ref=case.nadia.ref, name="Nadia", side="customer")
    await perform(nadia, "say", {"text": f"I am kd-123456, card {CARD}."}, key="s", channel="widget", conversation=case.conversation)
    assert f"I am [customer number masked], card {CARD}." in _values(case.conversation)
