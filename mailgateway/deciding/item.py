"""One mail on the sorting table: what is known of it before anything is decided. Reads the ledger, and DNS when proof is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chat.ledger import read
from chat.ledger.received import Arrival
from mailgateway import addresses, known_mails, thread
from mailgateway.automatic import Automatic
from mailgateway.deciding import contents, places
from mailgateway.deciding.places import Place, Places
from mailgateway.proof import evidence
from mailgateway.proof.evidence import Evidence
from mailgateway.reading.parsed import ParsedMail
from mailgateway.thread import Keys

GLIMPSE = 400
"""Characters of a mail that was put aside which are shown in the list of them."""


@dataclass(frozen=True)
class Item:
    """`inside` is the mail that is attached to it, if it is one; `checked` the proof, where it was looked up before."""

    arrival: Arrival
    raw: bytes
    mail: ParsedMail
    judged: Automatic
    keys: Keys
    inside: ParsedMail | None = None
    checked: Evidence | None = None

    @property
    def envelope(self) -> Mapping[str, Any]:
        return self.arrival.envelope

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(self.envelope.get("recipients", ()))

    @property
    def sender(self) -> str:
        """The author's address in lower case."""
        return contents.sender(self.mail).address.lower()

    @property
    def person(self) -> bool:
        """Whether somebody wrote it to us, and no list or machine passed it on."""
        return not self.judged

    @cached_property
    def key(self) -> str:
        return contents.key_of(self.mail, self.raw)

    @cached_property
    def before(self) -> int | None:
        """The first conversation that took it in, if it came before."""
        return known_mails.known(self.key)

    @cached_property
    def found(self) -> Places:
        """What its signs say."""
        bases = [base.name for base in addresses.bases()]
        domains = addresses.own_domains()
        trail = thread.follow(self.mail, self.recipients, keys=self.keys, bases=bases, known=known_mails.named_by, domains=domains)
        return places.find(trail, self.sender)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where it belongs: each conversation that is named, and each other site it was sent to. Where nothing is named, one site."""
        named = self.found.conversations
        written_to = (*self.recipients, *self.mail.delivered_to, *(box.address for box in (*self.mail.to, *self.mail.cc)))
        new = [self._answered(place) for place in places.of_sites(named, written_to)]
        if not named and not new:
            new = [Place(site=addresses.site_of((*self.recipients, *self.mail.delivered_to)))]
        return (*named, *new)

    @cached_property
    def left(self) -> tuple[Place, ...]:
        """Where it did not go yet, by another copy of it."""
        return self.places if self.before is None else tuple(place for place in self.places if not self._was_at(place, self.before))

    @cached_property
    def proof(self) -> Evidence:
        return self.checked or evidence.of(self.raw, contents.sender(self.mail).address, envelope=self.envelope)

    def glimpse(self) -> dict[str, str]:
        """Its first words, and how it was proven who wrote them: for people who decide whether to take it in."""
        text = " ".join(contents.without_links(self.mail.text).split())
        return {"text": text[:GLIMPSE] + ("…" if len(text) > GLIMPSE else ""), "proof": self.proof.proof() if self.sender else ""}

    def further(self, place: Place) -> str:
        """The name of a place that is not the first of this mail; empty for the first."""
        return "" if self.before is None and place == self.left[0] else place.name

    def _was_at(self, place: Place, before: int) -> bool:
        head = read.head(before)
        if head is not None and place.head is None and head.site == place.site:
            return True
        met = () if head is None else (before, places.onward(head, self.sender).conversation)
        if place.head is not None and place.head.conversation in met:
            return True
        return known_mails.known(self.key, place.name) is not None

    def _answered(self, place: Place) -> Place:
        """The conversation at this site that an earlier mail to several sites opened there, if this one answers it."""
        identifiers = (*self.mail.in_reply_to, *reversed(self.mail.references))
        found = known_mails.named_by(identifiers[: thread.MAX_REFERENCES], place.name)
        heads = (read.head(found[one]) for one in identifiers if one in found)
        head = next((places.onward(head, self.sender) for head in heads if head is not None), None)
        return Place(head=head, site=head.site, step=thread.BY_REFERENCES) if head else place
