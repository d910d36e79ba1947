"""The promises of `append` that a single command can show: round trip, all or nothing, guards and keys. The same on both engines."""

from __future__ import annotations

import asyncio

import pytest
from django.db import connection, transaction

from chat.events.handoff import HandoffClaimed
from chat.events.lifecycle import ConversationMoved
from chat.events.talk import MessageSaid, MessageSeen, NoteAdded
from chat.ledger import deliveries, read
from chat.ledger.append import (
    Command,
    Crosses,
    Fact,
    Fired,
    Joins,
    KeyConflict,
    Named,
    NoSuchConversation,
    Opens,
    Refused,
    Told,
    append,
    append_sync,
)
from chat.ledger.check import check
from chat.ledger.event import Audience, Kind, kinds
from chat.ledger.models import CaseCounter, Conversation, Event, OutsideName
from chat.ledger.seal import NotSealable
from chat.ledger.state import State
from tests.chat.ledger.cast import INES, NADIA, TOM, crossed, new_id, opened, opening, said, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]

EVERY = [kind for kind in kinds() if kind.__module__.startswith("chat.events.")]


def _bodies(conversation: int) -> list[object]:
    return [entry.body for entry in read.events(conversation, audience=Audience.AGENTS)]


def test_every_kind_comes_back_as_it_was_written() -> None:
    conversation = opened()
    bodies: list[Kind] = [kind.example() for kind in EVERY]
    for body in bodies:
        say(conversation, body, actor=TOM)
    assert _bodies(conversation)[1:] == bodies
    assert check(conversation) is None


def test_a_command_of_several_facts_goes_in_as_a_whole() -> None:
    conversation = new_id()
    receipt = append_sync(opening(conversation, first="My lamp is broken."))
    assert [written.position for written in receipt.written] == [1, 2]
    assert receipt.new
    assert [head.conversation for head in read.conversations_of(NADIA)] == [conversation]


def test_a_command_that_fails_at_its_end_leaves_nothing() -> None:
    conversation = opened()
    facts = (*said(conversation, "Before it").facts, *said(conversation, crossed(7, "text"), actor=TOM).facts)
    with pytest.raises(Refused, match="no entry 7"):
        append_sync(Command(facts=facts, rows=(Crosses(conversation=conversation, position=7, fields=("text",), fact=1),)))
    assert len(_bodies(conversation)) == 1
    assert say(conversation, "Still here?").position == 2


def test_events_of_two_conversations_are_written_together_or_not_at_all() -> None:
    first, second = opened(), opened()
    facts = tuple(
        Fact(conversation=cid, body=MessageSaid(by="Tom", text="Both"), actor=TOM, channel="inbox", key="both") for cid in (second, first)
    )
    assert [written.conversation for written in append_sync(Command(facts=facts)).written] == [second, first]
    nowhere = Fact(conversation=new_id(), body=MessageSaid(by="Tom", text="Lost"), actor=TOM, channel="inbox", key="lost")
    with pytest.raises(NoSuchConversation):
        append_sync(Command(facts=(*said(first, "half", key="half").facts, nowhere)))
    assert len(_bodies(first)) == len(_bodies(second)) == 2


def test_a_guard_sees_the_state_and_can_refuse() -> None:
    conversation = opened()

    def nobody_has_it(state: State) -> None:
        if state.assignee:
            raise Refused(f"{state.assignee_name} has it.", code="taken")

    append_sync(said(conversation, HandoffClaimed.example(), actor=TOM, expect=nobody_has_it))
    with pytest.raises(Refused, match="has it") as refusal:
        append_sync(said(conversation, HandoffClaimed.example(), actor=INES, expect=nobody_has_it))
    assert refusal.value.code == "taken"
    assert read.head(conversation).state.assignee == TOM  # type: ignore[union-attr]


