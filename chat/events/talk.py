"""What people say: messages in either direction, notes among agents, and what was seen. Knows no Django and no channel's workings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from chat.ledger.event import AttachmentRef, Audience, Kind, Stamp
from chat.ledger.state import State, Word

PREVIEW = 120
GROUNDS = {"others": "it names another person", "fraud": "it shows how fraud is found", "advice": "it holds legal advice"}
"""Why a note may be kept out of the full record: the code that is sealed as `disclose`, and its words."""
LIVE = "widget"
"""The channel whose lines may stay unseen; what goes by mail arrives without being watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSaid(Kind):
    """A chat line or an e-mail. Which of the two stands in the header as the channel."""

    name: ClassVar[str] = "message.said"
    personal: ClassVar[frozenset[str]] = frozenset(
        {"by", "text", "quoted", "signature", "subject", "address", "to", "cc", "also_names", "attachments"}
        | {"outside_id", "original", "proof"}
    )
    searched: ClassVar[frozenset[str]] = frozenset({"by", "text", "subject", "attachments"})
    raw_mail: ClassVar[str] = "received"
    speaks: ClassVar[bool] = True
    keeps: ClassVar[bool] = True

    by: str
    """The author's name as shown then."""
    text: str
    attachments: tuple[AttachmentRef, ...] = ()
    quoted: str = ""
    """Quoted history of a mail: kept and folded away, never deleted."""
    signature: str = ""
    subject: str = ""
    address: str = ""
    """The mail address it came from."""
    to: tuple[str, ...] = ()
    """Other people the mail was addressed to; our own addresses are left out, for a reply address is a capability."""
    cc: tuple[str, ...] = ()
    outside_id: str = ""
    """The mail's own Message-ID."""
    sent_at: int = 0
    """What its Date header says (microseconds since 1970): the sender's claim, apart from the ledger's time."""
    found_by: str = ""
    """By which step the mail found this conversation."""
    doubt: str = ""
    """Why it is not trusted fully: `unconfirmed`, `altered`, `forwarded`; empty if nothing is odd."""
    original: str = ""
    """Digest of the raw mail."""
    proof: str = ""
    """How it was proven who wrote a mail, as chat.events.authorship reads it; empty for a line that is no mail."""
    also: tuple[str, ...] = ()
    """Refs of people in copy who get this answer by e-mail besides the customer."""
    also_names: tuple[str, ...] = ()
    """Their names as shown then."""

    def sentence(self) -> str:
        files = f" with {len(self.attachments)} attachment{'s' if len(self.attachments) > 1 else ''}" if self.attachments else ""
        return f"{self.by or 'Somebody'} wrote{files}."

    def fold(self, state: State, stamp: Stamp) -> State:
        side = "customer" if state.is_customer(stamp.actor) else "agents"
        word = Word(position=stamp.position, at=stamp.at, actor=stamp.actor, side=side, text=self.text[:PREVIEW], channel=stamp.channel)
        said = {"last_word": word, "seen": {**state.seen, stamp.actor: stamp.position}}
        if side == "customer":
            return self._from_customer(state, stamp, said)
        return self._from_agents(state, stamp, said)

    def _from_customer(self, state: State, stamp: Stamp, said: dict[str, Any]) -> State:
        # Writing in the chat shows that its lines were on the screen; a mail shows nothing about the panel.
        # Somebody else who writes into the thread is heard, but does not move the door of the customer whose thread it is.
        door = stamp.channel if stamp.actor == state.customer.ref else state.channel
        state = state.but(channel=door, waiting_since=state.waiting_since or stamp.at, **said)
        if state.status in ("closed", "snoozed"):
            state = state.but(status="open", outcome="", snoozed_until=0).without_due("snooze")
        return state

    def _from_agents(self, state: State, stamp: Stamp, said: dict[str, Any]) -> State:
        state = state.but(waiting_since=0, first_answer_at=state.first_answer_at or stamp.at, **said)
        return state.unseen_line(stamp.position, stamp.at) if stamp.channel == LIVE else state

    @classmethod
    def example(cls) -> Self:
        photo = AttachmentRef(name="dent.jpg", media_type="image/jpeg", size=18231, digest="9f" * 32)
        return cls(by="Nadia", text="My lamp came with a dent in the shade.", attachments=(photo,))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(Kind):
    """A note among agents. Whether it stands in the customer's full record is fixed in the header when it is written."""

    name: ClassVar[str] = "note.added"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"by", "text", "attachments"})
    searched: ClassVar[frozenset[str]] = frozenset({"by", "text", "attachments"})
    disclosable: ClassVar[bool] = True

    by: str
    text: str
    attachments: tuple[AttachmentRef, ...] = ()

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} added a note."

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", text="Card refunds above EUR 30 need Ruth.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSeen(Kind):
    """A participant has seen everything up to a position: panel open, tab visible, line in view."""

    name: ClassVar[str] = "message.seen"
    personal: ClassVar[frozenset[str]] = frozenset({"by"})
    quiet: ClassVar[bool] = True

    by: str
    upto: int

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} has seen the conversation up to entry {self.upto}."

    def fold(self, state: State, stamp: Stamp) -> State:
        state = state.but(seen={**state.seen, stamp.actor: max(self.upto, state.seen.get(stamp.actor, 0))})
        return state.known_upto(self.upto) if state.is_customer(stamp.actor) else state

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", upto=4)
