"""The final decision of a case: what, why, and what the customer can do against it.

Never changed, only followed by another. Knows no Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import Kind, Stamp
from chat.ledger.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionIssued(Kind):
    """A decision in force from now on; an earlier one stays in the record and is named in `replaces`."""

    name: ClassVar[str] = "decision.issued"
    derived: ClassVar[frozenset[str]] = frozenset({"by", "role", "replaces"})
    personal: ClassVar[frozenset[str]] = frozenset({"by", "text", "reasons", "remedies"})
    speaks: ClassVar[bool] = True
    keeps: ClassVar[bool] = True

    by: str
    text: str
    """The outcome in one sentence."""
    reasons: str
    """Why, with the rule it rests on."""
    remedies: tuple[str, ...] = ()
    """What the customer can do if they disagree, one step each."""
    role: str = ""
    """Role of who decided, as shown then."""
    replaces: int = 0
    """Position of the decision before; 0 for the first one."""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} issued a decision."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(decision=stamp.position, decision_text=self.text)

    @classmethod
    def example(cls) -> Self:
        return cls(
            by="Ruth",
            text="We do not replace the lamp. We refund EUR 40 and you keep it.",
            reasons="The dent is on the shade only; the lamp was tested as safe. Terms 6.2 give a price cut for such defects.",
            remedies=("Ask for a review by someone else until 24 December 2026.", "Your legal rights are not limited by this."),
            role="team lead",
        )
