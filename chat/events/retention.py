"""How long a record is kept: told, prolonged, held, and at its end crossed out. Knows no Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Self

from chat.ledger.event import Audience, Kind, Stamp
from chat.ledger.state import SECOND, State

HOLD_GROUNDS = {
    "claims": "legal claims are open",
    "court": "a court or an authority ordered it",
    "obligation": "the law obliges us to keep it",
}
"""Why a record may be held: the code that is sealed, and its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionNoticed(Kind):
    """The customer is told when the content of this record will be crossed out."""

    name: ClassVar[str] = "retention.noticed"
    speaks: ClassVar[bool] = True
    quiet: ClassVar[bool] = True

    until: int
    """Microseconds since 1970 in UTC."""

    def sentence(self) -> str:
        day = datetime.fromtimestamp(self.until / SECOND, UTC)
        return f"This record is kept until {day.day} {day:%B %Y}; then what was said in it is removed for good."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(noticed_until=max(self.until, state.noticed_until))

    @classmethod
    def example(cls) -> Self:
        return cls(until=1_779_580_800_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionExtended(Kind):
    """The record is kept longer, at somebody's wish. Never shorter: an earlier date changes nothing."""

    name: ClassVar[str] = "retention.extended"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})
    quiet: ClassVar[bool] = True

    by: str
    until: int
    """Microseconds since 1970 in UTC."""
    reason: str = ""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} had this record kept longer."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(kept_until=max(self.until, state.kept_until))

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", until=1_795_132_800_000_000, reason="The warranty runs for two years.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionCarriedOut(Kind):
    """The time of this record is over: personal content of these entries is gone for good, the digests stay."""

    name: ClassVar[str] = "retention.carried_out"
    quiet: ClassVar[bool] = True

    entries: dict[str, tuple[str, ...]]
    """Position of each entry that lost something, and the names of the fields that are gone."""
    done: bool = True
    """False while further entries follow: a long record goes in parts."""

    def sentence(self) -> str:
        count = len(self.entries)
        return f"The time to keep this record is over: the content of {count} entr{'y' if count == 1 else 'ies'} was crossed out."

    def fold(self, state: State, stamp: Stamp) -> State:
        if not self.done:
            return state
        # Nobody is left to be answered, reminded or mailed. What is said later has an end of its own.
        return state.but(
            status="closed",
            waiting_since=0,
            snoozed_until=0,
            offered_to="",
            offered_name="",
            commitments=(),
            unseen_from=0,
            unseen_upto=0,
            bounced=False,
            dues={},
            keep_from=0,
            kept_until=0,
            noticed_until=0,
            gone_at=stamp.at,
        )

    @classmethod
    def example(cls) -> Self:
        return cls(entries={"1": ("by", "subject"), "2": ("by", "text")})


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSet(Kind):
    """Nothing of this record may be crossed out for now, for example because of a dispute."""

    name: ClassVar[str] = "hold.set"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})
    quiet: ClassVar[bool] = True

    by: str
    reason: str
    ground: str
    """Code of HOLD_GROUNDS."""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} put this record on hold."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(hold=self.ground)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ruth", reason="Nadia took the case to arbitration.", ground="claims")


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(Kind):
    """The record ends again when its time is over; of a day that passed meanwhile the customer is told anew."""

    name: ClassVar[str] = "hold.released"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})
    quiet: ClassVar[bool] = True

    by: str
    reason: str

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} released the hold of this record."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(hold="", noticed_until=0)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ruth", reason="The arbitration ended.")
