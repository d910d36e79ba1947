"""The dialogue: whom it takes mail for, that 250 means kept, and that trouble of ours is never the sender's loss."""

from __future__ import annotations

import asyncio
import hashlib
import time
from pathlib import Path

import aiosmtplib
import hypothesis
import pytest
from aiosmtpd.smtp import SMTP
from django.conf import settings
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from chat.ledger import blobs, received
from chat.ledger.received import TAKEN, WAITING
from mailgateway import intake, smtpd
from mailgateway.inbound import SMALL
from mailgateway.wire.dialogue import Dialogue
from tests.mailgateway.gateway import Gateway, rows
from tests.mailgateway.mails import mail
from tests.services import database


@pytest.mark.parametrize("body", ["Hello\n", "A long story.\n" * 40_000], ids=["small", "large"])
async def test_a_mail_is_kept_byte_by_byte_when_250_is_said(gateway: Gateway, body: str, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(settings, "BLOBS", tmp_path / "blobs")
    raw = mail(body).replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
    said = await gateway.post(raw)
    (row,) = rows(WAITING)
    assert said == f"2.0.0 Kept as {row.id}"
    assert received.content(row) == raw
    assert row.digest == hashlib.sha256(raw).hexdigest()
    assert row.envelope["recipients"] == ["support@support.example"]
    assert blobs.exists(row.digest) == (len(raw) > SMALL)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("support@support.example", 250),
        ("SUPPORT@Support.Example", 250),
        ("support+anything@support.example", 250),
        ("postmaster@support.example", 250),
        ("bounces+x@support.example", 250),
        ("sales@support.example", 550),
        ("support@elsewhere.example", 550),
    ],
)
async def test_only_our_own_addresses_are_taken(gateway: Gateway, address: str, code: int) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=gateway.port, start_tls=False) as client:
        await client.mail("nadia@customer.example")
        try:
            found = (await client.rcpt(address)).code
        except aiosmtplib.SMTPRecipientRefused as refusal:
            found = refusal.code
    assert found == code


async def test_a_full_disk_or_an_absent_database_is_answered_with_451(gateway: Gateway, tmp_path, monkeypatch) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    monkeypatch.setattr(settings, "BLOBS", blocked / "blobs")
    assert await _answered(gateway, mail("A long story.\n" * 40_000)) == 451
    monkeypatch.undo()
    before = connections.settings["default"]["NAME"]
    database._point_at(str(tmp_path / "no" / "such" / "place"))
    assert await _answered(gateway, mail()) == 451
    database._point_at(before)
    assert await _answered(gateway, mail()) == 250
    assert len(rows(WAITING)) == 1


async def test_a_small_mail_waits_in_its_row_until_there_is_room_for_its_file(gateway: Gateway, tmp_path, monkeypatch) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    monkeypatch.setattr(settings, "BLOBS", blocked / "blobs")
    monkeypatch.setattr(intake, "NO_ROOM", 0.0)
    for _ in range(intake.TRIES + 1):
        assert await _answered(gateway, mail("One more.\n")) == 250
        await intake.take_in(gateway.parser)
    assert len(rows(WAITING)) == intake.TRIES + 1
    assert {row.attempts for row in rows(WAITING)} == {0}, "no room is no fault of the mail"
    monkeypatch.setattr(settings, "BLOBS", tmp_path / "blobs")
    await gateway.take_in()
    assert [blobs.exists(row.digest) for row in rows(TAKEN)] == [True] * (intake.TRIES + 1)


async def test_long_lines_and_bare_line_ends_are_no_reason_to_refuse(gateway: Gateway) -> None:
    answers = await _dialogue(gateway, mail("x" * 90_000 + "\r\n") + b"\r\n.\r\nQUIT\r\n")
    assert b"250 2.0.0 Kept" in answers


async def test_a_mail_that_is_too_large_is_refused_when_it_has_ended(gateway: Gateway, monkeypatch) -> None:
    monkeypatch.setattr(settings, "MAIL_MAX", 3_000_000)
    answers = await _dialogue(gateway, b"A long story.\r\n" * 250_000 + b".\r\nNOOP\r\nQUIT\r\n")
    assert [answer[:9] for answer in answers.split(b"\r\n")[-4:-1]] == [b"552 5.3.4", b"250 2.0.0", b"221 2.0.0"]
    assert rows(WAITING) == []
    assert await _answered(gateway, mail()) == 250


async def test_two_mails_in_one_packet_are_two_mails(gateway: Gateway) -> None:
    verbs = b"MAIL FROM:<nadia@customer.example>\r\nRCPT TO:<support@support.example>\r\nDATA\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"EHLO x\r\n" + verbs + mail("One\n") + b"\r\n.\r\n" + verbs + mail("Two\n") + b"\r\n.\r\nQUIT\r\n")
    answers = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert b"250-PIPELINING\r\n" in answers
    assert answers.count(b"250 2.0.0 Kept as ") == 2
    assert [received.content(row).split()[-1] for row in reversed(rows(WAITING))] == [b"One", b"Two"]


