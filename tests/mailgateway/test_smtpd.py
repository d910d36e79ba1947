"""The dialogue: whom it takes mail for, that 250 means kept, and that trouble of ours is never the sender's loss."""

from __future__ import annotations

import asyncio
import hashlib

import aiosmtplib
import pytest
from django.conf import settings
from django.db import connections

from chat.ledger import blobs
from chat.ledger.received import WAITING
from mailgateway import smtpd
from tests.mailgateway.gateway import Gateway, rows
from tests.mailgateway.mails import mail
from tests.services import database


async def test_a_mail_is_on_disk_and_in_the_table_when_250_is_said(gateway: Gateway) -> None:
    said = await gateway.post(mail("Hello\n"))
    (row,) = rows(WAITING)
    assert said == f"2.0.0 Kept as {row.id}"
    assert blobs.exists(row.digest)
    assert row.digest == hashlib.sha256(mail("Hello\n").replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")).hexdigest()
    assert row.envelope["recipients"] == ["support@support.example"]


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
    assert await _answered(gateway) == 451
    monkeypatch.undo()
    before = connections.settings["default"]["NAME"]
    database._point_at(str(tmp_path / "no" / "such" / "place"))
    assert await _answered(gateway) == 451
    database._point_at(before)
    assert await _answered(gateway) == 250
    assert len(rows(WAITING)) == 1


async def test_long_lines_and_bare_line_ends_are_no_reason_to_refuse(gateway: Gateway) -> None:
    raw = mail("x" * 90_000 + "\r\n")
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    for line in (b"EHLO x\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<support@support.example>\r\n", b"DATA\r\n"):
        writer.write(line)
        while (await reader.readline())[3:4] == b"-":
            pass
        if line.startswith(b"EHLO"):
            continue
    writer.write(raw + b"\r\n.\r\nQUIT\r\n")
    answers = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert b"250 2.0.0 Kept" in answers


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


async def _answered(gateway: Gateway) -> int:
    """The code at the end of one mail."""
    try:
        await gateway.post(mail())
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return refused.recipients[0].code
    except aiosmtplib.SMTPResponseException as refused:
        return refused.code
    return 250
