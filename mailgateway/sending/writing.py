"""Puts the letter for one delivery together: what the event says, what stands around it, and the names and marks that bring an answer back.

Reads the ledger; sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings

from chat.events.delivery import PAUSES
from chat.events.handoff import HandoffAccepted, HandoffOffered
from chat.events.lifecycle import ConversationMoved
from chat.events.talk import MessageSaid
from chat.ledger import keeping, read
from chat.ledger.append import Fact
from chat.ledger.deliveries import Parcel
from chat.ledger.event import Audience
from chat.ledger.read import Entry, Head
from chat.ledger.state import Commitment, State
from chat.people import pausing
from chat.people.links import Issued
from chat.people.models import Site
from chat.transcripts.witness import head_fields
from mailgateway import addressee, addresses, channel, keys, message_id, not_me, text_marker
from mailgateway.addressee import Addressee
from mailgateway.compose import compose
from mailgateway.proof import signing
from mailgateway.quotes import MARKERS
from mailgateway.sending import along, links, references, tongue
from mailgateway.sending.letter import HandOver, Letter, Line, PromiseLine
from mailgateway.sending.wording import Around, day_of, line_of, wording

WINDOW = 200
"""How many positions back the mail looks for history, references and hand-overs."""
LAST = 3
HISTORY = 100


class Undeliverable(Exception):
    """This delivery can never become a mail; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A mail ready to go. Another attempt is written anew, under the same identifier."""

    raw: bytes
    sender: str
    """Envelope sender, to which bounces come back."""
    to: str
    identifier: str
    subject: str
    conversation: int
    confirmed: bool = True
    """Whether the addressee has proved that this address is theirs."""
    utf8: bool = False
    """Whether an address in it has letters that only SMTPUTF8 (RFC 6531) carries."""
    reports: bool = True
    """Whether we want to hear what becomes of it; a code is of no use by then."""
    link: Fact | None = None
    """What the record is told of the link that stands in it."""


def write(parcel: Parcel) -> Outgoing:
    """The mail for a delivery. Raises Undeliverable or compose.Unsendable. Runs on a thread: it reads the database."""
    head = read.head(parcel.conversation)
    entry = read.entry(parcel.conversation, parcel.position)
    if head is None or entry is None:
        raise Undeliverable("The event of this mail is not there.")
    site = Site.objects.get(pk=head.site)
    to = addressee.of(head, parcel.target)
    if paused := pausing.paused(head.site, to.address):
        raise Undeliverable(f"Held back here, because mail to this address is paused: {PAUSES[paused]}.")
    to = _reachable(to)
    own_id = identifier(head.conversation, entry.position, to.number)
    # The record is the customer's: who was only put in copy gets no way into it.
    link = links.for_mail(head.conversation, to.ref, keep_days=site.keep_days, mail=own_id) if to.main else None
    message = compose(_letter(head, entry, site, to, link=link))
    sender = addresses.bounces_to(site, conversation=head.conversation, position=entry.position, addressee=to.number)
    return Outgoing(
        raw=signing.signed(message.as_bytes()),
        sender=sender,
        to=to.address,
        identifier=own_id,
        subject=str(message["Subject"]),
        conversation=head.conversation,
        confirmed=to.confirmed,
        utf8=not to.address.isascii(),
        link=links.told(head.conversation, to.ref, link) if link else None,
    )


def _reachable(to: Addressee) -> Addressee:
    """The addressee with the domain as it is looked up: what no mail server reads may be in the part before the @ alone."""
    if not to.address:
        raise Undeliverable("There is no e-mail address to send it to.")
    local, _, domain = to.address.rpartition("@")
    try:
        return replace(to, address=f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}")
    except UnicodeError as problem:
        raise Undeliverable(f"“{domain[:80]}” is no domain to which mail can be sent.") from problem


def _letter(head: Head, entry: Entry, site: Site, to: Addressee, *, link: Issued | None) -> Letter:
    state = head.state
    near = list(read.events(head.conversation, audience=Audience.EVERYONE, after=max(0, entry.position - WINDOW - 1), upto=entry.position))
    language = tongue.spoken(body.text for e in near if isinstance(body := e.body, MessageSaid) and state.is_customer(e.actor))
    around = Around(_with_lines(entry, {e.position: e for e in near}), state, site.case(head.number), language)
    said = wording(entry.body, entry, around)
    here = links.address(link) if link else ""
    ids = references.of(head, near, to, identifier)
    # An address that is not confirmed may be a stranger's: it reads what is new, and nothing of what was before.
    since = 0 if to.confirmed else min((entry.position, *getattr(entry.body, "lines", ())))
    attachments = getattr(entry.body, "attachments", ())
    files, left = along.files(attachments) if to.confirmed or not to.main else ((), along.named(attachments))
    return Letter(
        site=site.name,
        signer=said.signer or site.name,
        customer=to.name,
        to=to.address,
        from_address=addresses.public(site),
        reply_address=addresses.reply_to(site, conversation=head.conversation, addressee=to.number),
        message_id=identifier(head.conversation, entry.position, to.number),
        case_number=site.case(head.number),
        subject=state.subject if to.confirmed or state.opened_by == channel.NAME else "",
        lines=said.lines,
        opening=said.opening,
        promises=_promises(state, since=since, around=around),
        hand_over=_hand_over([e for e in near if e.position >= since], state, around),
        last=_last(near, entry, said.lines) if to.confirmed else (),
        in_reply_to=ids[-1] if ids else "",
        references=tuple(ids),
        chat_link=here,
        record_link=here if to.confirmed else "",
        not_me_link="" if to.confirmed else not_me.link(head.conversation, position=entry.position, number=to.number),
        kept_until=day_of(keeping.ends_at(state, keep_days=site.keep_days), language) if to.main else "",
        files=files,
        left=left,
        marker=MARKERS.get(language, MARKERS["en"]),
        text_marker=text_marker.make(head.conversation, addressee=to.number, key=keys.current(keys.marker())),
        automatic=said.automatic,
        language=language,
        time_zone=site.zone,
        date=entry.at,
        witness=head_fields(head.conversation, entry.position, entry.seal) if to.main else {},
    )


def identifier(conversation: int, position: int, addressee: int) -> str:
    """The Message-ID of the mail about an event: always the same one."""
    key = keys.current(keys.identifier())
    return message_id.make(settings.MAIL_DOMAIN, conversation=conversation, position=position, addressee=addressee, key=key)


def _with_lines(entry: Entry, entries: dict[int, Entry]) -> dict[int, Entry]:
    """Lines that the event carries along may be older than what was read."""
    for position in getattr(entry.body, "lines", ()):
        older = entries.get(position) or read.entry(entry.conversation, position)
        if older is not None and older.audience is Audience.EVERYONE:
            entries[position] = older
    return entries


def _promises(state: State, *, since: int, around: Around) -> tuple[PromiseLine, ...]:
    return tuple(
        PromiseLine(text=promise.text, due=promise.due, note=_whose(promise, state, around))
        for promise in state.open_commitments()
        if promise.position >= since
    )


def _whose(promise: Commitment, state: State, around: Around) -> str:
    if state.assignee_name in ("", promise.by):
        return around.say("promised by {name}", name=promise.by)
    return around.say("promised by {name}; now in the hands of {other}", name=promise.by, other=state.assignee_name)


def _hand_over(near: list[Entry], state: State, around: Around) -> HandOver | None:
    reason, last = "", None
    for entry in near:
        body = entry.body
        if isinstance(body, HandoffOffered):
            reason = body.reason
            asked = around.say("{name} asked {other} to take over. Our promises to you stay.", name=body.by, other=body.to_name)
            last = HandOver(asked, reason)
        elif isinstance(body, HandoffAccepted):
            who = body.from_name or around.say("A colleague")
            last = HandOver(around.say("{name} passed you to {other}.", name=who, other=body.by), reason)
            reason = ""
    if last is not None and reason and not state.offered_to:
        return None
    return last


def _last(near: list[Entry], entry: Entry, shown: tuple[Line, ...]) -> tuple[Line, ...]:
    """What was said before, the latest first; all of it if the customer asked for the history."""
    body = entry.body
    most = HISTORY if isinstance(body, ConversationMoved) and body.history else LAST
    lines = [line for e in reversed(near) if e.position < entry.position and (line := line_of(e)) is not None and line not in shown]
    return tuple(lines[:most])
