"""Carries events out by e-mail: takes what is due, sends it, and says by an event what became of it. A retry has the same Message-ID."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from functools import partial

import structlog

from chat.events.delivery import MailBounced, MailDelayed, MailSent
from chat.ledger import announce, blobs, deliveries
from chat.ledger.append import Busy, Command, Fact, Named, Told, append
from chat.ledger.deliveries import BOUNCED, DELAYED, SECOND, SENT, Parcel
from chat.ledger.event import Kind
from chat.ledger.read import in_thread
from mailgateway import caps, channel, originals, send, writing
from mailgateway.compose import Unsendable
from mailgateway.doorbell import Doorbell
from mailgateway.send import Outcome
from mailgateway.sorting import BY_MESSAGE_ID
from mailgateway.writing import Outgoing, Undeliverable

log = structlog.get_logger()

BATCH = 16
LEASE = 180.0
LOOK = 2.0
"""Seconds between two looks when nothing was announced."""
RETRIES = (5, 60, 300, 900, 3600, 7200, 14400)
"""Seconds before the next attempt; the last one repeats until GIVE_UP."""
GIVE_UP = 48 * 3600
"""Seconds after which a mail that nobody took is called bounced."""
TOO_MANY = "Held back here: this address is not confirmed and got many mails within an hour."


async def run(stopping: asyncio.Event) -> None:
    """Send what is due until `stopping`."""
    bell = Doorbell()
    stop = announce.listen(None, lambda conversation, position: bell.ring())
    await in_thread(deliveries.free, channel.NAME)
    try:
        while not stopping.is_set():
            try:
                carried = await carry_due()
            except Exception:  # the database may be away; the deliveries wait for it
                log.exception("courier_interrupted")
                carried = 0
            if not carried:
                await bell.wait(stopping, seconds=LOOK)
    finally:
        stop()


async def carry_due() -> int:
    """One batch; conversations side by side, the mails of one conversation in their order. Returns how many were carried."""
    parcels = await in_thread(partial(deliveries.take, channel.NAME, limit=BATCH, lease=LEASE))
    by_conversation: dict[int, list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        by_conversation[parcel.conversation].append(parcel)
    done = await asyncio.gather(*(_in_order(row) for row in by_conversation.values()), return_exceptions=True)
    for problem in done:
        if isinstance(problem, BaseException):
            # Its lease runs out and it is tried again.
            log.error("delivery_failed", exc_info=problem)
    return len(parcels)


async def _in_order(parcels: list[Parcel]) -> None:
    for parcel in parcels:
        await _carry(parcel)


async def _carry(parcel: Parcel) -> None:
    try:
        mail = await in_thread(writing.write, parcel)
    except (Undeliverable, Unsendable) as problem:
        await _say(parcel, None, Outcome(BOUNCED, str(problem)))
        return
    outcome = await _sent(mail) if mail.confirmed or caps.unconfirmed.allows(mail.to) else Outcome(DELAYED, TOO_MANY)
    age = time.time() - parcel.created_at / SECOND
    if outcome.state == DELAYED and age > GIVE_UP:
        outcome = Outcome(BOUNCED, f"Given up after 48 hours: {outcome.said}")
    await _say(parcel, mail, outcome)
    log.info("mail_carried", delivery=parcel.id, attempt=parcel.attempt, state=outcome.state)


async def _sent(mail: Outgoing) -> Outcome:
    # Before it leaves: whatever becomes of the mail, no link is out that the record does not name.
    if mail.link is not None:
        await _write(Command(facts=(mail.link,)))
    return await send.send(mail)


async def _say(parcel: Parcel, mail: Outgoing | None, outcome: Outcome) -> None:
    to = mail.to if mail else ""
    not_before = time.time_ns() // 1000 + wait_after(parcel.attempt) * SECOND if outcome.state == DELAYED else 0
    original = await in_thread(_kept, mail) if mail and outcome.state == SENT else ""
    fact = Fact(
        conversation=parcel.conversation,
        body=_body(parcel, to, outcome, original),
        actor="system",
        channel=channel.NAME,
        key=f"mail:{parcel.id}:{parcel.attempt}:{outcome.state}",
    )
    told = Told(delivery=parcel.id, state=outcome.state, not_before=not_before)
    named = (Named(conversation=parcel.conversation, namespace=BY_MESSAGE_ID, value=mail.identifier),) if mail else ()
    await _write(Command(facts=(fact,), rows=(told, *named)))


async def _write(command: Command) -> None:
    for pause in (0.2, 1, 3, 10):
        try:
            await append(command)
            return
        except Busy:
            await asyncio.sleep(pause)
    await append(command)


def wait_after(attempt: int) -> int:
    """Seconds until the next attempt after the given one (from 1)."""
    return RETRIES[min(attempt, len(RETRIES)) - 1]


def _kept(mail: Outgoing) -> str:
    """The digest of the very mail that left, as it is kept. Without room for it the record says only that it was sent."""
    try:
        return blobs.store(originals.clean(mail.raw))
    except OSError as problem:
        log.warning("sent_mail_not_kept", conversation=mail.conversation, problem=type(problem).__name__)
        return ""


def _body(parcel: Parcel, to: str, outcome: Outcome, original: str) -> Kind:
    if outcome.state == DELAYED:
        return MailDelayed(of=parcel.position, to=to, said=outcome.said, attempt=parcel.attempt)
    if outcome.state == BOUNCED:
        return MailBounced(of=parcel.position, to=to, said=outcome.said)
    return MailSent(of=parcel.position, to=to, said=outcome.said, original=original)
