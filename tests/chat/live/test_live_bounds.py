"""The bounds of one socket: how fast, how much in flight, how much waiting. Pure, without a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chat.live import limits, origin, outbox
from chat.live.limits import Rate
from chat.live.outbox import Full, Outbox
from chat.live.window import SIZE, Window


@pytest.fixture(autouse=True)
def full_buckets() -> Iterator[None]:
    limits.clear()
    yield
    limits.clear()


def test_a_bucket_gives_its_burst_and_then_says_how_long_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.TABLE, "customer", Rate(2, 60))
    assert [limits.take("customer", "nadia") for _ in range(2)] == [0, 0]
    assert 59 < limits.take("customer", "nadia") <= 60
    assert limits.take("customer", "paul") == 0


def test_buckets_that_are_full_again_are_swept_out_of_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CROWD", 50)
    monkeypatch.setitem(limits.TABLE, "customer", Rate(1, 0.0001))
    for number in range(500):
        limits.take("customer", str(number))
    assert len(limits._buckets) <= 51


async def test_a_full_window_lets_nothing_more_through_until_the_client_got_some() -> None:
    window = Window()
    for position in range(1, SIZE + 1):
        window.sent(7, position)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await window.room()
    assert window.behind > 0
    window.got(7, 10)
    await window.room()
    assert window.in_flight == SIZE - 10 and window.behind == 0
    window.forget(7)
    assert window.in_flight == 0


async def test_an_outbox_refuses_more_than_it_holds_and_sends_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "FRAMES", 3)
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    box = Outbox(send)
    for word in ("one", "two", "three"):
        box.put(word)
    with pytest.raises(Full):
        box.put("four")
    box.finish(4429, "resume")
    box.put("too late")
    await box.run()
    assert [message.get("text", message.get("code")) for message in sent] == ["one", "two", "three", 4429]


async def test_what_a_server_takes_at_once_never_overtakes_what_waits() -> None:
    sent: list[str] = []
    line = {"room": True}
    slow = asyncio.Event()

    async def send(message: Mapping[str, Any]) -> None:
        if not slow.is_set():
            await slow.wait()
        sent.append(str(message.get("text", message.get("code"))))

    def at_once(frame: str) -> bool:
        if line["room"]:
            sent.append(frame)
        return line["room"]

    box = Outbox(send, at_once)
    box.put("before there is a sender")
    sender = asyncio.create_task(box.run())
    await asyncio.sleep(0)
    box.put("while the sender is busy")
    assert sent == []
    slow.set()
    for _ in range(5):
        await asyncio.sleep(0)
    box.put("at once")
    line["room"] = False
    box.put("full")
    line["room"] = True
    box.put("after full")
    assert sent == ["before there is a sender", "while the sender is busy", "at once"]
    box.finish(1000, "")
    await sender
    assert sent == ["before there is a sender", "while the sender is busy", "at once", "full", "after full", "1000"]


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("", "unknown"), ("a path", "unknown")],
)
def test_neighbours_share_a_network(address: str, network: str) -> None:
    assert origin.network({"client": (address, 5), "headers": ()}) == network


def test_an_address_that_a_client_claims_counts_only_behind_trusted_proxies() -> None:
    scope = {"client": ("192.0.2.1", 5), "headers": [(b"x-forwarded-for", b"203.0.113.9, 198.51.100.4")]}
    assert origin.network(scope) == "192.0.2.0/24"


def test_the_last_trusted_proxy_says_who_called(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "TRUSTED_PROXIES", 1)
    scope = {"client": ("127.0.0.1", 5), "headers": [(b"x-forwarded-for", b"203.0.113.9, 198.51.100.4")]}
    assert origin.network(scope) == "198.51.100.0/24"
