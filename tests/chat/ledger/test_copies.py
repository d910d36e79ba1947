"""Places forget what was crossed out: each of them, also after one failed; blobs go that nothing refers to, and no other."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.events.talk import MessageSaid
from chat.ledger import blobs, copies, received, retain
from chat.ledger.copies import Gone
from chat.ledger.cross_out import cross_out
from chat.ledger.event import AttachmentRef
from chat.ledger.keeping import DAY
from chat.ledger.keeping_models import Leftover
from chat.ledger.models import Delivery, Received
from tests.chat.ledger.cast import crossed, opened, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


@pytest.fixture
def place() -> Iterator[list[Gone]]:
    """A place that notes what it is to forget, and fails the first time."""
    told: list[Gone] = []

    def forget(gone: Gone) -> None:
        told.append(gone)
        if len(told) == 1:
            raise ZeroDivisionError

    copies.register("a test's notebook", forget)
    yield told
    copies._places.pop("a test's notebook")


def _with_file(text: bytes = b"a photo") -> tuple[int, str]:
    conversation = opened()
    file = AttachmentRef(name="dent.jpg", media_type="image/jpeg", size=len(text), digest=blobs.store(text))
    say(conversation, MessageSaid(by="Nadia", text="Look.", attachments=(file,)))
    return conversation, file.digest


def _cross(conversation: int, *fields: str) -> None:
    cross_out(conversation, 2, fields, says=crossed(2, *fields), actor="agent:1", key=f"x{fields}")


def test_a_place_that_fails_is_asked_again_and_holds_up_no_other(place: list[Gone]) -> None:
    conversation, digest = _with_file()
    _cross(conversation, "attachments.0", "text")
    assert copies.settle(rested=0) == 1
    assert blobs.exists(digest)
    assert copies.settle(rested=0) == 0
    assert not blobs.exists(digest)
    expected = Gone(conversation=conversation, entries={2: ("attachments.0", "text")}, digests=frozenset({digest}))
    assert place == [expected, expected]
    assert not Leftover.objects.exists()


def test_no_place_forgets_anything_where_only_a_blob_lost_a_reference(place: list[Gone]) -> None:
    conversation, digest = _with_file()
    came = blobs.store(b"From: nadia\r\n\r\nhttps://help.example/r/#secret")
    row = received.keep("smtp", came, {}, state="waiting")
    received.settle(row, "taken", conversation=conversation, kept=blobs.store(b"From: nadia\r\n\r\nhttps://help.example/r/#taken-out"))
    copies.leave([digest, *(f"{n:064x}" for n in range(250))])
    assert copies.settle(rested=0) == 0
    assert place == []
    assert (blobs.exists(came), blobs.exists(digest)) == (False, True)


def test_a_blob_goes_with_its_last_reference() -> None:
    first, digest = _with_file()
    second, _ = _with_file()
    _cross(first, "attachments.0")
    copies.settle(rested=0)
    assert blobs.exists(digest)
    _cross(second, "attachments.0")
    copies.settle(rested=0)
    assert not blobs.exists(digest)


def test_who_stores_the_same_content_again_finds_it_there_a_moment_later() -> None:
    conversation, digest = _with_file()
    path = blobs._path(digest)
    os.utime(path, (0, 0))
    _cross(conversation, "attachments.0")
    assert blobs.store(b"a photo") == digest
    assert copies.settle() == 1, "somebody stored it a moment ago, and is about to refer to it"
    assert blobs.exists(digest)
    os.utime(path, (0, 0))
    assert copies.settle() == 0
    assert not blobs.exists(digest)
    assert not list(path.parent.iterdir())
    assert blobs.store(b"a photo") == digest
    assert blobs.exists(digest)


def test_the_mail_as_it_came_goes_with_the_entry_and_others_stay() -> None:
    conversation = opened()
    raws = [blobs.store(text) for text in (b"From: nadia\r\n\r\nMy card", b"From: nadia\r\n\r\nThe lamp")]
    for raw in raws:
        received.keep("smtp", raw, {"sender": "nadia@customer.example"}, state="taken", conversation=conversation)
        say(conversation, MessageSaid(by="Nadia", text="A mail", original=raw), channel="email")
    _cross(conversation, "original", "text")
    copies.settle(rested=0)
    assert [blobs.exists(raw) for raw in raws] == [False, True]
    assert [row.digest for row in Received.objects.all()] == [raws[1]]


def test_a_mail_that_has_not_left_yet_does_not_leave() -> None:
    conversation, _ = _with_file()
    for position, state in ((2, "queued"), (1, "queued"), (2, "sent")):
        Delivery.objects.create(
            conversation_id=conversation, position=position, route=f"email-{state}", target="customer:41", state=state, created_at=1
        )
    _cross(conversation, "text")
    copies.settle(rested=0)
    assert sorted(Delivery.objects.values_list("position", "state")) == [(1, "queued"), (2, "sent")]


def test_mails_that_belong_to_no_record_go_after_the_floor() -> None:
    kept = blobs.store(b"a mail that says nothing")
    belongs = received.keep("smtp", kept, {}, state="taken", conversation=opened())
    waits = received.keep("smtp", kept, {}, state="waiting")
    received.keep("smtp", kept, {}, state="dropped")
    now = time.time_ns() // 1000
    assert retain.drop_old_mail(now=now + 179 * DAY) == set()
    assert retain.drop_old_mail(now=now + 181 * DAY) == {kept}
    assert sorted(Received.objects.values_list("pk", flat=True)) == [belongs, waits]
    assert copies.release({kept}, rested=0) == set()
    assert blobs.exists(kept), "others refer to it"


def test_mails_that_were_put_aside_wait_thirty_days_for_somebody() -> None:
    for state, likely in product(received.ASIDE, (None, opened())):
        digest = blobs.store(f"one that is {state}".encode())
        received.keep("smtp", digest, {}, state=state, conversation=likely)
        now = time.time_ns() // 1000
        assert retain.drop_old_mail(now=now + 29 * DAY) == set()
        assert retain.old_mail(now=now + 31 * DAY) == {state: 1}
        assert retain.drop_old_mail(now=now + 31 * DAY) == {digest}


def test_a_look_for_a_blob_reads_no_table_from_end_to_end() -> None:
    with CaptureQueriesContext(connection) as asked:
        copies.release(["5e" * 32], rested=0)
    plan = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute("SET enable_seqscan = off")  # else it reads tables that are nearly empty
        for query in (query["sql"] for query in asked if "chat_upload" not in query["sql"]):
            cursor.execute(f"{plan} {query}")
            told = " ".join(str(row) for row in cursor.fetchall())
            assert "_blob" in told, told
