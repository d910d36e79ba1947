"""Nadia's case for the tests: a dented lamp over chat and mail, with a note, a hand-over, a promise and a decision."""

from __future__ import annotations

import itertools

from chat.events.commitment import CommitmentKept, CommitmentMade
from chat.events.decision import DecisionIssued
from chat.events.delivery import MailAccepted
from chat.events.handoff import HandoffAccepted, HandoffClaimed, HandoffOffered
from chat.events.lifecycle import ConversationClosed, ConversationMoved, ConversationOpened
from chat.events.privacy import StaffOpened
from chat.events.talk import MessageSaid, MessageSeen, NoteAdded
from chat.ledger.append import Command, Fact, Joins, Opens, append_sync
from chat.ledger.event import DISCLOSED, AttachmentRef, Kind
from chat.people.models import Agent, Customer, Site

ADDRESS = "nadia@customer.example"
FRIDAY = 1_795_780_800_000_000
PHOTO = AttachmentRef(name="dent-left-side.jpg", media_type="image/jpeg", size=1_812_345, digest="3f" * 32)
_numbers = itertools.count(7_100_000_000_000_001)


class NadiasCase:
    """One conversation of a fresh site; `add` writes one more event and gives its position."""

    def __init__(self, *, confirmed: bool = True) -> None:
        key = f"brindle{next(_numbers)}"[:32]
        self.site = Site.objects.create(key=key, name="Brindle Lamps", prefix="BR", zone="Europe/Berlin")
        self.nadia = Customer.objects.create(site=self.site, name="Nadia")
        self.tom, self.ines = (self._agent(name) for name in ("Tom", "Ines"))
        self.conversation = next(_numbers)
        self._keys = itertools.count(1)
        opened = ConversationOpened(
            by="Nadia", customer=self.nadia.ref, subject="Dented shade on Heron lamp", address=ADDRESS, confirmed=confirmed, away_after=120
        )
        fact = Fact(conversation=self.conversation, body=opened, actor=self.nadia.ref, channel="widget", key="open")
        opens = Opens(conversation=self.conversation, site=self.site.pk, source="widget", key=f"open-{self.conversation}")
        joins = Joins(conversation=self.conversation, ref=self.nadia.ref)
        append_sync(Command(facts=(fact,), opens=opens, rows=(joins,)))

    def _agent(self, name: str) -> Agent:
        agent = Agent.objects.create_user(f"{name.lower()}-{self.site.key}@demo.example", "lamps and shades", name=name)
        agent.sites.add(self.site)
        return agent

    def add(self, body: Kind, *, by: str = "", channel: str = "widget", disclose: str = DISCLOSED) -> int:
        key = f"k{next(self._keys)}"
        fact = Fact(conversation=self.conversation, body=body, actor=by or self.nadia.ref, channel=channel, key=key, disclose=disclose)
        return append_sync(Command(facts=(fact,))).position

    def tell(self) -> NadiasCase:
        """The whole story, from the dent to the closing."""
        tom, ines = self.tom.ref, self.ines.ref
        self.add(MessageSaid(by="Nadia", text="Hi! My Heron lamp came with a <dent> in the shade.", attachments=(PHOTO,)))
        self.add(HandoffClaimed(by="Tom"), by=tom, channel="inbox")
        self.add(StaffOpened(by="Ruth", role="team lead", purpose="Review of refunds"), by="agent:999", channel="inbox")
        line = self.add(MessageSaid(by="Tom", text="I will refund EUR 40 so that you can keep the lamp."), by=tom)
        promise = self.add(CommitmentMade(by="Tom", text="Refund of EUR 40", due=FRIDAY, of=line), by=tom)
        self.add(MessageSeen(by="Nadia", upto=line))
        self.add(NoteAdded(by="Tom", text="Card refunds above EUR 30 need Ines."), by=tom, channel="inbox")
        self.add(NoteAdded(by="Tom", text="Her bank told us her limit."), by=tom, channel="inbox", disclose="others")
        self.add(ConversationMoved(by="Nadia", address=ADDRESS), channel="email")
        self.add(HandoffOffered(by="Tom", to=ines, to_name="Ines", reason="Card refunds need approval by Ines."), by=tom, channel="inbox")
        self.add(HandoffAccepted(by="Ines", from_name="Tom"), by=ines, channel="inbox")
        mail = self.add(
            MessageSaid(by="Ines", text="I have asked the bank today.", signature="Ines, Brindle Lamps"), by=ines, channel="email"
        )
        self.add(MailAccepted(of=mail, to=ADDRESS, said="250 2.0.0 Ok"), by="system", channel="email")
        self.add(
            DecisionIssued(
                by="Ines",
                text="We refund EUR 40 and you keep the lamp.",
                reasons="Terms 6.2.",
                remedies=("Ask for a review.",),
                role="agent",
            ),
            by=ines,
        )
        self.add(CommitmentKept(by="Ines", of=promise, proof="RF-20261125-0093"), by=ines)
        self.add(ConversationClosed(by="Ines", outcome="EUR 40 refunded; Nadia keeps the lamp."), by=ines)
        return self
