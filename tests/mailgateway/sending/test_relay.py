"""The way to the relay: TLS, login, certificates, one connection for many mails, and whose trouble a refusal is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from mailgateway import send
from mailgateway.send import AWAY, OURS
from mailgateway.sending.relay import Lines
from mailgateway.sending.writing import Outgoing
from tests.services import MailSink, free_port
from tests.services.certificate import Certificate, for_localhost

Start = Callable[..., MailSink]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    running: list[MailSink] = []

    def started(tls: str = "auto", user: str = "", password: str = "", **fields: Any) -> MailSink:
        sink = MailSink(**fields).start()
        running.append(sink)
        for name, value in {"": f"localhost:{sink.port}", "_TLS": tls, "_USER": user, "_PASSWORD": password}.items():
            monkeypatch.setattr(settings, f"RELAY{name}", value)
        return sink

    yield started
    for sink in running:
        sink.go_on.set()
        sink.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return for_localhost(tmp_path)


def mail(to: str = "nadia@customer.example", **fields: Any) -> Outgoing:
    raw = f"To: {to}\r\nSubject: Hello\r\n\r\nHello.\r\n".encode()
    return Outgoing(
        raw=raw, sender="bounces@support.example", to=to, identifier="i@support.example", subject="Hello", conversation=0, **fields
    )


@pytest.mark.parametrize("mode", ["starttls", "tls"])
async def test_a_relay_with_tls_and_login_takes_a_mail(
    start: Start, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.chain))
    login = ("shop", "a long password")
    relay = start(tls=mode, user=login[0], password=login[1], certificate=certificate, implicit=mode == "tls", login=login)
    assert await send.send(mail()) == send.Outcome("sent", "kept")
    assert relay.mails[0].recipients == ["nadia@customer.example"]


@pytest.mark.parametrize("mode", ["starttls", "tls"])
async def test_nothing_goes_to_a_relay_whose_certificate_nobody_vouches_for(start: Start, certificate: Certificate, mode: str) -> None:
    relay = start(tls=mode, certificate=certificate, implicit=mode == "tls")
    outcome = await send.send(mail())
    assert (outcome.state, outcome.whose) == ("delayed", AWAY)
    assert "certificate" in outcome.said and "not to be trusted" in outcome.said
    assert relay.mails == []


async def test_a_relay_without_tls_gets_nothing_where_tls_is_asked_for(start: Start) -> None:
    relay = start(tls="starttls")
    outcome = await send.send(mail())
    assert (outcome.state, outcome.whose) == ("delayed", AWAY)
    assert relay.mails == []


async def test_a_wrong_password_delays_and_gives_nothing_up(start: Start) -> None:
    start(user="shop", password="wrong", login=("shop", "right"))
    outcome = await send.send(mail())
    assert (outcome.state, outcome.whose) == ("delayed", AWAY)
    assert "535" in outcome.said


async def test_a_relay_that_wants_a_login_which_is_not_set_is_our_fault(start: Start) -> None:
    start(login=("shop", "right"))
    outcome = await send.send(mail())
    assert (outcome.state, outcome.whose) == ("delayed", OURS)


@pytest.mark.parametrize(
    ("line", "state", "whose"),
    [
        ("550 5.1.1 No such mailbox", "bounced", ""),
        ("450 4.2.0 Greylisted", "delayed", ""),
        ("554 5.7.1 <nadia@customer.example>: Relay access denied", "delayed", OURS),
        ("530 5.7.0 Must issue a STARTTLS command first", "delayed", OURS),
    ],
)
async def test_a_refusal_is_theirs_or_ours(start: Start, line: str, state: str, whose: str) -> None:
    start(refuse_to={"customer.example": line})
    outcome = await send.send(mail())
    assert (outcome.state, outcome.said, outcome.whose) == (state, line, whose)


@pytest.mark.parametrize(("refusal", "state", "whose"), [("550 5.1.1 No such user", "bounced", ""), ("451 4.2.0 Later", "delayed", "")])
async def test_a_relay_that_refuses_and_hangs_up_has_refused(monkeypatch: pytest.MonkeyPatch, refusal: str, state: str, whose: str) -> None:
    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay.example\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"RSET"):
                break
            writer.write(f"{refusal if line.upper().startswith(b'RCPT') else '250 fine'}\r\n".encode())
        writer.close()

    server = await asyncio.start_server(visited, "127.0.0.1", 0)
    monkeypatch.setattr(settings, "RELAY", f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert await send.send(mail()) == send.Outcome(state, refusal, whose)
    server.close()


async def test_nobody_there_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "RELAY", f"127.0.0.1:{free_port()}")
    outcome = await send.send(mail())
    assert (outcome.state, outcome.whose) == ("delayed", AWAY)
    assert "cannot be reached" in outcome.said


async def test_a_relay_that_speaks_no_tls_is_told_apart_from_one_that_is_away(start: Start) -> None:
    start(tls="tls")
    outcome = await send.send(mail())
    assert (outcome.state, outcome.whose) == ("delayed", AWAY)
    assert outcome.said == "Our relay cannot be reached with TLS: wrong version number."


async def test_many_mails_go_over_one_connection_also_after_a_refusal(start: Start) -> None:
    relay = start(refuse_to={"gone.example": "550 5.1.1 No such mailbox"})
    lines = Lines()
    for to in ("nadia@customer.example", "ghost@gone.example", "omar@customer.example"):
        await send.send(mail(to), lines)
    await lines.close()
    assert (relay.visits, len(relay.mails)) == (1, 2)


async def test_a_connection_that_the_relay_ended_meanwhile_is_replaced(start: Start) -> None:
    relay = start()
    lines = Lines()
    await send.send(mail(), lines)
    relay.stop()
    again = MailSink(port=relay.port).start()
    try:
        assert (await send.send(mail(), lines)).state == "sent"
        await lines.close()
    finally:
        again.stop()


async def test_an_address_beyond_ascii_goes_where_the_relay_can_carry_it_and_bounces_in_words_elsewhere(start: Start) -> None:
    able = start()
    assert (await send.send(mail("żaneta@customer.example", utf8=True))).state == "sent"
    assert able.mails[0].recipients == ["żaneta@customer.example"]
    start(utf8=False)
    outcome = await send.send(mail("żaneta@customer.example", utf8=True))
    assert outcome.state == "bounced"
    assert "SMTPUTF8" in outcome.said
