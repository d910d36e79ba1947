"""A record comes to its end: the customer is told, nothing personal is left anywhere, every seal holds. The same on both engines."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from chat.actions import ending
from chat.actions.access import Who, enter
from chat.actions.action import BadForm, Forbidden, offered, perform
from chat.events.retention import RetentionCarriedOut, RetentionNoticed
from chat.events.talk import MessageSaid
from chat.ledger import blobs, copies, keeping, read, received, retain, search_index
from chat.ledger.append import Command, Fact, Named, NoSuchConversation, Refused, append_sync
from chat.ledger.check import check
from chat.ledger.deliveries import take
from chat.ledger.event import AttachmentRef, Audience
from chat.ledger.keeping import DAY
from chat.ledger.keeping_models import Leftover, RetentionRun
from chat.ledger.models import Attachment, Delivery, Due, OutsideName, Participant, Received
from chat.people.models import Site, Upload
from tests.chat.nadia import ADDRESS, NadiasCase

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]

NOW = time.time_ns() // 1000
NOTICE = NOW + 150 * DAY
OVER = NOW + 200 * DAY
PRIVATE = ("Nadia", "nadia@customer.example", "dent in the shade", "dent-left-side", "RF-20261125-0093", "Her bank told us", "dented")


def _run(now: int) -> retain.Tally:
    return ending.run({site.pk: site for site in Site.objects.all()}, now=now)


def _state(case: NadiasCase) -> read.State:
    head = read.head(case.conversation)
    assert head is not None
    return head.state


def _tables() -> str:
    """Every column of every table, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("chat_") and table not in ("chat_site", "chat_agent", "chat_customer"):
                cursor.execute(f'SELECT * FROM "{table}"')
                found += [str([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor.fetchall()]
    return "\n".join(found)


def _rich() -> tuple[NadiasCase, str, str]:
    """Nadia's case with a file, a raw mail, an upload and words in the index; the digests of the file and of the mail."""
    case = NadiasCase().tell()
    photo = blobs.store(b"photo of a dent in the shade")
    raw = b"From: nadia@customer.example\r\n\r\nThe dent in the shade grows.\r\n"
    mail = blobs.store(raw)
    row = received.keep("smtp", mail, {"sender": ADDRESS}, state="taken", conversation=case.conversation)
    assert row
    file = AttachmentRef(name="dent-left-side.jpg", media_type="image/jpeg", size=28, digest=photo)
    body = MessageSaid(
        by="Nadia", text="The dent in the shade grows.", address=ADDRESS, original=mail, attachments=(file,), outside_id="<1@x>"
    )
    fact = Fact(conversation=case.conversation, body=body, actor=case.nadia.ref, channel="email", key="mail-1")
    append_sync(Command(facts=(fact,), rows=(Named(conversation=case.conversation, namespace="message-id", value="<1@x>"),)))
    Upload.objects.create(secret="s", owner=case.nadia.ref, name="dent-left-side.jpg", media_type="image/jpeg", size=28, digest=photo)
    search_index.take_in_all()
    return case, photo, mail


def test_the_customer_is_told_once_and_by_mail() -> None:
    case = NadiasCase().tell()
    assert _run(NOW + 100 * DAY).looked == 0
    told = _run(NOTICE)
    assert (told.noticed, told.ended) == (1, 0)
    again = _run(NOTICE + DAY)
    assert (again.noticed, again.ended) == (0, 0)
    state = _state(case)
    last = read.entry(case.conversation, state.position)
    assert last is not None
    assert isinstance(last.body, RetentionNoticed)
    assert last.body.until == keeping.ends_at(state, keep_days=180)
    assert last.channel == "email"
    assert [parcel.position for parcel in take("email", limit=20, lease=1) if parcel.position == last.position]


def test_an_address_that_nobody_confirmed_gets_no_notice_by_mail() -> None:
    case = NadiasCase(confirmed=False)
    _run(NOTICE)
    entry = read.entry(case.conversation, 2)
    assert entry is not None
    assert entry.channel == "system"
    assert not Delivery.objects.filter(position=2).exists()


def test_nothing_personal_is_left_in_any_table_or_blob_and_every_seal_holds() -> None:
    case, photo, mail = _rich()
    before = {row.position: (row.header, row.seal, row.digests) for row in read.rows(case.conversation)}
    assert all(word in _tables() for word in ("Nadia", ADDRESS, "dent-left-side"))
    _run(NOTICE)
    tally = _run(OVER)
    assert (tally.ended, tally.failed) == (1, 0)
    copies.settle(rested=0)
    left = _tables()
    assert [word for word in PRIVATE if word.lower() in left.lower()] == []
    assert not blobs.exists(photo)
    assert not blobs.exists(mail)
    after = {row.position: (row.header, row.seal, row.digests) for row in read.rows(case.conversation)}
    assert {position: after[position] for position in before} == before
    assert check(case.conversation) is None
    for model in (Attachment, Delivery, Due, OutsideName, Participant, Received, Upload, Leftover):
        assert not model.objects.exists(), model


def test_the_chain_says_what_went_and_the_customer_finds_no_door_any_more() -> None:
    case = NadiasCase().tell()
    nadia = Who(ref=case.nadia.ref, name="Nadia", side="customer")
    enter(nadia, case.conversation)
    _run(NOTICE)
    _run(OVER)
    state = _state(case)
    last = read.entry(case.conversation, state.position)
    assert last is not None
    assert isinstance(last.body, RetentionCarriedOut)
    assert last.audience is Audience.EVERYONE
    assert set(last.body.entries["2"]) >= {"by", "text", "attachments.0"}
    assert keeping.is_gone(state)
    assert (state.status, state.customer.address, state.commitments, state.dues) == ("closed", "", (), {})
    with pytest.raises(NoSuchConversation):
        enter(nadia, case.conversation)


def test_a_second_run_finds_nothing_and_what_is_said_later_has_an_end_of_its_own() -> None:
    case = NadiasCase().tell()
    _run(NOTICE)
    _run(OVER)
    assert _run(OVER + DAY).looked == 0
    case.add(MessageSaid(by="Nadia", text="One more thing."))
    assert keeping.ends_at(_state(case), keep_days=180) > NOW + 179 * DAY
    _run(NOTICE)
    assert _run(OVER).ended == 1
    assert "One more thing" not in _tables()
    assert check(case.conversation) is None


def test_a_blob_that_another_record_shows_stays() -> None:
    case, photo, _ = _rich()
    other = NadiasCase()
    file = AttachmentRef(name="same.jpg", media_type="image/jpeg", size=28, digest=photo)
    other.add(MessageSaid(by="Ines", text="The same photo", attachments=(file,)), by=other.ines.ref)
    other_nadia = Who(ref=other.nadia.ref, name="Nadia", side="customer")
    _run(NOTICE)
    append_sync(_extended(other, NOW + 1000 * DAY))
    assert _run(OVER).ended == 1
    copies.settle(rested=0)
    assert blobs.exists(photo)
    assert enter(other_nadia, other.conversation)
    assert not Received.objects.filter(conversation=case.conversation).exists()


def test_a_fresh_blob_stays_a_minute_for_who_may_be_about_to_refer_to_it() -> None:
    _, photo, _ = _rich()
    _run(NOTICE)
    _run(OVER)
    assert blobs.exists(photo)
    assert copies.settle() == 1
    assert blobs.exists(photo)
    assert copies.settle(rested=0) == 0
    assert not blobs.exists(photo)


def test_a_run_that_died_between_two_steps_is_finished_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    case, photo, _ = _rich()
    _run(NOTICE)

    class Killed(BaseException):
        pass

    def die(**_: object) -> int:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(copies, "settle", die)
        with pytest.raises(Killed):
            _run(OVER)
    assert Participant.objects.filter(conversation_id=case.conversation).exists()
    assert copies.settle(rested=0) == 0
    assert not Participant.objects.filter(conversation_id=case.conversation).exists()
    assert not blobs.exists(photo)


def test_a_long_record_goes_in_parts_and_may_be_cut_off_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    from chat.ledger import replay

    case = NadiasCase().tell()
    monkeypatch.setattr(replay, "AT_ONCE", 3)
    monkeypatch.setattr(replay, "PARTS", 2)
    _run(NOTICE)
    whole = replay.carry_out
    done: list[Command] = []

    def twice(command: Command, *, ground: str = "") -> object:
        if len(done) == 1:
            raise Refused("cut off", code="busy")
        done.append(command)
        return whole(command, ground=ground)

    with monkeypatch.context() as patch:
        patch.setattr(replay, "carry_out", twice)
        _run(OVER)
    assert not keeping.is_gone(_state(case))
    assert check(case.conversation) is None
    assert _run(OVER).ended == 1
    assert keeping.is_gone(_state(case))
    assert check(case.conversation) is None
    assert [word for word in ("Her bank told us", "RF-20261125") if word in _tables()] == []


def test_a_file_that_nobody_sent_goes_after_a_day() -> None:
    NadiasCase()
    digests = [blobs.store(b"sent an hour ago"), blobs.store(b"sent last week")]
    for digest in digests:
        Upload.objects.create(secret=digest[:8], owner="customer:1", name="dent.jpg", media_type="image/jpeg", size=3, digest=digest)
    Upload.objects.filter(digest=digests[1]).update(created_at=timezone.now() - timedelta(days=7))
    _run(NOW)
    copies.settle(rested=0)
    assert [blobs.exists(digest) for digest in digests] == [True, False]
    assert [row.digest for row in Upload.objects.all()] == digests[:1]


async def test_ruth_holds_a_record_and_releases_it() -> None:
    case = NadiasCase().tell()
    ruth = Who(ref="agent:99", name="Ruth", side="agents", role="lead", sites=frozenset({case.site.pk}))
    tom = Who(ref=case.tom.ref, name="Tom", side="agents", role="agent", sites=frozenset({case.site.pk}))
    form = {"reason": "Nadia took the case to arbitration.", "ground": "claims"}
    with pytest.raises(Forbidden):
        await perform(tom, "hold", form, key="h", channel="inbox", conversation=case.conversation)
    assert {"hold"} == {action.name for action in offered(enter(ruth, case.conversation))} & {"hold", "release_hold"}
    await perform(ruth, "hold", form, key="h", channel="inbox", conversation=case.conversation)
    assert {"release_hold"} == {action.name for action in offered(enter(ruth, case.conversation))} & {"hold", "release_hold"}
    await read.in_thread(_run, NOTICE)
    assert (await read.in_thread(_run, OVER)).looked == 0
    await perform(ruth, "release_hold", {"reason": "It ended."}, key="r", channel="inbox", conversation=case.conversation)
    assert (await read.in_thread(_run, OVER)).noticed == 1
    assert (await read.in_thread(_run, OVER + 31 * DAY)).ended == 1


async def test_nadia_has_her_record_kept_longer_and_not_for_ever() -> None:
    case = NadiasCase().tell()
    nadia = Who(ref=case.nadia.ref, name="Nadia", side="customer")

    async def longer(days: int, key: str) -> None:
        form = {"until": time.time_ns() // 1000 + days * DAY}
        await perform(nadia, "keep_longer", form, key=key, channel="widget", conversation=case.conversation)

    with pytest.raises(BadForm, match="ten years"):
        await longer(3700, "a")
    with pytest.raises(BadForm, match="already"):
        await longer(10, "b")
    await longer(700, "c")
    assert (await read.in_thread(_run, OVER)).noticed == 0
    assert (await read.in_thread(_run, NOW + 675 * DAY)).noticed == 1


def test_one_process_does_the_run_of_a_night() -> None:
    assert retain.claim("2026-11-22")
    assert not retain.claim("2026-11-22")
    RetentionRun.objects.update(seen_at=1)
    assert retain.claim("2026-11-22"), "whoever was at it has died"
    retain.note("2026-11-22", retain.Tally(ended=3), ended=True)
    RetentionRun.objects.update(seen_at=1)
    assert not retain.claim("2026-11-22")
    assert retain.done("2026-11-22")


def _extended(case: NadiasCase, until: int) -> Command:
    from chat.events.retention import RetentionExtended

    body = RetentionExtended(by="Nadia", until=until)
    return Command(facts=(Fact(conversation=case.conversation, body=body, actor=case.nadia.ref, channel="widget", key="longer"),))
