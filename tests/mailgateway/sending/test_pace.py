"""How many mails at once, and how soon the next: one domain never holds up the others, and a relay that is away is asked by one mail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from mailgateway.sending import pace
from mailgateway.sending.pace import Pace

NADIA, OMAR = "nadia@slow.example", "omar@quick.example"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_domain_has_four_turns_and_the_others_go_on() -> None:
    kept = Pace(per_domain=4)
    inside = 0
    end = asyncio.Event()

    async def slow() -> None:
        nonlocal inside
        async with kept.turn(NADIA):
            inside += 1
            await end.wait()

    tasks = [asyncio.create_task(slow()) for _ in range(8)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert inside == 4
    assert kept.pause(NADIA) == pace.LATER, "who finds four waiting goes back to the queue"
    assert kept.pause(OMAR) == 0
    async with asyncio.timeout(2), kept.turn(OMAR):
        end.set()
    await asyncio.gather(*tasks)
    assert kept.pause(NADIA) == 0


def test_a_domain_that_says_later_again_and_again_is_left_alone_ever_longer_until_it_takes_one() -> None:
    clock = Clock()
    kept = Pace(clock=clock)
    for _ in range(pace.UNWILLING - 1):
        kept.refused(NADIA)
    assert kept.pause(NADIA) == 0
    kept.refused(NADIA)
    assert kept.pause("ruth@SLOW.example") == pace.REST
    clock.now += pace.REST
    kept.refused(NADIA)
    assert kept.pause(NADIA) == 2 * pace.REST
    for _ in range(50):
        kept.refused(NADIA)
    assert kept.pause(NADIA) == pace.MOST_REST
    assert kept.pause(OMAR) == 0
    kept.taken(NADIA)
    assert kept.pause(NADIA) == 0


def test_a_relay_that_is_away_is_asked_ever_more_rarely() -> None:
    clock = Clock()
    kept = Pace(clock=clock)
    for _ in range(3):
        kept.relay_away()
    assert kept.away == pace.ASK, "mails that were under way together find it out once"
    waits = []
    for _ in range(8):
        clock.now += kept.away
        kept.relay_away()
        waits.append(kept.away)
    assert waits[:3] == [10, 20, 40] and waits[-1] == pace.MOST_ASK
    assert kept.relay_there() and not kept.relay_there()
    assert kept.away == 0


def test_domains_are_not_remembered_without_end() -> None:
    kept = Pace()
    for number in range(3 * pace.REMEMBERED):
        kept.refused(f"a@{number}.example")
    assert len(kept._domains) <= pace.REMEMBERED + 1
