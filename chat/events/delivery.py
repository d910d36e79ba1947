"""What became of mail: received and doubted, queued, sent, accepted by their server, delayed, bounced. Knows no Django and no SMTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import Audience, Kind, Stamp
from chat.ledger.state import AWAY, State


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
        return state.but(bounced=False)

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
        return state.but(bounced=False)

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
    quiet: ClassVar[bool] = False

    def sentence(self) -> str:
        return f"Entry {self.of} did not arrive by e-mail."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(bounced=True)

    @classmethod
    def example(cls) -> Self:
        return cls(of=7, to="nadia@customer.example", said="550 5.1.1 No such mailbox")


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
    """auto_reply | report | list"""
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
