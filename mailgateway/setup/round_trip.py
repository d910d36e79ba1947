"""Proves that mail goes out and answers come back: sends to our own reply address through the relay, waits until it comes in by whichever
door, and says of each step what happened, how long it took, and what to do where it did not.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime

from django.conf import settings

from chat.ledger import received
from chat.ledger.deliveries import SENT
from chat.ledger.read import in_thread
from chat.ledger.received import WAITING, Arrival, Missing
from chat.people.models import Site
from mailgateway import addresses, inbound, reply_address, send
from mailgateway.proof import evidence
from mailgateway.setup import advice, probe
from mailgateway.setup.advice import Step, note, trouble, well
from mailgateway.setup.probe import PLAIN, Probe

PATIENCE = 90.0
"""Seconds until a mail must be back: a mailbox elsewhere is looked into once a minute, and relays take their time."""
LATER = 15.0
"""Seconds after the plain one came back in which the one with the tag must be there too."""
LOOK = 0.5
READ = 15.0
"""Seconds in which the intake must have read what came."""
PROOF = "proof"
_DOORS = {"smtp": "over SMTP", "lmtp": "over LMTP", "imap": "out of the mailbox by IMAP", "webhook": "by the provider's post"}


@dataclass(frozen=True, slots=True)
class Back:
    """A probe that came back, and after how many seconds."""

    probe: Probe
    arrival: Arrival
    raw: bytes
    after: float


async def run(site: Site, *, patience: float = PATIENCE) -> AsyncIterator[Step]:
    """One step after the other, as they are known. Needs a running server beside it that takes mail in; opens no conversation."""
    try:
        reply_address.check_base(site.mail_base, longest=64 if settings.MAIL_REPLY_DOMAIN else reply_address.MAX_BASE)
    except reply_address.BaseAddressError as problem:
        yield trouble("reply address", str(problem), "Choose a shorter name before the @ on the site's set-up page.")
        return
    if not settings.RELAY:
        yield advice.no_relay()
        return
    trip = _Trip(site, patience)
    async for step in trip.first():
        yield step
    if trip.plain_only:
        async for step in trip.other_forms():
            yield step


class _Trip:
    """What was sent, and what is back."""

    def __init__(self, site: Site, patience: float) -> None:
        self._site = site
        self._patience = patience
        self._began = time.monotonic()
        self._row = 0
        self.back: dict[str, Back] = {}
        self.plain_only = False

    async def first(self) -> AsyncIterator[Step]:
        """The plain address, and the one that reply addresses have by the settings."""
        self._row = await in_thread(received.newest, inbound.SOURCE)
        form = _form()
        sent = []
        for each in dict.fromkeys((PLAIN, form)):
            one = await in_thread(probe.make, self._site, each)
            step = await self._sent(one)
            yield step
            if step.state != advice.WELL:
                return
            sent.append(one)
        async for back in self._coming(sent):
            yield await self._told(back)
            for step in await in_thread(_proof, back):
                yield step
        self.plain_only = PLAIN in self.back and form not in self.back
        if not self.back:
            yield await in_thread(advice.nothing_came, self._patience)
        elif form == PLAIN:
            yield note(
                "reply address", "Answers find their conversation by their references alone, as THROUGHLINE_MAIL_SEPARATOR=none says."
            )
        elif form in self.back:
            yield well("reply address", f"What stands behind the address survives: {_looks(form)} comes back.")

    async def other_forms(self) -> AsyncIterator[Step]:
        """The address with the tag was lost on the way. Which other one is not?"""
        lost = _form()
        others = [form for form in ("+", "-", "=") if form != lost]
        sent = []
        for form in others:
            one = await in_thread(probe.make, self._site, form)
            if (await self._sent(one)).state == advice.WELL:
                sent.append(one)
        yield note("other forms", f"{_looks(lost)} did not come back. Trying {' and '.join(map(_looks, others))}.")
        async for back in self._coming(sent, patience=max(LATER, 2 * self.back[PLAIN].after)):
            yield await self._told(back)
        yield advice.tag_lost(lost, [form for form in others if form in self.back])

    async def _sent(self, one: Probe) -> Step:
        begin = time.monotonic()
        outcome = await send.send(one.mail)
        took = time.monotonic() - begin
        if outcome.state != SENT:
            return advice.not_taken(_short(one.mail.to), outcome)
        return well("out", f"The relay {settings.RELAY} took the mail to {_short(one.mail.to)} after {took:.1f} s: {outcome.said}")

    async def _coming(self, sent: Sequence[Probe], *, patience: float = 0.0) -> AsyncIterator[Back]:
        """Each that comes back, until all are or the time is over."""
        until = time.monotonic() + (patience or self._patience)
        open_ = list(sent)
        over = False
        while open_ and not over:
            over = time.monotonic() >= until  # and one more look: telling of one that came takes time, too
            for arrival in await in_thread(received.came_after, inbound.SOURCE, self._row):
                raw = await in_thread(_raw, arrival)
                self._row = arrival.id
                found = next((one for one in open_ if one.token.encode() in raw), None)
                if found is None:
                    continue
                open_.remove(found)
                back = self.back[found.form] = Back(found, arrival, raw, time.monotonic() - self._began)
                if found.form == PLAIN:
                    until = min(until, time.monotonic() + max(LATER, back.after))
                yield back
            await asyncio.sleep(LOOK)

    async def _told(self, back: Back) -> Step:
        door = _DOORS.get(str(back.arrival.envelope.get("door", "smtp")), "")
        way = "".join(f", {name} after {seconds:.0f} s" for name, seconds in _hops(back.raw))
        said = f"The mail to {_short(back.probe.mail.to)} came back {door} after {back.after:.1f} s{way}."
        until = time.monotonic() + READ
        row = back.arrival.id
        state = await in_thread(_state, row)
        while state == WAITING and time.monotonic() < until:
            await asyncio.sleep(LOOK / 5)
            state = await in_thread(_state, row)
        if state == WAITING:
            return trouble("in", f"{said} Nobody read it.", "Start `throughline work` (or `throughline up`), and look into its log.")
        return well("in", said)


def _form() -> str:
    if settings.MAIL_SEPARATOR == addresses.NONE:
        return PLAIN
    return settings.MAIL_REPLY_DOMAIN or str(settings.MAIL_SEPARATOR)


def _looks(form: str) -> str:
    return f"name{form}tag@{settings.MAIL_DOMAIN}" if form in reply_address.SEPARATORS else f"tag@{form}"


def _short(address: str) -> str:
    """Without the tag, which nobody reads."""
    local, _, domain = address.rpartition("@")
    return re.sub(r"[a-z2-7]{30,}", "tag", local) + f"@{domain}"


def _state(row: int) -> str:
    arrival = received.get(row)
    return arrival.state if arrival else ""


def _raw(arrival: Arrival) -> bytes:
    try:
        return received.content(arrival)[: 1024 * 1024]
    except Missing:
        return b""


def _hops(raw: bytes) -> list[tuple[str, float]]:
    """The servers on the way by their own clocks, the first one first: name, and seconds since the mail was written."""
    head = BytesHeaderParser().parsebytes(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    begin = _time(str(head.get("Date", "")))
    found = []
    for line in reversed(head.get_all("Received", [])):
        by = re.search(r"\bby\s+([\w.-]+)", str(line))
        at = _time(str(line).rpartition(";")[2])
        if by and at and begin:
            found.append((by[1], max(0.0, (at - begin).total_seconds())))
    return found[:10]


def _time(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text.strip())
    except (ValueError, IndexError, TypeError):
        return None
    return found if found.tzinfo else None


def _proof(back: Back) -> list[Step]:
    """Whether others can tell that it is from us. Waits for DNS."""
    if back.probe.form != PLAIN:
        return []
    author = back.probe.mail.sender if back.probe.mail.sender == back.probe.mail.to else back.probe.mail.to
    found = evidence.of(back.raw, author, envelope=back.arrival.envelope)
    said = f"SPF {found.spf}, DKIM {found.dkim}, DMARC {found.dmarc}"
    if found.aligned:
        return [well(PROOF, f"Others can tell that it is from you: {said}.")]
    return [note(PROOF, f"Others cannot tell yet that it is from you: {said}.", "The DNS records below say what is missing.")]
