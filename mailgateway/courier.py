"""Carries events out by e-mail: takes what is due, sends it, and says by an event what became of it. A retry has the same Message-ID.

How many at once is the business of `pace`, connections of `relay`, what a mail says of `writing`.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import chain, repeat

import structlog
from django.db import DatabaseError

from chat.ledger import announce, deliveries, read
from chat.ledger.append import Busy, Command, Fact, append
from chat.ledger.deliveries import BOUNCED, DELAYED, SECOND, SENT, Parcel
from chat.ledger.read import in_thread
from mailgateway import addressee, channel, send
from mailgateway.compose import Unsendable
from mailgateway.deciding import caps, unreached
from mailgateway.doorbell import Doorbell
from mailgateway.send import AWAY, OURS, Outcome
from mailgateway.sending import became, stuck, writing
from mailgateway.sending.pace import Pace
from mailgateway.sending.relay import Lines
from mailgateway.sending.writing import Outgoing, Undeliverable

log = structlog.get_logger()

IN_HAND = 64
LEASE = 180.0
LOOK = 2.0
"""Seconds between two looks when nothing was announced."""
REST = 0.05
"""Seconds between two looks at least, however much is announced."""
WATCH = 60.0
"""Seconds between two looks at whether mail is stuck."""
ENDING = 8.0
"""Seconds that mails under way have to end when the process stops."""
RETRIES = (60, 300, 900, 3600)
"""Seconds before the next attempt; the last one repeats until GIVE_UP."""
RETRY_AWAY = 60
"""Seconds before the next attempt when the relay could not be reached: it is asked with one mail for all."""
GIVE_UP = 48 * 3600
"""Seconds after which a mail that their server did not take is called bounced. A fault of ours or of our relay gives nothing up."""
TOLD = frozenset(4**power for power in range(10))
"""Attempts in vain after which the record says so again."""
PAUSES = (0.2, 1.0, 3.0, 10.0)
"""Seconds between two tries to write while the store is away."""
COUNTED = 10_000
TOO_MANY = "Held back here: this address is not confirmed and got many mails within an hour."


async def run(stopping: asyncio.Event) -> None:
    """Send what is due until `stopping`."""
    bell = Doorbell()
    stop = announce.listen(None, lambda conversation, position: bell.ring())
    courier, watch = Courier(done=bell.ring), StuckWatch()
    await in_thread(deliveries.free, channel.NAME)
    try:
        while not stopping.is_set():
            try:
                await courier.fill()
            except Exception:  # the database may be away; the deliveries wait for it
                log.exception("courier_interrupted")
            await watch.look()
            await asyncio.sleep(REST)
            await bell.wait(stopping, seconds=LOOK)
    finally:
        stop()
        await courier.end()


class StuckWatch:
    """Puts it into the log when mail is stuck, and when it no longer is."""

    def __init__(self) -> None:
        self._looked = 0.0
        self._told = ""

    async def look(self) -> None:
        if time.monotonic() - self._looked < WATCH:
            return
        self._looked = time.monotonic()
        try:
            words = await in_thread(stuck.trouble)
        except DatabaseError:  # which has words of its own in the log
            return
        if words:
            log.error("mail_stuck", trouble=words)
        elif self._told:
            log.info("mail_no_longer_stuck")
        self._told = words


async def carry_due() -> int:
    """What is due, to the end of each. Returns how many were taken in hand."""
    courier = Courier()
    try:
        taken = await courier.fill()
        await courier.all_done()
    finally:
        await courier.end()
    return taken


class Courier:
    """The mails that one event loop has in hand. Those of one conversation go in their order, all others side by side."""

    def __init__(self, *, clock: Callable[[], float] = time.time, done: Callable[[], None] = lambda: None) -> None:
        self._clock = clock
        self._done = done
        self._lines = Lines()
        self._pace = Pace()
        self._hand: dict[asyncio.Task[None], int] = {}
        self._last: dict[int, asyncio.Task[None]] = {}
        self._held = time.monotonic()
        self._counted: OrderedDict[int, None] = OrderedDict()

    async def fill(self) -> int:
        """Take what is due, as far as there is room. Returns how many."""
        await self._lines.rest()
        await self._keep_hold()
        room = 1 if self._pace.was_away else IN_HAND
        room -= len(self._hand)
        if room <= 0 or self._pace.away:
            return 0
        parcels = await in_thread(partial(deliveries.take, channel.NAME, limit=room, lease=LEASE, now=self._now()))
        in_hand = set(self._hand.values())
        # A lease runs out early when the clock jumps: what is under way here is not sent twice for that.
        parcels = [parcel for parcel in parcels if parcel.id not in in_hand]
        for parcel in parcels:
            task = asyncio.create_task(self._after(self._last.get(parcel.conversation), parcel))
            self._hand[task] = parcel.id
            self._last[parcel.conversation] = task
            task.add_done_callback(partial(self._ended, parcel.conversation))
        return len(parcels)

    async def all_done(self) -> None:
        while self._hand:
            await asyncio.wait(list(self._hand))

    async def end(self) -> None:
        """Let what is under way come to its end, but not for ever: what is cut off is sent again, under its Message-ID."""
        if self._hand:
            _, late = await asyncio.wait(list(self._hand), timeout=ENDING)
            for task in late:
                task.cancel()
        await self._lines.close()

    async def _keep_hold(self) -> None:
        if self._hand and time.monotonic() - self._held > LEASE / 3:
            await in_thread(partial(deliveries.keep_hold, list(self._hand.values()), lease=LEASE, now=self._now()))
            self._held = time.monotonic()

    def _ended(self, conversation: int, task: asyncio.Task[None]) -> None:
        self._hand.pop(task, None)
        if self._last.get(conversation) is task:
            del self._last[conversation]
        if not task.cancelled() and (problem := task.exception()) is not None:
            # Its lease runs out and it is tried again.
            log.error("delivery_failed", exc_info=problem)
        self._done()

    async def _after(self, before: asyncio.Task[None] | None, parcel: Parcel) -> None:
        if before is not None:
            await asyncio.wait([before])
        address = await in_thread(_address, parcel)
        pause = self._pace.pause(address) or self._pace.away
        if pause:
            not_before = self._now() + int(pause * SECOND)
            await in_thread(partial(deliveries.put_back, parcel, not_before=not_before, tried=False))
            return
        async with self._pace.turn(address):
            await self._carry(parcel)

    async def _carry(self, parcel: Parcel) -> None:
        try:
            mail = await in_thread(writing.write, parcel)
        except (Undeliverable, Unsendable) as problem:
            await self._say(parcel, None, Outcome(BOUNCED, str(problem)))
            return
        outcome = await self._sent(mail) if mail.confirmed or await self._within_cap(parcel, mail) else Outcome(DELAYED, TOO_MANY)
        age = self._clock() - parcel.created_at / SECOND
        if outcome.state == DELAYED and not outcome.whose and age > GIVE_UP:
            outcome = Outcome(BOUNCED, f"Given up after 48 hours: {outcome.said}")
        self._learn(mail, outcome)
        await self._say(parcel, mail, outcome)
        log.info("mail_carried", delivery=parcel.id, attempt=parcel.attempt, state=outcome.state)

    async def _within_cap(self, parcel: Parcel, mail: Outgoing) -> bool:
        """Each mail counts once, however often it is tried."""
        if parcel.id in self._counted:
            return True
        if not await in_thread(caps.unconfirmed.allows, mail.to):
            return False
        self._counted[parcel.id] = None
        while len(self._counted) > COUNTED:
            self._counted.popitem(last=False)
        return True

    async def _sent(self, mail: Outgoing) -> Outcome:
        # Before it leaves: whatever becomes of the mail, no link is out that the record does not name.
        if mail.link is not None:
            await _write(Command(facts=(mail.link,)))
        return await send.send(mail, self._lines)

    def _learn(self, mail: Outgoing, outcome: Outcome) -> None:
        if outcome.whose == AWAY:
            self._pace.relay_away()
            return
        if self._pace.relay_there():
            log.info("relay_is_back")
        if outcome.state == SENT:
            self._pace.taken(mail.to)
        elif outcome.state == DELAYED and outcome.whose != OURS and outcome.said != TOO_MANY:
            self._pace.refused(mail.to)

    async def _say(self, parcel: Parcel, mail: Outgoing | None, outcome: Outcome) -> None:
        not_before = 0
        if outcome.state == DELAYED:
            wait = RETRY_AWAY if outcome.whose == AWAY else wait_after(parcel.attempt)
            not_before = self._now() + min(wait, wait_after(len(RETRIES))) * SECOND
            if not worth_saying(parcel):
                await in_thread(partial(deliveries.put_back, parcel, not_before=not_before, tried=True))
                return
        original = await in_thread(became.kept, mail) if mail and outcome.state == SENT else ""
        to = "" if mail else await in_thread(_address, parcel)
        command = became.command(parcel, mail, outcome, not_before=not_before, original=original, to=to)
        if mail and outcome.state == BOUNCED:
            command = replace(command, facts=(*command.facts, *await in_thread(_counted, parcel, command.facts[0])))
        await _write(command, patient=outcome.state == SENT)

    def _now(self) -> int:
        return int(self._clock() * SECOND)


def wait_after(attempt: int) -> int:
    """Seconds until the next attempt after the given one (from 1)."""
    return RETRIES[min(attempt, len(RETRIES)) - 1]


def worth_saying(parcel: Parcel) -> bool:
    """A delay is told at first and then ever more rarely: two days of attempts are no reason to fill a record."""
    return parcel.state != DELAYED or parcel.attempt in TOLD


def _counted(parcel: Parcel, fact: Fact) -> list[Fact]:
    head = read.head(parcel.conversation)
    if head is None:
        return []
    address = addressee.of(head, parcel.target).address
    return unreached.counted(head.site, address, fact.body, conversation=parcel.conversation, key=fact.key)


def _address(parcel: Parcel) -> str:
    head = read.head(parcel.conversation)
    return addressee.of(head, parcel.target).address if head else ""


async def _write(command: Command, *, patient: bool = False) -> None:
    """`patient` is for what has happened: if it were not written down now, the mail would be sent again for it."""
    for pause in chain(PAUSES, repeat(PAUSES[-1]) if patient else ()):
        try:
            await append(command)
            return
        except (Busy, DatabaseError):
            await asyncio.sleep(pause)
    await append(command)
