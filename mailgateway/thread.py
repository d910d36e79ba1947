"""Which conversation a mail belongs to, and by which sign we know. Pure: what is stored is asked through a function given by the caller.

The order of signs is the order of trust; the first that holds decides, a later one that says otherwise is reported and not hidden.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mailgateway import message_id, reply_address, text_marker
from mailgateway.deciding import forwarding
from mailgateway.message_id import Sent
from mailgateway.reading import enclosed
from mailgateway.reading.parsed import Mailbox, ParsedMail
from mailgateway.reply_address import Tag
from mailgateway.tags import Altered

MAX_REFERENCES = 100
MAX_ADDRESSES = 200

Known = Callable[[Sequence[str]], Mapping[str, int]]
"""Which of these Message-IDs are stored, and the conversation each one names."""

BY_ADDRESS, BY_DELIVERED_TO, BY_RECIPIENTS = "reply-address", "delivered-to", "recipients"
BY_ENVELOPE, BY_REFERENCES, BY_MARKER, BY_ENCLOSED = "envelope-sender", "references", "marker", "enclosed"
BY_CASE_NUMBER, BY_HAND, NEW = "case-number", "by-hand", "new"
ADDRESSED = frozenset({BY_ADDRESS, BY_DELIVERED_TO, BY_RECIPIENTS, BY_ENVELOPE})
"""Steps in which the mail was sent to an address of ours that names a conversation."""
_ADDRESS_IN_TEXT = re.compile(
    rf"(?<![\w.+-])(?:[\w.-]{{1,{reply_address.MAX_BASE}}}[+=-])?[A-Za-z2-7]{{{reply_address.SHAPE.length}}}@[\w.-]{{1,253}}"
)


@dataclass(frozen=True, slots=True)
class Keys:
    """One set of keys for each purpose, by key id."""

    reply: Mapping[int, bytes]
    identifier: Mapping[int, bytes]
    envelope: Mapping[int, bytes]
    marker: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Hit:
    """A sign that holds: by which step, which conversation, and to which participant the sign was given (0 = it does not say)."""

    step: str
    conversation: int
    addressee: int = 0
    address: str = field(default="", compare=False)
    """The address of ours that said so, for the steps that look at addresses."""


@dataclass(frozen=True, slots=True)
class Trail:
    """All signs in the order of trust, and what was noticed on the way."""

    hits: tuple[Hit, ...] = ()
    altered: bool = False
    """Something that looks like a sign of ours but is not as we made it."""
    forwarded: bool = False
    forged: bool = False
    """That something is an address or a Message-ID at our own domain: nobody else writes those by chance."""

    @property
    def found(self) -> Hit | None:
        return self.hits[0] if self.hits else None

    @property
    def addressed(self) -> tuple[int, ...]:
        """The conversations that addresses of ours name, each once, in order."""
        return tuple(dict.fromkeys(hit.conversation for hit in self.hits if hit.step in ADDRESSED))

    @property
    def referred(self) -> tuple[int, ...]:
        """The conversations that In-Reply-To and References name, the newest reference first."""
        return tuple(dict.fromkeys(hit.conversation for hit in self.hits if hit.step == BY_REFERENCES))

    @property
    def disagree(self) -> bool:
        """Addresses name one conversation and no reference does, but another one: somebody put them together."""
        return bool(self.addressed and self.referred and not set(self.addressed) & set(self.referred))

    def onward(self, moved: Mapping[int, int]) -> Trail:
        """The same signs where conversations went on in others; signs of conversations that are not in `moved` are left out."""
        kept = (replace(hit, conversation=moved[hit.conversation]) for hit in self.hits if hit.conversation in moved)
        return replace(self, hits=tuple(kept))


def follow(
    mail: ParsedMail,
    recipients: Iterable[str],
    *,
    keys: Keys,
    bases: Sequence[str],
    known: Known,
    domains: Sequence[str] = (),
) -> Trail:
    """Every sign in this mail. `recipients` are those of the envelope; `bases` the local parts under which our sites get mail.

    `domains` are ours: what looks like a broken sign of ours at another domain is somebody else's. Without them all look like ours.
    """
    walk = _Walk(keys, bases, domains)
    walk.addresses(BY_ADDRESS, recipients)
    walk.addresses(BY_DELIVERED_TO, mail.delivered_to)
    walk.addresses(BY_RECIPIENTS, _written((*mail.to, *mail.cc)))
    walk.identifiers([*mail.in_reply_to, *reversed(mail.references)], known)
    walk.marker(mail)
    walk.enclosed(mail, known)
    return Trail(tuple(walk.hits), walk.altered, forwarding.is_forwarded(mail), walk.forged)


class _Walk:
    """Collects signs; knows the order only by the order in which it is asked."""

    def __init__(self, keys: Keys, bases: Sequence[str], domains: Sequence[str]) -> None:
        self.hits: list[Hit] = []
        self.altered = False
        self.forged = False
        self._keys = keys
        self._bases = tuple(bases)
        self._domains = frozenset(domains)

    def addresses(self, step: str, addresses: Iterable[str]) -> None:
        for written in list(addresses)[:MAX_ADDRESSES]:
            # Programs that fold a long header line break the tag, and mend it with a blank; those that follow links write the plus as %2B.
            address = re.sub(r"%2B", "+", "".join(written.split()), flags=re.IGNORECASE)
            found = self._tag(address)
            if isinstance(found, Tag):
                self.hits.append(Hit(step, found.conversation, found.addressee, address))
                continue
            sent = message_id.read_envelope_recipient(address, self._keys.envelope)
            if isinstance(sent, Sent):
                self.hits.append(Hit(BY_ENVELOPE, sent.conversation, sent.addressee, address))
            elif (isinstance(found, Altered) or isinstance(sent, Altered)) and self._ours(address):
                self.altered = self.forged = True

    def identifiers(self, values: Sequence[str], known: Known) -> None:
        self._identifiers(BY_REFERENCES, values, known)

    def marker(self, mail: ParsedMail) -> None:
        """In what the mail quotes: the marker of our mails, or an address that an earlier answer went to."""
        broken = False
        for text in (mail.text, mail.html, mail.subject):
            found = text_marker.find(text, self._keys.marker) or self._address_in(text)
            if isinstance(found, Tag):
                self.hits.append(Hit(BY_MARKER, found.conversation, found.addressee))
                return
            broken = broken or isinstance(found, Altered)
        # Markers name no domain: one that does not hold may be of another house that runs this server.
        self.altered = self.altered or broken

    def enclosed(self, mail: ParsedMail, known: Known) -> None:
        """A mail of ours that was attached as a file."""
        for inside in enclosed.heads(mail):
            self._identifiers(BY_ENCLOSED, inside.identifiers, known)
            for address in inside.addresses:
                found = self._tag(address)
                if isinstance(found, Tag):
                    self.hits.append(Hit(BY_ENCLOSED, found.conversation, found.addressee))

    def _identifiers(self, step: str, values: Sequence[str], known: Known) -> None:
        values = list(dict.fromkeys(values))[:MAX_REFERENCES]
        stored = known(values) if values else {}
        for value in values:
            sent = message_id.read(value, self._keys.identifier)
            if isinstance(sent, Sent):
                self.hits.append(Hit(step, sent.conversation, sent.addressee))
            elif value in stored:
                self.hits.append(Hit(step, stored[value]))
            elif isinstance(sent, Altered) and self._ours(value.strip("<>")):
                self.altered = self.forged = True

    def _address_in(self, text: str) -> Tag | Altered | None:
        for match in list(_ADDRESS_IN_TEXT.finditer(text))[: text_marker.MAX_CANDIDATES]:
            found = self._tag(match[0])
            if isinstance(found, Tag):
                return found
        return None

    def _tag(self, address: str) -> Tag | Altered | None:
        for base in self._bases or ("",):
            found = reply_address.read(address, self._keys.reply, base=base)
            if found is not None:
                return found
        return None

    def _ours(self, address: str) -> bool:
        return not self._domains or address.rpartition("@")[2].rstrip(".").lower() in self._domains


def _written(boxes: Sequence[Mailbox]) -> list[str]:
    """Addresses, and what stands in their places as a name: some programs show the address there and send to another one."""
    return [text for box in boxes for text in (box.address, box.name) if "@" in text]
