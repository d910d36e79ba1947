"""The PROXY protocol: a proxy says whom it speaks for, and nobody else may say so."""

from __future__ import annotations

import ipaddress
import socket
import struct

import pytest
from django.conf import settings

from chat.ledger.received import WAITING
from mailgateway import smtpd
from mailgateway.wire import dialogue, fronts
from tests.mailgateway.caller import called
from tests.mailgateway.gateway import Gateway, rows
from tests.mailgateway.mails import mail

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


def second(command: int, family: int, body: bytes) -> bytes:
    return SIGNATURE + struct.pack("!BBH", 0x20 | command, family, len(body)) + body


FOUR = socket.inet_aton("203.0.113.9") + socket.inet_aton("192.0.2.1") + struct.pack("!HH", 4711, 25)
SIX = socket.inet_pton(socket.AF_INET6, "2001:db8::9") + socket.inet_pton(socket.AF_INET6, "2001:db8::1") + struct.pack("!HH", 4711, 25)


@pytest.fixture(autouse=True)
def behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAIL_PROXIES", [ipaddress.ip_network("127.0.0.1/32")])


@pytest.mark.parametrize(
    ("line", "peer"),
    [
        (b"PROXY TCP4 203.0.113.9 192.0.2.1 4711 25\r\n", "203.0.113.9"),
        (b"PROXY TCP6 2001:db8::9 2001:db8::1 4711 25\r\n", "2001:db8::9"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        (second(1, 0x11, FOUR), "203.0.113.9"),
        (second(1, 0x10, FOUR), "127.0.0.1"),
        (second(1, 0x11, FOUR + b"\x05\x00\x02id"), "203.0.113.9"),
        (second(1, 0x21, SIX), "2001:db8::9"),
        (second(0, 0x00, b""), "127.0.0.1"),
        (second(0, 0x11, FOUR), "127.0.0.1"),
    ],
    ids=["1 IPv4", "1 IPv6", "1 unknown", "2 IPv4", "2 of no protocol", "2 with more", "2 IPv6", "2 local", "2 local with an address"],
)
async def test_the_mail_is_from_whom_the_proxy_says(gateway: Gateway, line: bytes, peer: str) -> None:
    async with called(gateway.port, greeted=False) as wire:
        wire.send(line)
        assert (await wire.hear())[:4] == b"220 "
        await wire.begin()
        assert (await wire.ask(mail() + b"\r\n.\r\n"))[:3] == b"250"
    assert rows(WAITING)[0].envelope["peer"] == peer


@pytest.mark.parametrize(
    "line",
    [
        b"EHLO customer.example\r\n",
        b"PROXY TCP4 203.0.113.999 192.0.2.1 4711 25\r\n",
        b"PROXY TCP4 203.0.113.9 192.0.2.1 4711 99999\r\n",
        b"PROXY " + b"x" * 200 + b"\r\n",
        b"PROXY " + b"x" * 300_000,
        SIGNATURE + b"\x31\x11\x00\x0c" + FOUR,
        second(1, 0x11, FOUR[:5]),
    ],
    ids=["none", "no address", "no port", "long", "endless", "third version", "cut off"],
)
async def test_a_proxy_that_says_no_such_thing_gets_no_word(gateway: Gateway, line: bytes) -> None:
    async with called(gateway.port, greeted=False) as wire:
        wire.send(line)
        assert await wire.rest() == b""


async def test_a_proxy_that_says_nothing_is_not_waited_for(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue, "INTRODUCTION", 0.2)
    async with called(gateway.port, greeted=False) as wire:
        assert (await wire.rest())[:3] in (b"421", b"")


async def test_nobody_else_may_say_whom_they_speak_for(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAIL_PROXIES", [])
    async with called(gateway.port) as wire:
        assert (await wire.ask(b"PROXY TCP4 203.0.113.9 192.0.2.1 4711 25"))[:3] == b"502"
        await wire.begin()
        assert (await wire.ask(mail() + b"\r\n.\r\n"))[:3] == b"250"
    assert rows(WAITING)[0].envelope["peer"] == "127.0.0.1"


async def test_limits_and_trust_are_those_of_the_client_behind_the_proxy(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtpd, "MAX_PER_PEER", 1)
    monkeypatch.setattr(settings, "MAIL_FRONTS", [ipaddress.ip_network("203.0.113.0/24"), ipaddress.ip_network("127.0.0.0/8")])
    heard = []
    async with (
        called(gateway.port, greeted=False) as first,
        called(gateway.port, greeted=False) as same,
        called(gateway.port, greeted=False) as other,
        called(gateway.port, greeted=False) as front,
        called(gateway.port, greeted=False) as front_again,
    ):
        clients = ["2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:2::1", "203.0.113.9", "203.0.113.9"]
        for wire, client in zip((first, same, other, front, front_again), clients, strict=True):
            version = b"TCP6" if ":" in client else b"TCP4"
            to = b"2001:db8::1" if ":" in client else b"192.0.2.1"
            wire.send(b"PROXY %s %s %s 4711 25\r\n" % (version, client.encode(), to))
            heard.append((await wire.hear())[:3])
        assert heard == [b"220", b"421", b"220", b"220", b"220"]
        await other.begin()
        assert (await other.ask(mail() + b"\r\n.\r\n"))[:3] == b"250"
    assert "trusted" not in rows(WAITING)[0].envelope, "the proxy's own address counts for nothing"


def test_whose_connections_are_counted_together() -> None:
    assert fronts.party("203.0.113.9") == fronts.party("::ffff:203.0.113.9")
    assert fronts.party("2001:db8::1") == fronts.party("2001:db8::2") != fronts.party("2001:db8:0:1::1")
    assert fronts.party("fe80::1%eth0") == "fe80::/64"
