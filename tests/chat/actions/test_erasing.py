"""Nadia has her record erased after a week; Tom and Ruth together cross out what does not belong; a hold stops both."""

from __future__ import annotations

import time

import pytest

from chat.actions import erasing
from chat.actions.access import Case, Who, enter
from chat.actions.action import Forbidden, offered, perform
from chat.events.erasure import CrossingAgreed, CrossingDeclined, ErasureCarriedOut, ErasureRefused
from chat.events.retention import HoldSet
from chat.events.talk import MessageSaid
from chat.ledger import copies, due, erase, journal, read, replay
from chat.ledger.append import Command, Fact, Joins, Refused, append_sync
from chat.ledger.check import check
from chat.ledger.event import Audience
from chat.people.models import Address, Customer
from chat.transcripts import verifier
from chat.transcripts.transcript import render
from tests.chat.nadia import ADDRESS, NadiasCase

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]

CARD = "My card is 4111 1111 1111 1111, please refund it there."


def _nadia(case: NadiasCase) -> Case:
    return enter(Who(ref=case.nadia.ref, name="Nadia", side="customer"), case.conversation)


def _who(case: NadiasCase, name: str, role: str) -> Who:
    agent = case.tom if name == "Tom" else case.ines
    return Who(ref=agent.ref, name=name, side="agents", role=role, sites=frozenset({case.site.pk}))


def _wish(case: NadiasCase, *, ago: int = 0) -> None:
    now = time.time_ns() // 1000 - ago
    append_sync(erasing.asked(_nadia(case), words="Please.", day="29 November 2026", now=now, key="1"))


