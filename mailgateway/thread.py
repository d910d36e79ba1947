"""Which conversation a mail belongs to, and by which sign we know. Pure: what is stored is asked through a function given by the caller.

The order of signs is the order of trust; the first that holds decides, a later one that says otherwise is reported and not hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mailgateway import message_id, reply_address, text_marker
from mailgateway.message_id import Sent
from mailgateway.parsed import ParsedMail
from mailgateway.reply_address import Tag
from mailgateway.tags import Altered

MAX_REFERENCES = 100

Known = Callable[[Sequence[str]], Mapping[str, int]]
"""Which of these Message-IDs are stored, and the conversation each one names."""

BY_ADDRESS, BY_DELIVERED_TO, BY_RECIPIENTS = "reply-address", "delivered-to", "recipients"
BY_ENVELOPE, BY_REFERENCES, BY_MARKER = "envelope-sender", "references", "marker"
BY_CASE_NUMBER, BY_HAND, NEW = "case-number", "by-hand", "new"
_FORWARDED = ("fwd:", "fw:", "wg:", "tr:", "i:", "rv:", "enc:", "doorst:", "vs:", "vb:")


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


@dataclass(frozen=True, slots=True)
class Trail:
    """All signs in the order of trust, and what was noticed on the way."""

    hits: tuple[Hit, ...] = ()
    altered: bool = False
    """Something that looks like a tag of ours but is not as we made it."""
    forwarded: bool = False

    @property
    def found(self) -> Hit | None:
        return self.hits[0] if self.hits else None

    @property
    def disagree(self) -> bool:
        """An address names one conversation, the references another one: somebody put them together."""
        tagged = [hit.conversation for hit in self.hits if hit.step not in (BY_REFERENCES, BY_MARKER)]
        referred = [hit.conversation for hit in self.hits if hit.step == BY_REFERENCES]
        return bool(tagged and referred and tagged[0] != referred[0])


def follow(mail: ParsedMail, recipients: Iterable[str], *, keys: Keys, bases: Sequence[str], known: Known) -> Trail:
    """Every sign in this mail. `recipients` are those of the envelope; `bases` the local parts under which our sites get mail."""
    walk = _Walk(keys, bases)
    walk.addresses(BY_ADDRESS, recipients)
    walk.addresses(BY_DELIVERED_TO, mail.delivered_to)
    walk.addresses(BY_RECIPIENTS, [box.address for box in (*mail.to, *mail.cc)])
    walk.identifiers([*mail.in_reply_to, *reversed(mail.references)], known)
    walk.marker(f"{mail.text}\n{mail.subject}")
    return Trail(tuple(walk.hits), walk.altered, _is_forwarded(mail))


def bounce_of(mail_recipients: Iterable[str], original_id: str, keys: Keys) -> Sent | None:
    """Which mail of ours a report is about: by the envelope sender it came back to, else by the Message-ID it quotes."""
    for address in mail_recipients:
        sent = message_id.read_envelope_recipient(address, keys.envelope)
        if isinstance(sent, Sent):
            return sent
    found = message_id.read(original_id, keys.identifier) if original_id else None
    return found if isinstance(found, Sent) else None


class _Walk:
    """Collects signs; knows the order only by the order in which it is asked."""

    def __init__(self, keys: Keys, bases: Sequence[str]) -> None:
        self.hits: list[Hit] = []
        self.altered = False
        self._keys = keys
        self._bases = tuple(bases)

    def addresses(self, step: str, addresses: Iterable[str]) -> None:
        for address in addresses:
            found = self._tag(address)
            if isinstance(found, Tag):
                self.hits.append(Hit(step, found.conversation, found.addressee))
                continue
            sent = message_id.read_envelope_recipient(address, self._keys.envelope)
            if isinstance(sent, Sent):
                self.hits.append(Hit(BY_ENVELOPE, sent.conversation, sent.addressee))
            elif isinstance(found, Altered):
                self.altered = True

    def identifiers(self, values: Sequence[str], known: Known) -> None:
        values = list(dict.fromkeys(values))[:MAX_REFERENCES]
        stored = known(values) if values else {}
        for value in values:
            sent = message_id.read(value, self._keys.identifier)
            if isinstance(sent, Sent):
                self.hits.append(Hit(BY_REFERENCES, sent.conversation, sent.addressee))
            elif value in stored:
                self.hits.append(Hit(BY_REFERENCES, stored[value]))
            elif isinstance(sent, Altered):
                self.altered = True

    def marker(self, text: str) -> None:
        found = text_marker.find(text, self._keys.marker)
        if isinstance(found, Tag):
            self.hits.append(Hit(BY_MARKER, found.conversation, found.addressee))
        elif isinstance(found, Altered):
            self.altered = True

    def _tag(self, address: str) -> Tag | Altered | None:
        for base in self._bases or ("",):
            found = reply_address.read(address, self._keys.reply, base=base)
            if found is not None:
                return found
        return None


def _is_forwarded(mail: ParsedMail) -> bool:
    return "resent-from" in mail.signals or mail.subject.strip().lower().startswith(_FORWARDED)
