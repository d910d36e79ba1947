"""What is crossed out is gone, everything else stays provable, and everybody can read who did it and why. The same on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from chat.events.privacy import CrossedOut
from chat.events.talk import MessageSaid
from chat.ledger import read, seal
from chat.ledger.append import Refused, append_sync
from chat.ledger.check import check
from chat.ledger.cross_out import cross_out, crossing_out, scrub
from chat.ledger.event import AttachmentRef, Audience
from chat.ledger.models import Attachment, Crossing
from tests.chat.ledger.cast import NADIA, TOM, crossed, opened, opening, said, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]

CARD = "4111-1111-1111-1111"
DENT = AttachmentRef(name="dent.jpg", media_type="image/jpeg", size=3, digest="aa" * 32)
BILL = AttachmentRef(name="bill.pdf", media_type="application/pdf", size=4, digest="bb" * 32)


def _entry(conversation: int, position: int) -> read.Entry:
    found = read.entry(conversation, position)
    assert found is not None
    return found


def _cross(conversation: int, position: int, *fields: str) -> None:
    cross_out(conversation, position, fields, says=crossed(position, *fields), actor="agent:1", key=f"x-{position}-{fields}")


def test_value_and_salt_go_and_all_else_verifies() -> None:
    conversation = opened(first=f"My card is {CARD}.")
    before = {row.position: row for row in read.rows(conversation)}
    _cross(conversation, 2, "text")
    after = {row.position: row for row in read.rows(conversation)}
    assert after[2].fields["text"] is None
    assert after[2].fields["_sentence"] is None
    assert after[2].fields["by"] == before[2].fields["by"]
    assert (after[2].digests, after[2].seal, after[1]) == (before[2].digests, before[2].seal, before[1])
    assert isinstance(seal.verify(read.rows(conversation)), tuple)
    assert check(conversation) is None
    assert not Crossing.objects.exists()


def test_the_entry_says_what_is_gone_and_another_says_who_and_why() -> None:
    conversation = opened(first=f"My card is {CARD}.")
    _cross(conversation, 2, "text")
    entry, reason = _entry(conversation, 2), _entry(conversation, 3)
    assert entry.crossed_out == ("text",)
    assert isinstance(entry.body, MessageSaid)
    assert (entry.body.by, entry.body.text) == ("Nadia", "")
    assert isinstance(reason.body, CrossedOut)
    assert (reason.body.of, reason.body.by, reason.body.ground) == (2, "Ruth", "mistake")
    assert reason.audience is Audience.EVERYONE


def test_the_state_forgets_it_too() -> None:
    conversation = opened(first=f"My card is {CARD}.")
    assert CARD in read.head(conversation).state.last_word.text  # type: ignore[union-attr]
    _cross(conversation, 2, "text")
    head = read.head(conversation)
    assert head is not None
    assert CARD not in head.state.last_word.text
    assert head.state.last_word.position == 2
    say(conversation, "Thank you", actor=TOM)
    assert check(conversation) is None


def test_one_of_two_equal_files_can_go_and_the_other_keeps_its_number() -> None:
    conversation = opened()
    say(conversation, MessageSaid(by="Nadia", text="", attachments=(DENT, BILL, DENT)))
    _cross(conversation, 2, "attachments.0")
    body = _entry(conversation, 2).body
    assert isinstance(body, MessageSaid)
    assert [ref.name for ref in body.attachments] == ["", "bill.pdf", "dent.jpg"]
    found = [read.attachment(conversation, 2, index, audience=Audience.EVERYONE) for index in range(3)]
    assert found == [None, BILL.digest, DENT.digest]
    assert Attachment.objects.count() == 2
    assert check(conversation) is None


def test_several_entries_go_with_one_command_each_with_its_own_reason() -> None:
    from chat.ledger.append import Command, Crosses

    conversation = opened(first=f"My card is {CARD}.")
    say(conversation, f"Again: {CARD}")
    facts = tuple(said(conversation, crossed(position, "text"), actor="agent:1").facts[0] for position in (2, 3))
    rows = tuple(Crosses(conversation=conversation, position=position, fields=("text",), fact=n) for n, position in enumerate((2, 3)))
    append_sync(Command(facts=facts, rows=rows))
    assert [_entry(conversation, position).crossed_out for position in (2, 3)] == [("text",), ("text",)]
    assert check(conversation) is None


def test_the_same_key_again_changes_nothing() -> None:
    conversation = opened(first=CARD)
    command = crossing_out(conversation, 2, ("text",), says=crossed(2, "text"), actor="agent:1", key="x")
    assert append_sync(command).new
    assert not append_sync(command).new
    assert len(list(read.rows(conversation))) == 3


@pytest.mark.parametrize(("position", "field"), [(9, "text"), (2, "texts"), (2, "attachments.4")])
def test_what_is_not_there_cannot_be_crossed_out(position: int, field: str) -> None:
    conversation = opened(first=CARD)
    with pytest.raises(Refused):
        _cross(conversation, position, field)
    assert len(list(read.rows(conversation))) == 2


def test_a_guard_can_hold_it_back() -> None:
    conversation = opened(first=CARD)

    def held(_: object) -> None:
        raise Refused("This record is on hold.")

    with pytest.raises(Refused, match="on hold"):
        append_sync(crossing_out(conversation, 2, ("text",), says=crossed(2, "text"), actor="agent:1", key="x", expect=held))
    assert _entry(conversation, 2).values["text"] == CARD


def test_the_text_is_in_no_file_of_the_database_afterwards(database: str) -> None:
    others = [opened(first=f"Line {n} " * 50) for n in range(20)]
    conversation = opened(first=f"My card is {CARD}.")
    for n in range(60):
        say(conversation, f"Answer {n} " * 40, actor=TOM if n % 2 else NADIA)
    say(conversation, f"Once more: {CARD} " * 400)
    append_sync(opening(others[0] + 2, by=f"Nadia {CARD}"))
    if connection.vendor == "sqlite":
        assert CARD.encode() in b"".join(_files(database))
    _cross(conversation, 2, "text")
    _cross(conversation, 63, "text")
    _cross(others[0] + 2, 1, "by")
    assert scrub()
    if connection.vendor == "sqlite":
        assert CARD.encode() not in b"".join(_files(database))
    assert check(conversation) is None
    assert check(others[0] + 2) is None


def _files(database: str) -> list[bytes]:
    return [path.read_bytes() for path in Path(database).parent.glob(Path(database).name + "*")]