async def test_two_agents_who_claim_at_once_cannot_both_have_it() -> None:
    conversation = await read.in_thread(opened)

    def nobody_has_it(state: State) -> None:
        if state.assignee:
            raise Refused("Somebody has it.")

    claims = [append(said(conversation, HandoffClaimed.example(), actor=f"agent:{n}", expect=nobody_has_it)) for n in range(20)]
    outcomes = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 19


def test_the_same_key_again_is_the_same_event() -> None:
    conversation = opened()
    first, again = say(conversation, "Once", key="k"), say(conversation, "Once", key="k")
    assert first.new
    assert not again.new
    assert first.written == again.written
    assert len(_bodies(conversation)) == 2


def test_a_key_belongs_to_its_actor_and_conversation() -> None:
    one, other = opened(), opened()
    assert say(one, "Hello", key="k").new
    assert say(one, "Hello", key="k", actor=TOM).new
    assert say(other, "Hello", key="k").new


@pytest.mark.parametrize("body", [MessageSaid(by="Nadia", text="Another text"), MessageSeen(by="Nadia", upto=1)])
def test_the_same_key_with_another_content_is_a_conflict(body: Kind) -> None:
    conversation = opened()
    say(conversation, "One text", key="k")
    with pytest.raises(KeyConflict):
        say(conversation, body, key="k")
    assert len(_bodies(conversation)) == 2


@pytest.mark.parametrize(("first", "then"), [("", "Lamp"), ("Lamp", "")])
def test_a_field_that_is_filled_once_and_empty_once_is_another_content(first: str, then: str) -> None:
    conversation = opened()
    say(conversation, MessageSaid(by="Nadia", text="It is broken.", subject=first), key="k")
    with pytest.raises(KeyConflict):
        say(conversation, MessageSaid(by="Nadia", text="It is broken.", subject=then), key="k")


def test_who_gave_a_name_meanwhile_may_say_the_same_again() -> None:
    conversation = opened()
    say(conversation, MessageSaid(by="", text="It is broken."), key="k")
    assert not say(conversation, MessageSaid(by="Nadia", text="It is broken."), key="k").new


def test_what_is_crossed_out_meanwhile_does_not_make_a_repetition_a_conflict() -> None:
    conversation = opened()
    say(conversation, "4111 1111 1111 1111", key="k")
    gone = crossed(2, "text")
    append_sync(said(conversation, gone, actor=TOM, rows=(Crosses(conversation=conversation, position=2, fields=("text",)),)))
    assert not say(conversation, "4111 1111 1111 1111", key="k").new


def test_what_opens_a_conversation_opens_one() -> None:
    first, second = new_id(), new_id()
    append_sync(opening(first, key="tab", first="Hello"))
    again = append_sync(opening(second, key="tab", first="Hello"))
    assert (again.conversation, again.new) == (first, False)
    assert read.head(second) is None


async def test_two_openings_at_once_find_the_same_conversation() -> None:
    receipts = await asyncio.gather(*(append(opening(new_id(), key="tab", first="Hello")) for _ in range(10)))
    assert len({receipt.conversation for receipt in receipts}) == 1
    assert sum(receipt.new for receipt in receipts) == 1


def test_an_opening_key_with_another_first_message_is_a_conflict() -> None:
    append_sync(opening(new_id(), key="tab", first="Hello"))
    with pytest.raises(KeyConflict):
        append_sync(opening(new_id(), key="tab", first="Something else"))


def test_an_id_that_is_taken_opens_nothing() -> None:
    conversation = opened()
    with pytest.raises(KeyConflict):
        append_sync(opening(conversation, key="another door"))


