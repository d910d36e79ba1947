"""What the automated assistant did: answered from named sources, or passed the customer on to a person. Knows no Django and no model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import Kind, Stamp
from chat.ledger.state import State, Word

_PREVIEW = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class BotAnswered(Kind):
    """An automatic answer. The customer always sees that it is automated, and what it rests on."""

    name: ClassVar[str] = "bot.answered"
    personal: ClassVar[frozenset[str]] = frozenset({"text"})
    speaks: ClassVar[bool] = True
    keeps: ClassVar[bool] = True

    by: str
    """The assistant's name as shown then."""
    text: str
    sources: tuple[str, ...] = ()
    """Titles of the articles it answered from."""

    def sentence(self) -> str:
        return f"{self.by or 'The assistant'} answered automatically."

    def fold(self, state: State, stamp: Stamp) -> State:
        word = Word(
            position=stamp.position, at=stamp.at, actor=stamp.actor, side="agents", text=self.text[:_PREVIEW], channel=stamp.channel
        )
        state = state.but(last_word=word, waiting_since=0)
        return state.unseen_line(stamp.position, stamp.at) if stamp.channel == "widget" else state

    @classmethod
    def example(cls) -> Self:
        return cls(by="Assistant", text="Your parcel was delivered on Thursday at 14:05.", sources=("Delivery times",))


@dataclass(frozen=True, slots=True, kw_only=True)
class BotPassed(Kind):
    """The assistant stepped back: the customer waits for a person from now on."""

    name: ClassVar[str] = "bot.passed"
    personal: ClassVar[frozenset[str]] = frozenset({"summary"})

    by: str
    reason: str
    """asked (the customer wanted a person) | unsure | failed"""
    summary: str = ""
    """What the agent who takes over should know."""

    def sentence(self) -> str:
        return f"{self.by or 'The assistant'} passed the customer on to a person."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(waiting_since=state.waiting_since or stamp.at)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Assistant", reason="asked", summary="Two questions about delivery answered; the lamp has a dent.")