async def _ring() -> None:
    while await due.ring_due(time.time_ns() // 1000):
        pass


def _values(case: NadiasCase) -> str:
    return repr([entry.values for entry in read.events(case.conversation, audience=Audience.AGENTS)])


async def test_a_week_after_the_wish_nothing_personal_is_left_and_every_seal_holds() -> None:
    case = NadiasCase().tell()
    Address.objects.create(customer=case.nadia, site=case.site, address=ADDRESS)
    _wish(case)
    await _ring()
    assert ADDRESS in _values(case)
    case2 = NadiasCase().tell()
    _wish(case2, ago=erasing.WAIT)
    await _ring()
    told = _values(case2)
    for word in ("Nadia", ADDRESS, "lamp", "refund", "limit", "bank", "Please."):
        assert word not in told, word
    assert erase.everything(case2.conversation) == {}
    assert check(case2.conversation) is None
    head = read.head(case2.conversation)
    assert head is not None
    assert (head.state.customer.name, head.state.customer.address, head.state.status) == ("", "", "closed")
    assert head.state.erasing == 0
    assert Customer.objects.get(pk=case2.nadia.pk).name == ""
    assert Customer.objects.get(pk=case.nadia.pk).name == "Nadia"


async def test_what_is_left_can_still_be_checked_by_anybody() -> None:
    case = NadiasCase().tell()
    await _agree(case, await _propose(case, entry=2, field="text"))
    _wish(case, ago=erasing.WAIT)
    await _ring()
    for audience in Audience:
        octets = b"".join(render("json", case.conversation, audience=audience))
        assert b"bank" not in octets
        verifier.record([octets])


async def test_a_long_record_goes_in_parts_and_whole() -> None:
    case = NadiasCase()
    for part in range(3):
        said = [MessageSaid(by="Nadia", text=f"Line {part} {n} of a long story.") for n in range(200)]
        facts = [
            Fact(conversation=case.conversation, body=body, actor=case.nadia.ref, channel="widget", key=f"{part}:{n}")
            for n, body in enumerate(said)
        ]
        append_sync(Command(facts=tuple(facts)))
    _wish(case, ago=erasing.WAIT)
    await _ring()
    assert erase.everything(case.conversation) == {}
    told = [e.body for e in read.events(case.conversation, audience=Audience.EVERYONE) if isinstance(e.body, ErasureCarriedOut)]
    assert [body.whole for body in told] == [False, True]
    assert check(case.conversation) is None


async def test_a_worker_that_dies_in_the_middle_leaves_the_rest_to_the_next() -> None:
    case = NadiasCase().tell()
    _wish(case, ago=erasing.WAIT)
    some = dict(list(erase.everything(case.conversation).items())[:5])
    says = ErasureCarriedOut(by="", ground="request", entries=replay.named(some))
    fact = Fact(conversation=case.conversation, body=says, actor="system", channel="system", key="first part")
    replay.carry_out(Command(facts=(fact,), rows=replay.crossings(case.conversation, some)), ground="request")
    assert erase.everything(case.conversation)
    await _ring()
    assert erase.everything(case.conversation) == {}
    head = read.head(case.conversation)
    assert head is not None
    assert (head.state.erasing, head.state.status) == (0, "closed")
    assert check(case.conversation) is None


async def test_two_workers_that_ring_at_once_cross_out_once() -> None:
    case = NadiasCase().tell()
    _wish(case, ago=erasing.WAIT)
    found = read.head(case.conversation)
    assert found is not None
    erasing.carry_out_wish(found, "erase", "due:1")
    with pytest.raises(Refused, match="Another worker"):
        erasing.carry_out_wish(found, "erase", "due:1")
    lines = [line for line in journal.lines() if line.conversation == str(case.conversation)]
    assert len({line.position for line in lines}) == len(lines), "The refused try left nothing in the journal."


async def test_the_wish_can_be_taken_back_within_the_week() -> None:
    case = NadiasCase().tell()
    _wish(case)
    with pytest.raises(Refused, match="already"):
        _wish_again(case)
    append_sync(erasing.withdrawn(_nadia(case), key="1"))
    head = read.head(case.conversation)
    assert head is not None
    assert (head.state.erasing, "erase" in head.state.dues) == (0, False)
    with pytest.raises(Refused, match="Nothing"):
        erasing.withdrawn(_nadia(case), key="2")


def _wish_again(case: NadiasCase) -> None:
    append_sync(erasing.asked(_nadia(case), words="", day="", now=time.time_ns() // 1000, key="2"))


async def test_a_hold_beats_the_wish_and_the_customer_reads_its_ground() -> None:
    case = NadiasCase().tell()
    _wish(case, ago=erasing.WAIT)
    case.add(HoldSet(by="Ruth", reason="Arbitration.", ground="claims"), by="agent:999")
    await _ring()
    answer = [e.body for e in read.events(case.conversation, audience=Audience.EVERYONE) if isinstance(e.body, ErasureRefused)]
    assert [body.ground for body in answer] == ["claims"]
    assert ADDRESS in _values(case)


async def test_a_hold_at_the_very_moment_leaves_neither_wish_nor_agreement_without_an_answer() -> None:
    case = NadiasCase().tell()
    _wish(case)
    asked = await _propose(case, entry=2)
    before = read.head(case.conversation)
    assert before is not None
    bodies = (CrossingAgreed(by="Ruth", asked=asked), HoldSet(by="Ruth", ground="court", reason="A claim is open."))
    facts = [Fact(conversation=case.conversation, body=body, actor="agent:1", channel="inbox", key=body.name) for body in bodies]
    append_sync(Command(facts=tuple(facts)))
    wish = erasing.carry_out_wish(before, "erase", "due:1")
    assert wish is not None
    append_sync(wish)
    await _ring()
    told = [entry.body for entry in read.events(case.conversation, audience=Audience.AGENTS)]
    assert [body.ground for body in told if isinstance(body, ErasureRefused)] == ["court"]
    assert [body.asked for body in told if isinstance(body, CrossingDeclined)] == [asked]
    after = read.head(case.conversation)
    assert after is not None
    assert (after.state.erasing, after.state.proposals) == (0, ())
    assert "lamp" in _values(case)


def test_the_journal_takes_a_person_back_whom_a_hold_kept() -> None:
    case = NadiasCase().tell()
    case.add(HoldSet(by="Ruth", reason="Arbitration.", ground="claims"), by="agent:999")
    before = list(journal.lines())
    with pytest.raises(Refused):
        erasing.erase_person(case.nadia.ref, by="Ruth and Ines", ground="request", reason="She asked.")
    assert list(journal.lines()) == before
    assert Customer.objects.get(pk=case.nadia.pk).name == "Nadia"


async def test_a_lead_refuses_the_wish_with_a_ground_in_law() -> None:
    case = NadiasCase().tell()
    _wish(case)
    ruth = _who(case, "Ines", "lead")
    assert "refuse_erasure" in {a.name for a in offered(enter(ruth, case.conversation))}
    form = {"ground": "claims", "reason": "Your complaint is open."}
    with pytest.raises(Forbidden):
        await perform(_who(case, "Tom", "agent"), "refuse_erasure", form, key="1", channel="inbox", conversation=case.conversation)
    await perform(ruth, "refuse_erasure", form, key="2", channel="inbox", conversation=case.conversation)
    with pytest.raises(Refused):
        await perform(ruth, "refuse_erasure", form, key="3", channel="inbox", conversation=case.conversation)
    head = read.head(case.conversation)
    assert head is not None
    assert head.state.erasing == 0


async def _propose(case: NadiasCase, **form: object) -> int:
    filled = {"ground": "mistake", "reason": "A card number was written here.", "entry": 0, **form}
    tom = _who(case, "Tom", "agent")
    key = f"p{sorted(form.items())}"[:100]
    return (await perform(tom, "propose_crossing", filled, key=key, channel="inbox", conversation=case.conversation)).position


async def _agree(case: NadiasCase, proposal: int) -> None:
    ruth = _who(case, "Ines", "lead")
    await perform(ruth, "agree_crossing", {"proposal": proposal}, key=f"a{proposal}", channel="inbox", conversation=case.conversation)
    await _ring()


async def test_one_field_goes_with_what_quotes_it_later_when_a_second_person_agrees() -> None:
    case = NadiasCase().tell()
    card = case.add(MessageSaid(by="Nadia", text=CARD))
    answer = case.add(MessageSaid(by="Nadia", text="Thanks!", quoted=f"> {CARD}", original="ab" * 32), channel="email")
    proposal = await _propose(case, entry=card, field="text")
    assert CARD in _values(case)
    with pytest.raises(Forbidden, match="second person"):
        tom = Who(ref=case.tom.ref, name="Tom", side="agents", role="lead", sites=frozenset({case.site.pk}))
        await perform(tom, "agree_crossing", {"proposal": proposal}, key="self", channel="inbox", conversation=case.conversation)
    await _agree(case, proposal)
    assert "4111" not in _values(case)
    entry = read.entry(case.conversation, answer)
    assert entry is not None
    assert entry.crossed_out == ("original", "quoted")
    assert entry.values["text"] == "Thanks!"
    told = [e.body for e in read.events(case.conversation, audience=Audience.EVERYONE) if isinstance(e.body, ErasureCarriedOut)]
    assert [(body.by, set(body.entries), body.whole) for body in told] == [("Tom and Ines", {str(card), str(answer)}, False)]
    assert check(case.conversation) is None
    head = read.head(case.conversation)
    assert head is not None
    assert (head.state.proposals, head.state.dues) == ((), {name: at for name, at in head.state.dues.items() if name in ("away", "sweep")})


async def test_a_proposal_that_is_declined_changes_nothing_and_cannot_be_agreed_on() -> None:
    case = NadiasCase().tell()
    proposal = await _propose(case)
    tom = _who(case, "Tom", "agent")
    await perform(tom, "decline_crossing", {"proposal": proposal}, key="d", channel="inbox", conversation=case.conversation)
    with pytest.raises(Refused):
        await _agree(case, proposal)
    assert ADDRESS in _values(case)


@pytest.mark.parametrize(
    "form",
    [
        {"entry": 999},
        {"entry": -1},
        {"entry": 2, "field": "entries"},
        {"person": "customer:999999"},
        {"person": "agent:1"},
        {"reason": " "},
    ],
)
async def test_a_proposal_of_what_is_not_there_is_refused(form: dict[str, object]) -> None:
    case = NadiasCase().tell()
    with pytest.raises(Refused):
        await _propose(case, **form)


async def test_what_a_stranger_said_goes_alone() -> None:
    case = NadiasCase().tell()
    omar = Customer.objects.create(site=case.site, name="Omar")
    said = MessageSaid(by="Omar", text="I saw the dent as well, I live next door.", address="omar@other.example")
    fact = Fact(conversation=case.conversation, body=said, actor=omar.ref, channel="email", key="omar")
    append_sync(Command(facts=(fact,), rows=(Joins(conversation=case.conversation, ref=omar.ref),)))
    case.add(MessageSaid(by="Tom", text="Omar writes from omar@other.example."), by=case.tom.ref)
    await _agree(case, await _propose(case, person=omar.ref))
    told = _values(case)
    assert "omar@other.example" not in told
    assert "next door" not in told
    assert ADDRESS in told
    assert Customer.objects.get(pk=omar.pk).name == ""


async def test_the_journal_crosses_out_again_what_a_restore_brought_back() -> None:
    case = NadiasCase().tell()
    await _agree(case, await _propose(case, entry=2, field="text"))
    lines = [line for line in journal.lines() if line.conversation == str(case.conversation)]
    assert [(line.position, line.fields) for line in lines] == [(2, ("text",))]
    before = read.head(case.conversation)
    assert replay.replay().entries == 0
    assert read.head(case.conversation) == before
    copies.settle(rested=0)