async def test_case_numbers_have_no_gaps_in_a_site() -> None:
    commands = [opening(new_id(), site=1 + n % 2) for n in range(30)]

    refused = [said(new_id(), "Nowhere") for _ in range(5)]
    await asyncio.gather(*map(append, [*commands, *refused]), return_exceptions=True)
    for site in (1, 2):
        numbers = sorted(Conversation.objects.filter(site=site).values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert CaseCounter.objects.get(pk=site).last == len(numbers)


def test_append_inside_a_transaction_is_refused() -> None:
    conversation = opened()
    with transaction.atomic(), pytest.raises(RuntimeError, match="atomic"):
        say(conversation, "Within")
    assert say(conversation, "Outside").position == 2


@pytest.mark.parametrize("text", ["NUL \0", "half a pair \ud83d"])
def test_text_that_cannot_be_stored_is_refused_before_the_queue(text: str) -> None:
    conversation = opened()
    for command in (
        said(conversation, text),
        said(conversation, "fine", key=text),
        said(conversation, "fine", actor=text),
        said(conversation, "fine", channel=text),
        said(conversation, "fine", rows=(Joins(conversation=conversation, ref=text),)),
        said(conversation, "fine", rows=(Named(conversation=conversation, namespace="mail", value=text),)),
    ):
        with pytest.raises(NotSealable):
            append_sync(command)
    assert len(_bodies(conversation)) == 1


def test_commands_that_are_not_complete_are_refused() -> None:
    conversation, other = opened(), opened()
    twice = said(conversation, "twice", key="k").facts
    for command in (
        Command(facts=()),
        Command(facts=twice * 2),
        Command(facts=twice, opens=Opens(conversation=other, site=1, source="widget", key="k")),
        said(-1, "Below zero"),
        said(2**63, "Beyond"),
        said(conversation, "fine", key="k" * 201),
        said(conversation, "fine", rows=(Named(conversation=conversation, namespace="mail", value="<a@b>", fact=1),)),
        said(conversation, "fine", rows=(Fired(conversation=other, name="away"),)),
        said(conversation, "fine", rows=(Joins(conversation=conversation, ref="r" * 65),)),
    ):
        with pytest.raises(Refused):
            append_sync(command)
    assert Event.objects.count() == 2


def test_an_outside_name_leads_to_the_event_that_had_it_first() -> None:
    conversation = opened()
    for text in ("first", "second"):
        append_sync(said(conversation, text, rows=(Named(conversation=conversation, namespace="mail", value="<a@customer.example>"),)))
    assert read.named("mail", ["<a@customer.example>", "<b@customer.example>"]) == {"<a@customer.example>": (conversation, 2)}
    assert OutsideName.objects.count() == 1
    assert "customer.example" not in OutsideName.objects.get().value, "a name of the outside world is kept as its digest alone"


def test_a_late_courier_does_not_undo_what_another_one_sent() -> None:
    conversation = opened()
    receipt = append_sync(
        Command(
            facts=(
                Fact(
                    conversation=conversation,
                    body=ConversationMoved(by="Tom", address="nadia@customer.example", reason="It takes a day."),
                    actor="agent:1",
                    channel="email",
                    key="move",
                ),
            )
        )
    )
    parcel = deliveries.of(conversation, receipt.position, "email")
    assert parcel is not None
    for key, state in (("quick", deliveries.SENT), ("late", deliveries.DELAYED)):
        append_sync(said(conversation, key, rows=(Told(delivery=parcel.id, state=state),)))
    after = deliveries.of(conversation, receipt.position, "email")
    assert after is not None and after.state == deliveries.SENT


def test_tables_of_the_ledger_are_not_saved_or_deleted_by_the_orm() -> None:
    opened()
    row = Event.objects.get()
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(TypeError):
        row.delete()
    assert connection.in_atomic_block is False


@pytest.mark.parametrize("words", ["It names Paul Weber", "", "Others", "a" * 40])
def test_a_header_takes_the_code_of_a_ground_and_no_words(words: str) -> None:
    conversation = opened()
    fact = Fact(conversation=conversation, body=NoteAdded(by="Tom", text="A note."), actor=TOM, channel="inbox", key="n", disclose=words)
    with pytest.raises(Refused):
        append_sync(Command(facts=(fact,)))
    assert len(_bodies(conversation)) == 1
