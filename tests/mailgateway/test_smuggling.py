"""Line ends on the wire: none but the real one ends a mail, and bare ones are what their senders meant or are refused."""

from __future__ import annotations

import asyncio
import smtplib

import pytest
from django.conf import settings

from chat.ledger import received
from chat.ledger.received import WAITING
from tests.mailgateway.caller import called
from tests.mailgateway.gateway import Gateway, rows

ENDS = [
    b"\n.\n",
    b"\r.\r",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\n.\r",
    b"\r.\n",
    b"\r\r\n.\r\r\n",
    b"\n\r\n.\n\r\n",
    b"\r\n\x00.\r\n",
]


@pytest.mark.parametrize("policy", ["normalise", "refuse"])
@pytest.mark.parametrize("end", ENDS, ids=repr)
async def test_no_line_end_but_the_real_one_smuggles_a_second_mail_in(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, end: bytes, policy: str
) -> None:
    monkeypatch.setattr(settings, "MAIL_LINE_ENDS", policy)
    second = b"MAIL FROM:<tom@support.example>\r\nRCPT TO:<support@support.example>\r\nDATA\r\nSubject: forged\r\n\r\nPay.\r\n"
    async with called(gateway.port) as wire:
        await wire.begin()
        wire.send(b"Subject: x\r\n\r\nHello" + end + second + b".\r\nQUIT\r\n")
        answers = (await wire.rest()).split(b"\r\n")
    assert [answer[:3] for answer in answers] == [b"550" if policy == "refuse" and _bare(end) else b"250", b"221", b""]
    assert all(row.envelope["sender"] == "nadia@customer.example" and second in received.content(row) for row in rows(WAITING))


def _bare(end: bytes) -> bool:
    rest = end.replace(b"\r\n", b"")
    return b"\r" in rest or b"\n" in rest


async def test_a_large_mail_whose_lines_end_in_a_bare_line_feed_is_taken_as_it_is_meant(gateway: Gateway) -> None:
    lines = b"".join(b"%d A long story.\n" % number + b".\n..two\n" * (number % 2) for number in range(60_000))
    raw = b"Subject: x\n\n" + lines
    await asyncio.to_thread(_posted_as_it_is, gateway.port, raw)
    # It puts a CRLF behind what does not end in one.
    assert received.content(rows(WAITING)[0]) == (raw + b"\n").replace(b"\n", b"\r\n")


def _posted_as_it_is(port: int, raw: bytes) -> None:
    # smtplib changes no line ends of octets, and doubles the dots behind a bare line feed too.
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.sendmail("nadia@customer.example", ["support@support.example"], raw)


async def test_bare_line_ends_are_kept_as_line_ends(gateway: Gateway) -> None:
    async with called(gateway.port) as wire:
        await wire.begin()
        assert (await wire.ask(b"Subject: x\nTo: y\r\r\n\nOne\rTwo\n\n.\nThree\r\n.\r\n"))[:3] == b"250"
    assert received.content(rows(WAITING)[0]) == b"Subject: x\r\nTo: y\r\n\r\nOne\r\nTwo\r\n\r\n.\r\nThree\r\n"
