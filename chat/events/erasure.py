"""Erasing before the time: asked for, taken back, refused with its ground, proposed by one of the team, carried out. Knows no Django."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import Audience, Kind, Stamp
from chat.ledger.state import CROSS_OUT, ERASE, SECOND, SWEEP, State

GROUNDS = {
    "request": "the person asked for it (GDPR Art. 17)",
    "mistake": "it does not belong here",
    "others": "it names another person",
    "unlawful": "it may not be stored",
    "court": "a court or an authority ordered it",
}
"""On what ground the team crosses out before the time: the code that is sealed, and its words."""
REFUSALS = {
    "obligation": "the law obliges us to keep it (GDPR Art. 17(3)(b))",
    "claims": "it is needed for legal claims (GDPR Art. 17(3)(e))",
    "public": "it is needed for a task in the public interest (GDPR Art. 17(3)(d))",
    "court": "a court or an authority ordered to keep it",
    "expression": "it is needed for the freedom of information (GDPR Art. 17(3)(a))",
}
"""On what ground a wish to be erased may be refused."""

SWEPT_EVERY = 600 * SECOND
"""At these times the storage engine is told to forget what was crossed out before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureAsked(Kind):
    """The customer wants this record gone before its time. It is, when the wait is over, unless it is taken back or refused."""

    name: ClassVar[str] = "erasure.asked"
    derived: ClassVar[frozenset[str]] = frozenset({"by", "until"})
    personal: ClassVar[frozenset[str]] = frozenset({"by", "words"})

    by: str
    words: str = ""
    """What they wrote with it."""
    until: int = 0
    """When the wait is over; microseconds since 1970 in UTC."""

    def sentence(self) -> str:
        return f"{self.by or 'The customer'} asked for this record to be erased."

    def fold(self, state: State, stamp: Stamp) -> State:
        state = state.but(erasing=stamp.position)
        return state.with_due(ERASE, self.until) if self.until else state

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", words="Please delete what you have about me.", until=1_779_580_800_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureNoticed(Kind):
    """The customer is told by mail that the record will be erased, and until when that can be taken back."""

    name: ClassVar[str] = "erasure.noticed"
    speaks: ClassVar[bool] = True
    quiet: ClassVar[bool] = True

    until: int
    """Microseconds since 1970 in UTC."""
    day: str
    """The same day in the site's time zone, as the notice says it."""

    def sentence(self) -> str:
        return (
            f"As you asked, everything in this record will be erased on {self.day}. Until then you can take that back on its page, "
            "also if it was not you who asked."
        )

    @classmethod
    def example(cls) -> Self:
        return cls(until=1_779_580_800_000_000, day="24 May 2026")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureWithdrawn(Kind):
    """The customer took the wish back, or the team their proposal."""

    name: ClassVar[str] = "erasure.withdrawn"
    personal: ClassVar[frozenset[str]] = frozenset({"by"})
    quiet: ClassVar[bool] = True

    by: str
    asked: int
    """Position of the wish."""

    def sentence(self) -> str:
        return f"{self.by or 'The customer'} took the wish to be erased back."

    def fold(self, state: State, stamp: Stamp) -> State:
        return settled(state, self.asked)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", asked=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRefused(Kind):
    """A wish to be erased is refused, for now or for good, with its legal ground."""

    name: ClassVar[str] = "erasure.refused"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})
    speaks: ClassVar[bool] = True
    quiet: ClassVar[bool] = True

    by: str
    asked: int
    """Position of the wish."""
    ground: str
    """Code of REFUSALS, or of the ground of a hold."""
    reason: str = ""
    """In words the customer reads."""

    def sentence(self) -> str:
        ground = REFUSALS.get(self.ground, self.ground)
        reason = f" {self.reason}" if self.reason else ""
        return f"The wish to erase this record was refused: {ground}.{reason} You may complain to the data protection authority."

    def fold(self, state: State, stamp: Stamp) -> State:
        return settled(state, self.asked)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ruth", asked=6, ground="claims", reason="Your complaint about this case is still open.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingProposed(Kind):
    """One of the team wants content crossed out before its time. Nothing happens until a second one with the right agrees."""

    name: ClassVar[str] = "crossing.proposed"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})
    quiet: ClassVar[bool] = True

    by: str
    ground: str
    """Code of GROUNDS."""
    reason: str
    of: int = 0
    """Position of the entry; 0 if it is a person or the whole record."""
    fields: tuple[str, ...] = ()
    person: str = ""
    """Ref of the person whose content goes; their name and addresses go from every place that keeps them."""
    proposed_by: str = ""
    """Ref of who proposes: the second one is somebody else."""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} proposed to cross out {self._what()}."

    def _what(self) -> str:
        if self.person:
            return "what a person said"
        return f"{', '.join(self.fields)} of entry {self.of}" if self.of else "this record"

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(proposals=(*state.proposals, stamp.position))

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", of=4, fields=("text",), ground="mistake", reason="A card number was written here.", proposed_by="agent:3")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingAgreed(Kind):
    """A second one of the team agreed to a proposal: it is carried out at once."""

    name: ClassVar[str] = "crossing.agreed"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"by"})
    quiet: ClassVar[bool] = True

    by: str
    asked: int
    """Position of the proposal."""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} agreed to cross out what entry {self.asked} says."

    def fold(self, state: State, stamp: Stamp) -> State:
        return settled(state, self.asked).with_due(f"{CROSS_OUT}:{self.asked}", stamp.at)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ruth", asked=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingDeclined(Kind):
    """A proposal to cross out was turned down."""

    name: ClassVar[str] = "crossing.declined"
    audience: ClassVar[Audience] = Audience.AGENTS
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})
    quiet: ClassVar[bool] = True

    by: str
    asked: int
    """Position of the proposal."""
    reason: str = ""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} declined to cross out what entry {self.asked} says."

    def fold(self, state: State, stamp: Stamp) -> State:
        return settled(state, self.asked)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ruth", asked=9, reason="Nadia needs this sentence for her claim.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureCarriedOut(Kind):
    """Content is gone for good, the digests stay. Who, on whose wish and on what ground is told for ever, to both sides."""

    name: ClassVar[str] = "erasure.carried_out"
    derived: ClassVar[frozenset[str]] = frozenset({"by", "entries"})
    personal: ClassVar[frozenset[str]] = frozenset({"reason"})
    quiet: ClassVar[bool] = True

    by: str
    """Who decided, two of the team; empty if the customer asked for it."""
    ground: str
    """Code of GROUNDS."""
    entries: dict[str, tuple[str, ...]]
    """Position of each entry that lost something, and the names of the fields that are gone."""
    reason: str = ""
    asked: int = 0
    """Position of the wish or the proposal; 0 if it stands in another record."""
    person: str = ""
    """Ref of the person who was erased; empty if it was content alone."""
    whole: bool = False
    """True if nothing personal is left in this record."""

    def sentence(self) -> str:
        count = len(self.entries)
        what = "The whole record" if self.whole else f"Content of {count} entr{'ies' if count != 1 else 'y'}"
        return f"{what} was crossed out: {GROUNDS.get(self.ground, self.ground)}."

    def fold(self, state: State, stamp: Stamp) -> State:
        state = settled(state, self.asked).without_due(f"{CROSS_OUT}:{self.asked}")
        # Many at once are swept together: it takes the longer, the larger the store is.
        state = state.with_due(SWEEP, (stamp.at // SWEPT_EVERY + 1) * SWEPT_EVERY)
        if not self.whole:
            return state
        # Nobody is left to be reminded, answered or mailed.
        left = {name: at for name, at in state.dues.items() if name == SWEEP or name.startswith(CROSS_OUT)}
        return state.but(status="closed", waiting_since=0, unseen_from=0, unseen_upto=0, commitments=(), erasing=0, keep_from=0, dues=left)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom and Ruth", ground="mistake", entries={"4": ("text",)}, reason="A card number was written here.", asked=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalMasked(Kind):
    """Numbers in the entry before this one were masked when it came in. They were never kept."""

    name: ClassVar[str] = "arrival.masked"
    quiet: ClassVar[bool] = True

    of: int = 0
    """Position of the entry; 0 if it is the one just before."""
    what: tuple[str, ...] = ()
    """What each was: `card number`, or the name of the site's pattern."""
    raw: bool = False
    """True if the mail as it came was masked too, so that its signature no longer fits."""

    def sentence(self) -> str:
        count = len(self.what)
        kept = " The mail is kept with them masked." if self.raw else ""
        return f"{count} number{'s' if count != 1 else ''} in the entry before this one {'were' if count != 1 else 'was'} masked.{kept}"

    @classmethod
    def example(cls) -> Self:
        return cls(what=("card number",), raw=True)


def settled(state: State, asked: int) -> State:
    """The state once a wish or a proposal has its answer."""
    if asked and asked == state.erasing:
        return state.but(erasing=0).without_due(ERASE)
    return state.but(proposals=tuple(p for p in state.proposals if p != asked)) if asked in state.proposals else state
