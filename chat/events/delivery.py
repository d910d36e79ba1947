"""What became of mail: received and doubted, queued, sent, accepted by their server, delayed, bounced. Knows no Django and no SMTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import Audience, Kind, Stamp
from chat.ledger.state import AWAY, State

CAUSES = {
    "unknown": "nobody has this address",
    "no-host": "there is no such mail domain",
    "moved": "its owner has moved",
    "no-mail": "this domain takes no mail",
    "full": "the mailbox is full",
    "too-big": "the mail was too large",
    "disabled": "the mailbox is locked",
    "sender": "their server did not like our address",
    "refused": "their server takes no mail from us, or not now",
    "content": "it was taken for spam or for something harmful",
    "expired": "their server could not be reached in time",
    "system": "a fault on the way",
}
"""Why a mail did not arrive: codes and their words."""
PAUSES = {
    "hard": "nobody is there, as two mails have shown",
    "soft": "mails have not arrived for days",
    "complaint": "a mail was called spam there",
}
"""Why nothing more goes to an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outgoing(Kind):
    """Base of what happens to one mailed event on its way."""

    of: int
    """Position of the event that was mailed."""
    to: str = ""
    said: str = ""
    """The other server's own words."""

    personal: ClassVar[frozenset[str]] = frozenset({"to", "said"})
    quiet: ClassVar[bool] = True

    def to_customer(self, state: State) -> bool:
        """Whether it went to the customer, and not to somebody in copy."""
        to = self.to.lower()
        return to == state.customer.address.lower() or all(to != person.address.lower() for person in state.others.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSent(_Outgoing):
    """Handed to our relay (or put into the local mailbox)."""

    name: ClassVar[str] = "mail.sent"
    personal: ClassVar[frozenset[str]] = frozenset({"to", "said", "original"})
    raw_mail: ClassVar[str] = "sent"

    original: str = ""
    """SHA-256 of the very mail, kept as a blob without the secrets of links; empty if there was no room for it."""

    def sentence(self) -> str:
        return f"Entry {self.of} was sent by e-mail."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(bounced=False) if self.to_customer(state) else state

    @classmethod
    def example(cls) -> Self:
        return cls(of=7, to="nadia@customer.example", said="250 2.0.0 Ok: queued", original="5e" * 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAccepted(_Outgoing):
    """Taken by the customer's own mail server, which is all that its 250 says."""

    name: ClassVar[str] = "mail.accepted"

    def sentence(self) -> str:
        return f"The customer's mail server accepted entry {self.of}."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(bounced=False) if self.to_customer(state) else state

    @classmethod
    def example(cls) -> Self:
        return cls(of=7, to="nadia@customer.example", said="250 2.0.0 Ok")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDelayed(_Outgoing):
    """Not taken yet; it is tried again with the same Message-ID."""

    name: ClassVar[str] = "mail.delayed"

    attempt: int = 1

    def sentence(self) -> str:
        return f"Entry {self.of} could not be delivered yet; it is tried again."

    @classmethod
    def example(cls) -> Self:
        return cls(of=7, to="nadia@customer.example", said="450 4.2.0 Greylisted, try again", attempt=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailBounced(_Outgoing):
    """Refused for good, or not delivered after 48 hours."""

    name: ClassVar[str] = "mail.bounced"
    personal: ClassVar[frozenset[str]] = frozenset({"to", "said", "original"})
    raw_mail: ClassVar[str] = "received"
    quiet: ClassVar[bool] = False

    hard: bool = False
    """Whether the address is to blame: nobody is there. Else it may be right (mailbox full, refused as spam, server away)."""
    status: str = ""
    """The code of RFC 3463, if one was given."""
    cause: str = ""
    """Why, as a short code; empty if nobody can tell."""
    original: str = ""
    """SHA-256 of the report as it came in; empty where their server refused the mail at once."""

    def sentence(self) -> str:
        return f"Entry {self.of} did not arrive by e-mail."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(bounced=True) if self.to_customer(state) else state

    @classmethod
    def example(cls) -> Self:
        return cls(of=7, to="nadia@customer.example", said="550 5.1.1 No such mailbox", hard=True, status="5.1.1", cause="unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailComplained(_Outgoing):
    """Its reader, or somebody who reads along, called the mail spam."""

    name: ClassVar[str] = "mail.complained"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"to", "said", "original"})
    raw_mail: ClassVar[str] = "received"

    feedback: str = "abuse"
    """Feedback-Type of RFC 5965."""
    original: str = ""
    """SHA-256 of the report as it came in."""

    def sentence(self) -> str:
        return f"The mail with entry {self.of} was called spam."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(bounced=True) if self.to_customer(state) else state

    @classmethod
    def example(cls) -> Self:
        return cls(of=7, to="nadia@customer.example", said="Their provider reports it as spam.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPaused(Kind):
    """Nothing more goes to this address, whatever the conversation, until somebody lets it through again or its owner writes."""

    name: ClassVar[str] = "mail.paused"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"to"})
    quiet: ClassVar[bool] = True

    to: str
    why: str
    """hard | soft | complaint"""

    def sentence(self) -> str:
        return "No more mail goes to this address."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(bounced=True)

    @classmethod
    def example(cls) -> Self:
        return cls(to="nadia@customer.example", why="hard")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailResumed(Kind):
    """An agent lets mail through to this address again."""

    name: ClassVar[str] = "mail.resumed"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"by", "to"})
    quiet: ClassVar[bool] = True

    by: str
    to: str

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} lets mail through to this address again."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(bounced=False)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ines", to="nadia@customer.example")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesMailed(Kind):
    """The customer left before they saw these lines, so they go by e-mail, all in one."""

    name: ClassVar[str] = "lines.mailed"
    derived: ClassVar[frozenset[str]] = frozenset({"to"})
    personal: ClassVar[frozenset[str]] = frozenset({"to"})
    speaks: ClassVar[bool] = True
    quiet: ClassVar[bool] = True

    lines: tuple[int, ...]
    to: str = ""

    def sentence(self) -> str:
        return f"{len(self.lines)} unseen line{'s' if len(self.lines) != 1 else ''} went by e-mail."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.known_upto(max(self.lines, default=0)).without_due(AWAY)

    @classmethod
    def example(cls) -> Self:
        return cls(lines=(5, 7), to="nadia@customer.example")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptAcknowledged(Kind):
    """The one acknowledgement of receipt for a mail that opened a conversation."""

    name: ClassVar[str] = "receipt.acknowledged"
    personal: ClassVar[frozenset[str]] = frozenset({"to"})
    speaks: ClassVar[bool] = True
    quiet: ClassVar[bool] = True

    of: int
    to: str = ""

    def sentence(self) -> str:
        return "The receipt of the mail was acknowledged."

    @classmethod
    def example(cls) -> Self:
        return cls(of=2, to="nadia@customer.example")


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticReceived(Kind):
    """An automatic mail about this conversation (out of office, a report): kept for the agents, answered by nobody."""

    name: ClassVar[str] = "automatic.received"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"text", "address", "original", "evidence"})
    raw_mail: ClassVar[str] = "received"
    quiet: ClassVar[bool] = True

    what: str
    """auto_reply | challenge | receipt | report | list | loop"""
    evidence: str
    """By which header or words it was recognised."""
    text: str = ""
    address: str = ""
    original: str = ""

    def sentence(self) -> str:
        return "An automatic mail came in."

    @classmethod
    def example(cls) -> Self:
        return cls(what="auto_reply", evidence="Auto-Submitted: auto-replied", text="I am away until Monday.")
