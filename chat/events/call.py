"""Calls: asked for, booked, started, ended, missed, recorded with consent. Knows no Django and no telephone system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import AttachmentRef, Kind, Stamp
from chat.ledger.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAsked(Kind):
    """The customer wants to be called."""

    name: ClassVar[str] = "call.asked"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "number", "wish"})
    keeps: ClassVar[bool] = True

    by: str
    number: str = ""
    wish: str = ""
    """When it suits them, in their words."""

    def sentence(self) -> str:
        return f"{self.by or 'The customer'} asked to be called."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(waiting_since=state.waiting_since or stamp.at)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", number="+49 30 5550 100", wish="Today after four")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBooked(Kind):
    """A time for a call was agreed."""

    name: ClassVar[str] = "call.booked"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "number", "with_name"})
    speaks: ClassVar[bool] = True
    keeps: ClassVar[bool] = True

    by: str
    when: int
    """Microseconds since 1970 in UTC."""
    number: str = ""
    with_name: str = ""
    """Who will call, as shown to the customer."""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} booked a call."

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", when=1_763_994_600_000_000, number="+49 30 5550 100", with_name="Ines")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(Kind):
    """Both sides are on the line. Its position names the call in later events."""

    name: ClassVar[str] = "call.started"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "with_name", "number"})

    by: str
    """Who called."""
    with_name: str
    """Who answered."""
    number: str = ""
    inbound: bool = False
    """True if the customer called us."""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} called {self.with_name or 'somebody'}."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(waiting_since=0, first_answer_at=state.first_answer_at or stamp.at)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ines", with_name="Nadia", number="+49 30 5550 100")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Kind):
    name: ClassVar[str] = "call.ended"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "summary"})
    keeps: ClassVar[bool] = True

    by: str
    of: int
    """Position of the call's start."""
    seconds: int
    summary: str = ""
    """What was agreed; the customer reads it."""

    def sentence(self) -> str:
        return f"The call of entry {self.of} ended after {self.seconds} seconds."

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ines", of=9, seconds=252, summary="Nadia keeps the lamp and gets EUR 40 back.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMissed(Kind):
    """A call that reached nobody."""

    name: ClassVar[str] = "call.missed"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "number"})

    by: str
    """Who called."""
    number: str = ""
    inbound: bool = False
    why: str = ""
    """no_answer | busy | rejected | failed"""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} called and reached nobody."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(waiting_since=state.waiting_since or stamp.at) if self.inbound else state

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", number="+49 30 5550 100", inbound=True, why="no_answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecorded(Kind):
    """The recording of a call and, if there is one, its text. Only made after consent."""

    name: ClassVar[str] = "call.recorded"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "text", "attachments"})
    files_in: ClassVar[str] = "recordings"
    quiet: ClassVar[bool] = True

    by: str
    of: int
    """Position of the call's start."""
    consent_at: int
    """When the customer agreed; microseconds since 1970 in UTC."""
    text: str = ""
    """What was said, as recognised by a machine."""
    attachments: tuple[AttachmentRef, ...] = ()

    def sentence(self) -> str:
        return f"The recording of the call of entry {self.of} was stored."

    @classmethod
    def example(cls) -> Self:
        audio = AttachmentRef(name="call-2026-11-23-1531.mp3", media_type="audio/mpeg", size=1_512_000, digest="5c" * 32)
        return cls(by="Ines", of=9, consent_at=1_763_994_668_000_000, attachments=(audio,))