async def test_smuggled_mail_stays_in_the_mail_that_carries_it(gateway: Gateway) -> None:
    smuggled = b"MAIL FROM:<tom@support.example>\r\nRCPT TO:<support@support.example>\r\nDATA\r\nHello\r\n"
    for end in (b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r.\r\n"):
        await _dialogue(gateway, b"Subject: x\r\n\r\nHello" + end + smuggled + b"\r\n.\r\nQUIT\r\n")
    kept = rows(WAITING)
    assert [row.envelope["sender"] for row in kept] == ["nadia@customer.example"] * 5
    assert all(smuggled in received.content(row) for row in kept)


async def test_many_mails_at_once_are_all_kept_and_each_sender_hears_of_its_own(gateway: Gateway) -> None:
    said = await asyncio.gather(*(gateway.post(mail(f"Mail {n}\n")) for n in range(30)))
    kept = {f"2.0.0 Kept as {row.id}": received.content(row) for row in rows(WAITING)}
    assert len(set(said)) == len(kept) == 30
    assert all(f"Mail {n}\r\n".encode() in kept[words] for n, words in enumerate(said))


@pytest.mark.parametrize("sent", [b"half a mail\r\n.", b"A long story.\r\n" * 40_000], ids=["small", "large"])
async def test_a_client_that_dies_in_the_middle_of_a_mail_leaves_nothing(gateway: Gateway, sent: bytes, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(settings, "BLOBS", tmp_path / "blobs")
    await _dialogue(gateway, sent, dies=True)
    await asyncio.to_thread(_wait_until_empty, tmp_path)
    assert rows(WAITING) == []
    assert await _answered(gateway, mail()) == 250


_bits = st.sampled_from(["<a.b@c.d>", "<a@b>", "SIZE=1", "..", "é", *'<>@. ab()",:;[]\\\t\r\n_-+=\x00\x7f\xa0\u2003'])


@hypothesis.settings(max_examples=500, deadline=None)
@given(
    st.lists(_bits, max_size=10).map("".join)
    | st.lists(_bits, max_size=4).map(lambda bits: f"<a@b>{''.join(bits)}")
    | st.lists(_bits, max_size=6).map(lambda bits: f"<{''.join(bits)}>")
)
def test_plain_addresses_are_read_as_the_library_reads_them(argument: str) -> None:
    dialogue = object.__new__(Dialogue)
    ours = dialogue._getaddr(argument)
    try:
        theirs = SMTP._getaddr(dialogue, argument)
    except Exception:  # the library trips over some
        theirs = None, None
    if ours != theirs:
        assert argument.startswith(f"<{ours[0]}>")  # against the grammar, and taken as it stands


def test_addresses_against_the_grammar_that_people_have_are_taken() -> None:
    dialogue = object.__new__(Dialogue)
    for odd in ("nadia..lang@customer.example", "nadia.@customer.example", ".nadia@customer.example", "nadia[1]@customer.example"):
        assert dialogue._getaddr(f"<{odd}> SIZE=10") == (odd, "SIZE=10")


async def test_one_peer_may_not_hold_all_connections(gateway: Gateway, monkeypatch) -> None:
    monkeypatch.setattr(smtpd, "MAX_PER_PEER", 3)
    opened = [await asyncio.open_connection("127.0.0.1", gateway.port) for _ in range(4)]
    greetings = [await asyncio.wait_for(reader.readline(), 5) for reader, _ in opened]
    assert [greeting[:3] for greeting in greetings] == [b"220", b"220", b"220", b"421"]
    for _, writer in opened:
        writer.close()
    await asyncio.sleep(0.05)
    assert await gateway.post(mail())


async def test_a_mail_that_is_too_large_is_refused_before_it_is_sent(gateway: Gateway) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=gateway.port, start_tls=False) as client:
        await client.ehlo()
        assert client.supports_extension("smtputf8")
        with pytest.raises(aiosmtplib.SMTPSenderRefused) as refusal:
            await client.mail("nadia@customer.example", options=[f"SIZE={settings.MAIL_MAX + 1}"])
    assert refusal.value.code == 552


async def _dialogue(gateway: Gateway, text: bytes, *, dies: bool = False) -> bytes:
    """One mail of Nadia's program, and whatever `text` holds after its end; gives all that was answered to it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    for line in (b"", b"EHLO x\r\n", b"MAIL FROM:<nadia@customer.example>\r\n", b"RCPT TO:<support@support.example>\r\n", b"DATA\r\n"):
        writer.write(line)
        while (await asyncio.wait_for(reader.readline(), 10))[3:4] == b"-":
            pass
    writer.write(text)
    if dies:
        await writer.drain()
    answers = b"" if dies else await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return answers


def _wait_until_empty(folder: Path) -> None:
    until = time.monotonic() + 10
    while [path for path in folder.rglob("*") if path.is_file()]:
        assert time.monotonic() < until
        time.sleep(0.02)


async def _answered(gateway: Gateway, raw: bytes) -> int:
    """The code at the end of one mail."""
    try:
        await gateway.post(raw)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return refused.recipients[0].code
    except aiosmtplib.SMTPResponseException as refused:
        return refused.code
    return 250
