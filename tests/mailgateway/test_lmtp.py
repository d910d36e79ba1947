"""LMTP for a mail server in front: one answer for each recipient, the same store, over TCP or a Unix socket."""

from __future__ import annotations

import asyncio
import smtplib
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from chat.ledger.received import TAKEN, WAITING
from tests.mailgateway.caller import CODED, called, gate
from tests.mailgateway.gateway import Gateway, rows, said
from tests.mailgateway.mails import mail
from tests.services import database

TWO = (b"RCPT TO:<support@support.example>", b"RCPT TO:<support+more@support.example>")


async def test_each_recipient_that_was_taken_has_an_answer_of_its_own(gateway: Gateway) -> None:
    async with gate(lmtp=True) as port, called(port) as wire:
        assert b"250-PIPELINING\r\n" in await wire.ask(b"LHLO front.example")
        await wire.ask(b"MAIL FROM:<nadia@customer.example>")
        codes = [(await wire.ask(line))[:9] for line in (TWO[0], b"RCPT TO:<nobody@support.example>", TWO[1])]
        assert codes == [b"250 2.1.5", b"550 5.1.1", b"250 2.1.5"]
        await wire.ask(b"DATA")
        first, second = await wire.ask(mail() + b"\r\n.\r\n"), await wire.hear()
        assert first.startswith(b"250 2.0.0 <support@support.example> Kept as ")
        assert second.startswith(b"250 2.0.0 <support+more@support.example> Kept as ")
        assert (await wire.ask(b"QUIT"))[:3] == b"221"
    (row,) = rows(WAITING)
    assert (row.envelope["door"], row.envelope["recipients"]) == ("lmtp", ["support@support.example", "support+more@support.example"])
    assert "trusted" not in row.envelope, "anybody on this machine could have called"


async def test_trouble_and_refusals_are_told_to_each_recipient(gateway: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with gate(lmtp=True) as port, called(port) as wire:
        monkeypatch.setattr(settings, "MAIL_MAX", 5000)
        await wire.begin(*TWO, hello=b"LHLO x")
        answers = await wire.ask(b"A long story.\r\n" * 1000 + b".\r\n"), await wire.hear()
        assert [answer[:9] for answer in answers] == [b"552 5.3.4"] * 2
        monkeypatch.undo()
        before = connections.settings["default"]["NAME"]
        await wire.begin(*TWO, hello=b"LHLO x")
        database._point_at(str(tmp_path / "no" / "such" / "place"))
        answers = await wire.ask(mail() + b"\r\n.\r\n"), await wire.hear()
        database._point_at(before)
        assert [answer[:9] for answer in answers] == [b"451 4.3.0"] * 2
        assert all(CODED.match(answer) for answer in answers)
    assert rows(WAITING) == []


async def test_it_is_not_smtp(gateway: Gateway) -> None:
    async with gate(lmtp=True) as port, called(port) as wire:
        assert [(await wire.ask(line))[:3] for line in (b"EHLO x", b"HELO x", b"MAIL FROM:<>", b"LHLO x", b"DATA")] == [
            b"502",
            b"502",
            b"503",
            b"250",
            b"503",
        ]


async def test_a_unix_socket_belongs_to_the_front_server_which_is_trusted(gateway: Gateway, tmp_path: Path) -> None:
    async with gate(lmtp=True, path=tmp_path / "lmtp") as path:
        await asyncio.to_thread(_send_by_the_standard_library, str(path))
    assert rows(WAITING)[0].envelope["trusted"] is True
    await gateway.take_in()
    (row,) = rows(TAKEN)
    assert row.conversation is not None
    assert said(row.conversation)[0].address == "nadia@customer.example"


def _send_by_the_standard_library(path: str) -> None:
    with smtplib.LMTP(path) as client:
        client.sendmail("nadia@customer.example", ["support@support.example"], mail())
