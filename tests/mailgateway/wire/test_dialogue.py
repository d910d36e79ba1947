"""What is said on the wire: each answer with its code, every wait, line and error with its bound, and nothing smuggled in."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from ipaddress import ip_network

import pytest
from django.conf import settings
from structlog.testing import capture_logs

from chat.ledger import received
from chat.ledger.received import WAITING
from mailgateway import smtpd
from mailgateway.wire import allowance, dialogue, taking
from tests.mailgateway.caller import CODED, NADIA, SUPPORT, called
from tests.mailgateway.gateway import Gateway, rows
from tests.mailgateway.mails import mail


async def test_what_is_offered_is_what_stands(gateway: Gateway) -> None:
    async with called(gateway.port) as wire:
        offers = (await wire.ask(b"EHLO customer.example")).split(b"\r\n")[:-1]
        assert [offer[4:] for offer in offers] == [
            b"support.example",
            b"SIZE %d" % settings.MAIL_MAX,
            b"8BITMIME",
            b"SMTPUTF8",
            b"PIPELINING",
            b"ENHANCEDSTATUSCODES",
            b"HELP",
        ]
        assert [offer[3:4] for offer in offers] == [b"-"] * 6 + [b" "]


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ([b"MAIL FROM:<nadia@customer.example>"], b"503 5.5.1"),
        ([b"EHLO x", b"RCPT TO:<support@support.example>"], b"503 5.5.1"),
        ([b"EHLO x", b"DATA"], b"503 5.5.1"),
        ([b"EHLO x", NADIA, b"DATA"], b"503 5.5.1"),
        ([b"EHLO x", NADIA, NADIA], b"503 5.5.1"),
        ([b"EHLO x", b"MAIL FROM:<>"], b"250 2.0.0"),
        ([b"EHLO x", b"MAIL FROM:<nadia..lang.@customer.example>"], b"250 2.0.0"),
        ([b"EHLO x", "MAIL FROM:<zoë@customer.example> SMTPUTF8".encode()], b"250 2.0.0"),
        ([b"EHLO x", b"MAIL FROM:<nadia@customer.example> BODY=8BITMIME SIZE=1000"], b"250 2.0.0"),
        ([b"EHLO x", b"MAIL FROM:<nadia@customer.example> SIZE=99999999999"], b"552 5.3.4"),
        ([b"EHLO x", b"MAIL FROM:<nadia@customer.example> RET=HDRS"], b"555 5.5.4"),
        ([b"EHLO x", b"MAIL nadia@customer.example"], b"501 5.5.4"),
        ([b"EHLO x", NADIA, SUPPORT], b"250 2.1.5"),
        ([b"EHLO x", NADIA, b"RCPT TO:<postmaster>"], b"250 2.1.5"),
        ([b"EHLO x", NADIA, b"RCPT TO:<support+an.altered.tag@support.example>"], b"250 2.1.5"),
        ([b"EHLO x", NADIA, b"RCPT TO:<nobody@support.example>"], b"550 5.1.1"),
        ([b"EHLO x", NADIA, b"RCPT TO:<support@elsewhere.example>"], b"550 5.7.1"),
        ([b"EHLO x", NADIA, b"RCPT TO:<support@[127.0.0.1]>"], b"550 5.7.1"),
        ([b"EHLO x", NADIA, b"RCPT TO:<>"], b"550 5.1.1"),
        ([b"EHLO x", NADIA, b"RCPT TO:<\xff@support.example>"], b"550 5.1.1"),
        ([b"EHLO x", b"VRFY support"], b"252 2.0.0"),
        ([b"EHLO x", b"EXPN support"], b"502 5.5.1"),
        ([b"EHLO x", b"AUTH PLAIN AGEAYg=="], b"502 5.5.1"),
        ([b"EHLO x", b"STARTTLS"], b"502 5.5.1"),
        ([b"EHLO x", b"HELP"], b"214 2.0.0"),
        ([b"EHLO x", b"NOOP anything"], b"250 2.0.0"),
        ([b"EHLO x", b"RSET"], b"250 2.0.0"),
        ([b"EHLO x", b"LHLO x"], b"502 5.5.1"),
        ([b"EHLO x", b"XYZZY"], b"502 5.5.1"),
        ([b"\xff\xfe"], b"502 5.5.1"),
        ([b""], b"500 5.5.2"),
        ([b"NOOP " + b"x" * 5000], b"500 5.5.6"),
        ([b"HELO x", b"QUIT"], b"221 2.0.0"),
    ],
    ids=lambda value: value[-1].strip()[:50].decode("latin-1") if isinstance(value, list) else "",
)
async def test_every_answer_has_the_code_that_the_field_expects(gateway: Gateway, lines: list[bytes], answer: bytes) -> None:
    async with called(gateway.port) as wire:
        for line in lines:
            said = await wire.ask(line)
    assert said[:9] == answer
    assert CODED.match(said)


async def test_the_hundred_and_first_recipient_is_for_the_next_mail(gateway: Gateway) -> None:
    async with called(gateway.port) as wire:
        await wire.ask(b"EHLO x")
        await wire.ask(NADIA)
        answers = [await wire.ask(b"RCPT TO:<support+%d@support.example>" % number) for number in range(smtpd.MAX_RECIPIENTS + 1)]
        assert {answer[:3] for answer in answers[:-1]} == {b"250"}
        assert answers[-1][:9] == b"452 4.5.3"
        await wire.ask(b"DATA")
        assert (await wire.ask(mail() + b"\r\n.\r\n"))[:9] == b"250 2.0.0"
    (row,) = rows(WAITING)
    assert len(row.envelope["recipients"]) == smtpd.MAX_RECIPIENTS


async def test_who_guesses_addresses_or_talks_nonsense_is_shown_out(gateway: Gateway) -> None:
    async with called(gateway.port) as wire:
        await wire.ask(b"EHLO x")
        await wire.ask(NADIA)
        assert (await wire.ask(b"RCPT TO:<nobody@support.example>"))[:3] == b"550"
        await wire.begin(b"RCPT TO:<support@support.example>", hello=b"RSET")
        assert (await wire.ask(mail() + b"\r\n.\r\n"))[:3] == b"250"  # whoever brings mail begins anew
        await wire.ask(NADIA)
        codes = [(await wire.ask(b"RCPT TO:<guess%d@support.example>" % number))[:9] for number in range(allowance.MAX_ERRORS + 1)]
        assert codes == [b"550 5.1.1"] * allowance.MAX_ERRORS + [b"421 4.7.0"]
        assert await wire.rest() == b""


async def test_who_asks_without_end_and_sends_no_mail_is_shown_out(gateway: Gateway) -> None:
    async with called(gateway.port) as wire:
        codes = [(await wire.ask(b"NOOP"))[:3] for _ in range(allowance.MAX_IDLE + 1)]
        assert codes == [b"250"] * allowance.MAX_IDLE + [b"421"]
        assert await wire.rest() == b""


async def test_a_front_server_may_have_what_it_asks_for(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAIL_FRONTS", [ip_network("127.0.0.0/8")])
    monkeypatch.setattr(smtpd, "MAX_PER_PEER", 0)
    async with called(gateway.port) as wire:
        for _ in range(allowance.MAX_IDLE + allowance.MAX_ERRORS + 2):
            await wire.ask(b"EXPN x")
        await wire.begin()
        assert (await wire.ask(mail() + b"\r\n.\r\n"))[:3] == b"250"
    assert rows(WAITING)[0].envelope["trusted"] is True


async def test_nobody_is_trusted_who_is_not_set(gateway: Gateway) -> None:
    await gateway.post(mail())
    assert set(rows(WAITING)[0].envelope) == {"sender", "recipients", "peer", "greeting"}


async def test_all_connections_together_are_bounded(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtpd, "MAX_CONNECTIONS", 2)
    async with called(gateway.port) as first, called(gateway.port), called(gateway.port, greeted=False) as third:
        assert (await third.hear())[:9] == b"421 4.7.0"
        assert (await first.ask(b"QUIT"))[:3] == b"221"
        assert await first.rest() == b""
        async with called(gateway.port) as fourth:
            assert (await fourth.ask(b"NOOP"))[:3] == b"250"


async def test_a_command_without_end_ends_the_connection(gateway: Gateway) -> None:
    async with called(gateway.port) as wire:
        wire.send(b"MAIL FROM:<" + b"x" * 300_000)
        assert (await wire.rest())[:9] == b"421 4.7.0"


async def test_a_line_without_end_ends_the_connection_at_once(gateway: Gateway) -> None:
    async with called(gateway.port) as wire:
        await wire.begin()
        wire.send(b"Subject: x\r\n\r\n" + b"x" * (taking.LINE + 10))
        assert (await wire.rest())[:9] == b"421 4.7.0"
    assert rows(WAITING) == []


async def test_a_line_of_a_hundred_thousand_octets_is_real_mail(gateway: Gateway) -> None:
    async with called(gateway.port) as wire:
        await wire.begin()
        raw = b"Subject: x\r\n\r\n" + b"x" * 100_000 + b"\r\n" + b"y" * 900_000 + b"\r\n"
        assert (await wire.ask(raw + b".\r\n"))[:3] == b"250"
    assert received.content(rows(WAITING)[0]) == raw


async def test_silence_ends_the_connection_with_words(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue, "PATIENCE", 0.3)
    async with called(gateway.port) as wire:
        assert (await wire.rest())[:9] == b"421 4.4.2"
    async with called(gateway.port) as dripping:
        dripping.send(b"NO")
        await asyncio.sleep(0.2)
        dripping.send(b"O")  # a command has its time as a whole
        await asyncio.sleep(0.2)
        assert (await dripping.rest())[:9] == b"421 4.4.2"


async def test_a_mail_that_drips_has_its_time_and_then_no_more(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue, "PATIENCE", 0.6)
    monkeypatch.setattr(taking, "LONGEST", 1.2)
    async with called(gateway.port) as wire:
        await wire.begin()
        for _ in range(8):
            wire.send(b"one more line\r\n")
            await asyncio.sleep(0.2)
        assert (await wire.rest())[:9] == b"421 4.4.2"
    assert rows(WAITING) == []


async def test_a_client_that_says_everything_and_stops_talking_is_answered(gateway: Gateway) -> None:
    async with called(gateway.port) as wire:
        wire.send(b"EHLO x\r\n" + NADIA + SUPPORT + b"DATA\r\n" + mail() + b"\r\n.\r\n")
        wire.stop_talking()
        assert b"250 2.0.0 Kept as " in await wire.rest()
    assert len(rows(WAITING)) == 1


async def test_the_null_sender_and_eight_bits_are_kept_as_they_are(gateway: Gateway) -> None:
    async with called(gateway.port) as wire:
        await wire.ask(b"HELO mx.customer.example")
        await wire.ask(b"MAIL FROM:<>")
        await wire.ask(SUPPORT)
        await wire.ask(b"DATA")
        raw = "Subject: Zoë\r\n\r\nGrüße\r\n".encode("latin-1")
        assert (await wire.ask(raw + b".\r\n"))[:3] == b"250"
    (row,) = rows(WAITING)
    assert (row.envelope["sender"], row.envelope["greeting"]) == ("", "mx.customer.example")
    assert received.content(row) == raw


async def test_a_sender_of_octets_that_are_no_text_is_not_taken_for_none(gateway: Gateway) -> None:
    async with called(gateway.port) as wire:
        await wire.ask(b"EHLO x")
        await wire.ask("MAIL FROM:<zoë@customer.example>".encode("latin-1"))
        await wire.ask(SUPPORT)
        await wire.ask(b"DATA")
        assert (await wire.ask(mail() + b"\r\n.\r\n"))[:3] == b"250"
    assert rows(WAITING)[0].envelope["sender"] == "zo\ufffd@customer.example"


BITS = [
    b"EHLO x\r\n",
    NADIA,
    b"MAIL FROM:<>\r\n",
    b"MAIL FROM:<a@b.c> SIZE=x\r\n",
    SUPPORT,
    b"RCPT TO:<x@support.example>\r\n",
    b"DATA\r\n",
]
BITS += [
    b"DATA x\r\n",
    b"Subject: x\r\n\r\nHi\r\n",
    b".\r\n",
    b"\r\n.\r\n",
    b"\n.\n",
    b"\r",
    b"\n",
    b"\0",
    b"\xff\xfe",
    b"RSET\r\n",
    b"QUIT\r\n",
]
BITS += [b"STARTTLS\r\n", b'MAIL FROM:<"a\\"b"@c.d>\r\n', b"RCPT TO:<@a,@b:support@support.example>\r\n", b" \r\n", b"QUIT\r\n"]
BITS += [b"RCPT TO:<" + b"(" * 3000 + b"@x>\r\n", b"MAIL FROM:<" + b"[" * 2000 + b"@x>\r\n", b"x" * 5000 + b"\r\n", b"EHLO \xff\r\n"]


async def test_whatever_is_sent_every_answer_has_its_code_and_nothing_fails(gateway: Gateway) -> None:
    with capture_logs() as told:
        await asyncio.gather(*(_talked_nonsense(gateway.port, random.Random(seed)) for seed in range(30)))
    assert not [line for line in told if line["log_level"] == "error"]


async def _talked_nonsense(port: int, chance: random.Random) -> None:
    text = b"".join(chance.choice(BITS) for _ in range(chance.randrange(1, 40)))
    async with called(port) as wire:
        while text:
            cut = chance.choice([1, 3, 50, 5000])
            wire.send(text[:cut])
            text = text[cut:]
        with suppress(OSError):  # it hung up before
            wire.stop_talking()
        answers = (await wire.rest()).split(b"\r\n")
    assert [line for line in answers if line and not CODED.match(line) and line[:4] not in (b"354 ", b"250-", b"250 ")] == []
