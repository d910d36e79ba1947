"""Puts the letter for one delivery together: what the event says, what stands around it, and the names and marks that bring an answer back.

Reads the ledger; sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from chat.events.delivery import MailSent
from chat.events.handoff import HandoffAccepted, HandoffOffered
from chat.events.lifecycle import ConversationMoved
from chat.events.talk import MessageSaid
from chat.ledger import blobs, keeping, read
from chat.ledger.append import Fact
from chat.ledger.deliveries import Parcel
from chat.ledger.event import Audience
from chat.ledger.read import Entry, Head
from chat.ledger.state import State
from chat.people.links import Issued
from chat.people.models import Site
from chat.transcripts.witness import head_fields
from mailgateway import addresses, keys, links, message_id, text_marker
from mailgateway.compose import compose
from mailgateway.letter import HandOver, Letter, LetterFile, Line, PromiseLine
from mailgateway.wording import Around, day_of, line_of, wording

WINDOW = 200
"""How many positions back the mail looks for history, references and hand-overs."""
LAST = 3
HISTORY = 100
MAX_FILES = 15 * 1024 * 1024
"""Octets of files that go along; what is beyond is named and stays behind the link."""


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
    link: Fact | None = None
    """What the record is told of the link that stands in it."""


def write(parcel: Parcel) -> Outgoing:
    """The mail for a delivery. Raises Undeliverable or compose.Unsendable. Runs on a thread: it reads the database."""
    head = read.head(parcel.conversation)
    entry = read.entry(parcel.conversation, parcel.position)
    if head is None or entry is None:
        raise Undeliverable("The event of this mail is not there.")
    site = Site.objects.get(pk=head.site)
    to = head.state.customer.address
    if not to:
        raise Undeliverable("There is no e-mail address to send it to.")
    addressee = int(parcel.target.partition(":")[2] or 0)
    ref = head.state.customer.ref
    own_id = identifier(head.conversation, entry.position, addressee)
    link = links.for_mail(head.conversation, ref, keep_days=site.keep_days, mail=own_id)
    letter = _letter(head, entry, site, addressee, link=link)
    message = compose(letter)
    sender = message_id.make_envelope_sender(
        keys.BOUNCE_BASE,
        domain=settings.MAIL_DOMAIN,
        conversation=head.conversation,
        position=entry.position,
        addressee=addressee,
        key=keys.current(keys.envelope()),
    )
    return Outgoing(
        raw=message.as_bytes(),
        sender=sender,
        to=to,
        identifier=own_id,
        subject=str(message["Subject"]),
        conversation=head.conversation,
        confirmed=head.state.customer.confirmed,
        link=links.told(head.conversation, ref, link),
    )


def _letter(head: Head, entry: Entry, site: Site, addressee: int, *, link: Issued) -> Letter:
    state = head.state
    near = list(read.events(head.conversation, audience=Audience.EVERYONE, after=max(0, entry.position - WINDOW - 1), upto=entry.position))
    around = Around(_with_lines(entry, {e.position: e for e in near}), state, site.case(head.number))
    said = wording(entry.body, entry, around)
    here = links.address(link)
    ids = _identifiers(near, addressee)
    # An address that is not confirmed may be a stranger's: it reads what is new, and nothing of what was before.
    since = 0 if state.customer.confirmed else min((entry.position, *getattr(entry.body, "lines", ())))
    return Letter(
        site=site.name,
        signer=said.signer or site.name,
        customer=state.customer.name,
        to=state.customer.address,
        from_address=addresses.public(site),
        reply_address=addresses.reply_to(site, conversation=head.conversation, addressee=addressee),
        message_id=identifier(head.conversation, entry.position, addressee),
        case_number=site.case(head.number),
        subject=state.subject,
        lines=said.lines,
        opening=said.opening,
        promises=_promises(state, since=since),
        hand_over=_hand_over([e for e in near if e.position >= since], state),
        last=_last(near, entry, said.lines) if state.customer.confirmed else (),
        in_reply_to=ids[-1] if ids else "",
        references=tuple(ids),
        chat_link=here,
        record_link=here if state.customer.confirmed else "",
        kept_until=day_of(keeping.ends_at(state, keep_days=site.keep_days)),
        files=_files(entry) if state.customer.confirmed else (),
        text_marker=text_marker.make(head.conversation, addressee=addressee, key=keys.current(keys.marker())),
        automatic=said.automatic,
        time_zone=site.zone,
        date=entry.at,
        witness=head_fields(head.conversation, entry.position, entry.seal),
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


def _identifiers(near: list[Entry], addressee: int) -> list[str]:
    """Message-IDs of this conversation in the order of its mails, theirs and ours; the latest of theirs last, because it is answered."""
    found: list[str] = []
    theirs = ""
    for entry in near:
        body = entry.body
        if isinstance(body, MessageSaid) and body.outside_id:
            found.append(body.outside_id)
            theirs = body.outside_id
        elif isinstance(body, MailSent):
            found.append(identifier(entry.conversation, body.of, addressee))
    if theirs:
        found.remove(theirs)
        found.append(theirs)
    return found


def _promises(state: State, *, since: int) -> tuple[PromiseLine, ...]:
    return tuple(
        PromiseLine(
            text=promise.text,
            due=promise.due,
            note=f"promised by {promise.by}"
            + (f"; now in the hands of {state.assignee_name}" if state.assignee_name not in ("", promise.by) else ""),
        )
        for promise in state.open_commitments()
        if promise.position >= since
    )


def _hand_over(near: list[Entry], state: State) -> HandOver | None:
    reason, last = "", None
    for entry in near:
        if isinstance(entry.body, HandoffOffered):
            reason = entry.body.reason
            last = HandOver(f"{entry.body.by} asked {entry.body.to_name} to take over. Our promises to you stay.", reason)
        elif isinstance(entry.body, HandoffAccepted):
            last = HandOver(f"{entry.body.from_name or 'A colleague'} passed you to {entry.body.by}.", reason)
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


def _files(entry: Entry) -> tuple[LetterFile, ...]:
    found, size = [], 0
    for file in getattr(entry.body, "attachments", ()):
        size += file.size
        if size > MAX_FILES:
            break
        with blobs.open_blob(file.digest) as content:
            found.append(LetterFile(name=file.name, media_type=file.media_type, content=content.read()))
    return tuple(found)
