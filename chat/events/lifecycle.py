"""The life of a conversation: opened, introduced, moved to another channel, snoozed, closed, opened again, tagged.

Knows no Django and no channel's workings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import Audience, Kind, Stamp
from chat.ledger.state import AWAY, SECOND, Person, State

SNOOZE = "snooze"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationOpened(Kind):
    """The first event: who opened it, through which door (the header's channel), and the site's policies of that moment."""

    name: ClassVar[str] = "conversation.opened"
    derived: ClassVar[frozenset[str]] = frozenset({"by", "away_after"})
    personal: ClassVar[frozenset[str]] = frozenset({"by", "subject", "address", "page"})
    tells_who: ClassVar[frozenset[str]] = frozenset({"by", "address"})
    keeps: ClassVar[bool] = True

    by: str
    customer: str
    """Ref of the customer."""
    subject: str = ""
    address: str = ""
    confirmed: bool = False
    page: str = ""
    """The page the widget stood on, without its query."""
    away_after: int = 0
    """Seconds until unseen lines go by e-mail."""

    def sentence(self) -> str:
        return f"{self.by or 'A visitor'} opened this conversation."

    def fold(self, state: State, stamp: Stamp) -> State:
        person = Person(ref=self.customer, name=self.by, address=self.address, confirmed=self.confirmed)
        return state.but(
            opened_at=stamp.at,
            status="open",
            subject=self.subject,
            customer=person,
            channel=stamp.channel,
            opened_by=stamp.channel,
            away_after=self.away_after,
        )

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", customer="customer:41", subject="Dented shade", address="nadia@customer.example", away_after=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerIntroduced(Kind):
    """The customer told a name or an address, or an agent noted it for them."""

    name: ClassVar[str] = "customer.introduced"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "shown_name", "address"})

    by: str
    shown_name: str = ""
    address: str = ""

    def sentence(self) -> str:
        return f"{self.by or 'The visitor'} told how to reach them."

    def fold(self, state: State, stamp: Stamp) -> State:
        return reachable(state, stamp, name=self.shown_name, address=self.address)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", shown_name="Nadia", address="nadia@customer.example")


def reachable(state: State, stamp: Stamp, *, name: str = "", address: str = "") -> State:
    """The state with what was told. Another address is not confirmed; lines that waited for an address get their alarm now."""
    known = state.customer
    person = Person(
        ref=known.ref,
        name=name or known.name,
        address=address or known.address,
        confirmed=known.confirmed and (not address or address == known.address),
    )
    state = state.but(customer=person)
    if address and state.unseen_from and state.away_after:
        state = state.with_due(AWAY, stamp.at + state.away_after * SECOND)
    return state


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressConfirmed(Kind):
    """The customer proved that the address is theirs: by a code, or by an authenticated reply to a tag issued to it."""

    name: ClassVar[str] = "address.confirmed"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "address"})

    by: str
    address: str
    how: str
    """`reply` or `code`."""

    def sentence(self) -> str:
        return f"{self.by or 'The customer'} confirmed their address."

    def fold(self, state: State, stamp: Stamp) -> State:
        if self.address != state.customer.address:
            return state
        known = state.customer
        return state.but(customer=Person(ref=known.ref, name=known.name, address=known.address, confirmed=True))

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", address="nadia@customer.example", how="reply")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationMoved(Kind):
    """Answers go through another door from now on; the old door stays open. The header's channel is the new door."""

    name: ClassVar[str] = "conversation.moved"
    derived: ClassVar[frozenset[str]] = frozenset({"by", "lines"})
    personal: ClassVar[frozenset[str]] = frozenset({"by", "address", "reason"})
    speaks: ClassVar[bool] = True
    keeps: ClassVar[bool] = True

    by: str
    address: str = ""
    reason: str = ""
    """The customer reads it; required when an agent moves the conversation."""
    history: bool = False
    """Whether the customer wants what was said so far in the mail (sent only to a confirmed address)."""
    lines: tuple[int, ...] = ()
    """Positions of the lines the customer had not seen yet; they go along."""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} moved this conversation to another channel. The chat stays open."

    def fold(self, state: State, stamp: Stamp) -> State:
        state = reachable(state, stamp, address=self.address)
        return state.but(channel=stamp.channel).known_upto(max(self.lines, default=0))

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", address="nadia@customer.example", reason="The refund takes a day, so I will answer by e-mail.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectChanged(Kind):
    name: ClassVar[str] = "subject.changed"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "subject"})

    by: str
    subject: str

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} changed the subject."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(subject=self.subject)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", subject="Dented shade on Heron lamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationTagged(Kind):
    """The tags of a conversation, all of them, as they are now."""

    name: ClassVar[str] = "conversation.tagged"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"by", "tags"})

    by: str
    tags: tuple[str, ...]

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} set the tags: {', '.join(self.tags) or 'none'}."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(tags=self.tags)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", tags=("damaged", "heron"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSnoozed(Kind):
    name: ClassVar[str] = "conversation.snoozed"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"by"})

    by: str
    until: int

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} put this conversation aside for later."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(status="snoozed", snoozed_until=self.until).with_due(SNOOZE, self.until)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", until=1_763_974_800_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationWoken(Kind):
    """A snooze came to its end."""

    name: ClassVar[str] = "conversation.woken"
    audience: ClassVar[Audience] = Audience.AGENTS

    def sentence(self) -> str:
        return "This conversation came back from being put aside."

    def fold(self, state: State, stamp: Stamp) -> State:
        status = "open" if state.status == "snoozed" else state.status
        return state.but(status=status, snoozed_until=0).without_due(SNOOZE)

    @classmethod
    def example(cls) -> Self:
        return cls()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationClosed(Kind):
    """Closed with an outcome that both sides read. It can be opened again by either."""

    name: ClassVar[str] = "conversation.closed"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "outcome"})
    speaks: ClassVar[bool] = True
    keeps: ClassVar[bool] = True

    by: str
    outcome: str = ""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} closed this conversation."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(status="closed", outcome=self.outcome, waiting_since=0, snoozed_until=0).without_due(SNOOZE)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", outcome="EUR 40 refunded; Nadia keeps the lamp.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationReopened(Kind):
    name: ClassVar[str] = "conversation.reopened"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})
    keeps: ClassVar[bool] = True

    by: str
    reason: str = ""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} opened this conversation again."

    def fold(self, state: State, stamp: Stamp) -> State:
        waiting = stamp.at if state.is_customer(stamp.actor) else 0
        return state.but(status="open", outcome="", waiting_since=state.waiting_since or waiting)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", reason="The refund has not arrived.")
