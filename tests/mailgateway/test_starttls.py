"""STARTTLS: offered where a certificate is set, renewed without a restart, and nothing said before it counts after it."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiosmtplib
import pytest
from django.conf import settings

from chat.ledger.received import WAITING
from mailgateway import doctor
from mailgateway.wire import certificate
from mailgateway.wire.certificate import Certificate
from tests.mailgateway.caller import NADIA, SUPPORT, Wire, called, gate
from tests.mailgateway.gateway import Gateway, rows
from tests.mailgateway.mails import mail
from tests.services import certificate as made


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> made.Certificate:
    found = made.for_localhost(tmp_path / "tls")
    monkeypatch.setattr(settings, "SMTP_CERTIFICATE", found.chain)
    monkeypatch.setattr(settings, "SMTP_KEY", found.key)
    return found


@pytest.fixture
async def wire(gateway: Gateway, files: made.Certificate) -> AsyncIterator[Wire]:
    async with gate() as port, called(port) as wire:
        yield wire


async def test_a_mail_that_came_under_tls_is_kept_as_such(gateway: Gateway, files: made.Certificate) -> None:
    async with gate() as port:
        client = aiosmtplib.SMTP(hostname="localhost", port=int(port), start_tls=True, tls_context=files.trusting())
        async with client:
            assert not client.supports_extension("starttls")
            await client.sendmail("nadia@customer.example", "support@support.example", mail("A long story.\n" * 40_000))
    assert rows(WAITING)[0].envelope["tls"] is True


async def test_what_was_said_before_the_handshake_counts_no_more(wire: Wire, files: made.Certificate) -> None:
    assert b"250-STARTTLS\r\n" in await wire.ask(b"EHLO x")
    await wire.ask(NADIA)
    # CVE-2011-0411: commands behind STARTTLS in the same packet, put there by whoever stands between.
    wire.send(b"STARTTLS\r\nEHLO forged\r\nMAIL FROM:<tom@support.example>\r\n")
    assert (await wire.hear())[:9] == b"220 2.0.0"
    await wire.secure(files.trusting())
    assert (await wire.ask(SUPPORT))[:9] == b"503 5.5.1"
    assert (await wire.ask(NADIA))[:9] == b"503 5.5.1"
    assert b"STARTTLS" not in await wire.ask(b"EHLO x")
    assert (await wire.ask(b"STARTTLS"))[:9] == b"503 5.5.1"
    assert (await wire.ask(b"QUIT"))[:9] == b"221 2.0.0"


async def test_a_handshake_that_fails_ends_that_connection_alone(wire: Wire, gateway: Gateway) -> None:
    await wire.ask(b"EHLO x")
    await wire.ask(b"STARTTLS")
    wire.send(b"this is no handshake\r\n" * 20)
    await wire.rest()
    assert await gateway.post(mail())


async def test_a_renewed_certificate_is_used_without_a_restart(
    files: made.Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "LOOK", 0.0)
    held = Certificate(files.chain, files.key)
    first = held.context()
    assert held.context() is first
    newer = made.for_localhost(tmp_path / "newer")
    shutil.copy(newer.chain, files.chain)
    assert held.context() is first, "the key does not fit yet: the old pair goes on"
    shutil.copy(newer.key, files.key)
    second = held.context()
    assert second is not first
    os.unlink(files.chain)
    assert held.context() is second


def test_it_is_known_how_long_a_certificate_is_good(files: made.Certificate) -> None:
    now = datetime.now(UTC)
    assert timedelta(hours=23) < certificate.good_until(files.chain) - now < timedelta(hours=25)
    assert certificate.runs_out_soon(files.chain)
    assert not certificate.runs_out_soon(files.chain, now=now - timedelta(days=30))


def test_the_doctor_tells_of_a_certificate_that_runs_out(files: made.Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(doctor.Trouble, match="is good until"):
        doctor.encryption()
    monkeypatch.setattr(certificate, "SOON", timedelta(hours=1))
    assert doctor.encryption().startswith("STARTTLS is offered")
    files.key.write_text("no key")
    with pytest.raises(doctor.Trouble, match="cannot be used"):
        doctor.encryption()
    monkeypatch.setattr(settings, "SMTP_CERTIFICATE", None)
    assert "without TLS" in doctor.encryption()
