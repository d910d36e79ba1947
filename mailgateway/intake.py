"""Turns kept mail into events, apart from the dialogue that took it: parse in a subprocess, decide, append, settle.

One bad mail is set aside with its reason and never holds up the others; a crash at any point repeats the work and not the event.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError

from chat.ledger import blobs, received
from chat.ledger.append import Busy, KeyConflict, Refused, append
from chat.ledger.read import in_thread
from chat.ledger.received import QUARANTINED, Arrival, Missing
from mailgateway import inbound, masking, sorting
from mailgateway.deciding import by_hand, contents
from mailgateway.deciding.verdict import Verdict, quarantined
from mailgateway.lanes import Lanes
from mailgateway.proof import evidence
from mailgateway.proof.evidence import Evidence
from mailgateway.reading import enclosed
from mailgateway.reading.parsed import ParsedMail
from mailgateway.reading.parser_process import HEAVY, ParserProcess, Unparsable

log = structlog.get_logger()

LEASE = 60.0
"""Seconds for which a batch is in hand; whoever dies with it gives it up after that."""
LOOK = 1.0
"""Seconds between two looks when no bell rings."""
NO_ROOM = 10.0
"""Seconds until the next try when the store cannot be written."""
TRIES = 4
"""A mail that fails in an unforeseen way is set aside after so many."""
BEGUN = 20
"""A mail that was begun so often and never came to an end has taken the process with it each time: it is set aside unread."""
LARGE = 1024 * 1024
"""Octets from which memory is given back to the system as soon as it is free."""
OURS = (OSError, OperationalError, InterfaceError)
"""Trouble of ours, a full disk or no database: no mail is worse for it."""


async def run(stopping: asyncio.Event) -> None:
    """Take in what waits until `stopping`."""
    _give_back_what_is_free()
    await in_thread(received.free, inbound.SOURCE)
    await in_thread(_swept)
    async with ParserProcess() as parser:
        lanes = Lanes(partial(_in_turn, parser=parser, stopping=stopping), heavy=_heavy)
        while not stopping.is_set():
            if lanes.crowded:
                await lanes.some_ended(seconds=LOOK)
                continue
            try:
                done = await _taken(lanes)
            except Exception:  # the database may be away; the mails wait for it
                log.exception("intake_interrupted")
                done = 0
            if not done:
                await inbound.bell.wait(stopping, seconds=LOOK)
        await lanes.all_ended()


async def take_in(parser: ParserProcess) -> int:
    """One batch, to its end. Returns how many mails were in it."""
    lanes = Lanes(partial(_one, parser=parser), heavy=_heavy)
    done = await _taken(lanes)
    await lanes.all_ended()
    return done


async def _taken(lanes: Lanes) -> int:
    for row, problem in list(lanes.left.items()):
        await in_thread(partial(received.postpone, row, seconds=LOOK, counted=not isinstance(problem, OURS)))
        del lanes.left[row]
    arrivals = await in_thread(partial(received.take, inbound.SOURCE, limit=lanes.room, lease=LEASE))
    for arrival in arrivals:
        lanes.put(arrival)
    return len(arrivals)


def _heavy(arrival: Arrival) -> bool:
    """By its file; what stands in its row is small."""
    try:
        return blobs.size(arrival.digest) >= HEAVY
    except OSError:
        return False


async def _in_turn(arrival: Arrival, *, parser: ParserProcess, stopping: asyncio.Event) -> None:
    if stopping.is_set():
        await in_thread(partial(received.postpone, arrival.id, seconds=0, counted=False))
    else:
        await _one(arrival, parser=parser)


async def _one(arrival: Arrival, *, parser: ParserProcess) -> None:
    filed = await _filed(arrival)
    if filed is None:
        return
    raw, kept = filed
    try:
        verdict = await _verdict(replace(arrival, digest=kept), raw, parser)
        conversation = await _written(verdict)
    except Busy:
        await in_thread(partial(received.postpone, arrival.id, seconds=2, counted=False))
        return
    except OURS as problem:
        log.warning("mail_waits", row=arrival.id, problem=type(problem).__name__)
        await in_thread(partial(received.postpone, arrival.id, seconds=NO_ROOM, counted=False))
        return
    except KeyConflict:
        # A copy of it was taken in at the same time, by another worker.
        if arrival.attempts < TRIES:
            await in_thread(partial(received.postpone, arrival.id, seconds=0))
            return
        verdict, conversation = quarantined("Another mail with the same marks is here already."), None
    except Exception as problem:
        log.exception("mail_not_taken_in", row=arrival.id, attempt=arrival.attempts)
        if arrival.attempts < TRIES:
            await in_thread(partial(received.postpone, arrival.id, seconds=5.0 * arrival.attempts))
            return
        verdict, conversation = quarantined(f"It could not be taken in: {_words(problem)}"), None
    settled = partial(
        received.settle,
        arrival.id,
        verdict.state,
        reason=verdict.reason,
        conversation=conversation or verdict.conversation,
        kept=kept,
        envelope=_envelope(arrival, verdict),
    )
    await in_thread(settled)
    log.info("mail_sorted", row=arrival.id, state=verdict.state)


def _envelope(arrival: Arrival, verdict: Verdict) -> dict[str, Any] | None:
    """The envelope with what people see of a mail that was put aside, as long as it is; None if it stays as it is."""
    if not verdict.glimpse and "glimpse" not in arrival.envelope:
        return None
    bare = {name: value for name, value in arrival.envelope.items() if name != "glimpse"}
    return bare | ({"glimpse": dict(verdict.glimpse)} if verdict.glimpse else {})


async def _filed(arrival: Arrival) -> tuple[bytes, str] | None:
    """The raw bytes and the digest of what is kept of them.

    None if there is no room for their file or no database: no fault of the mail, which waits in its row.
    """
    counted = True
    try:
        return await in_thread(_kept, arrival)
    except Missing:
        log.exception("mail_without_file", row=arrival.id, attempt=arrival.attempts)
        if arrival.attempts >= TRIES:
            await in_thread(partial(received.settle, arrival.id, QUARANTINED, reason="The file with this mail is gone from the store."))
            return None
    except OURS as problem:
        log.warning("mail_not_filed", row=arrival.id, problem=type(problem).__name__)
        counted = False
    except Exception:
        log.exception("mail_not_masked", row=arrival.id, attempt=arrival.attempts)
        if arrival.attempts >= TRIES:
            raw = await in_thread(received.filed, arrival)
            return raw, arrival.digest
    await in_thread(partial(received.postpone, arrival.id, seconds=NO_ROOM, counted=counted))
    return None


async def _verdict(arrival: Arrival, raw: bytes, parser: ParserProcess) -> Verdict:
    try:
        if arrival.attempts > BEGUN:
            raise Unparsable("It was begun many times and never came to an end.")
        mail = await parser.parse(raw)
    except Unparsable as problem:
        return await in_thread(_unread, arrival, raw, problem.reason)
    checked = await evidence.beside(raw, contents.sender(mail).address, envelope=arrival.envelope)
    return await in_thread(_sorted, arrival, raw, mail, await _inside(mail, parser), checked)


async def _inside(mail: ParsedMail, parser: ParserProcess) -> ParsedMail | None:
    """The mail that is attached to this one, if it is one: somebody may pass it on."""
    files = enclosed.mails(mail)
    try:
        return await parser.parse(files[0].content) if len(files) == 1 else None
    except Unparsable:
        return None


def _kept(arrival: Arrival) -> tuple[bytes, str]:
    rules = masking.rules_for(arrival)
    return received.filed_as(arrival, lambda raw: masking.kept(raw, rules))


def _unread(arrival: Arrival, raw: bytes, reason: str) -> Verdict:
    return by_hand.unread(arrival, masking.kept(raw, masking.rules_for(arrival)), reason)


def _sorted(arrival: Arrival, raw: bytes, mail: ParsedMail, inside: ParsedMail | None, checked: Evidence) -> Verdict:
    # The raw mail as it came: signatures are looked at, and one that comes twice is known by it.
    rules = masking.rules_for(arrival)
    mail, what = masking.parsed(mail, rules)
    inside = masking.parsed(inside, rules)[0] if inside else None
    verdict = sorting.sort(arrival, raw, mail, inside=inside, checked=checked)
    if verdict.command is None:
        return verdict
    return replace(verdict, command=masking.told(verdict.command, what), also=tuple(masking.told(one, what) for one in verdict.also))


async def _written(verdict: Verdict) -> int | None:
    if verdict.command is None:
        return None
    receipt = await append(verdict.command)
    for command in verdict.also:
        await append(command)
    if verdict.afterwards is not None:
        await in_thread(verdict.afterwards)
    return receipt.conversation


def _give_back_what_is_free() -> None:
    # The C library keeps freed blocks up to a bound that grows to 32 MB with the mails that come: several times what one mail needs.
    with contextlib.suppress(OSError, AttributeError):  # another C library than GNU's
        ctypes.CDLL(None).mallopt(-3, LARGE)  # M_MMAP_THRESHOLD


def _swept() -> None:
    try:
        blobs.sweep()
    except OSError as problem:
        log.warning("blobs_not_swept", problem=type(problem).__name__)


def _words(problem: Exception) -> str:
    return str(problem) if isinstance(problem, Refused) else type(problem).__name__
