"""What was done with the record itself: opened by staff, taken away, links to it, crossed out. Knows no Django."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffOpened(Kind):
    """A member of the staff got to see bodies of this conversation. The customer reads who (as the site shows names) and what for."""

    name: ClassVar[str] = "staff.opened"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "purpose"})
    quiet: ClassVar[bool] = True

    by: str
    role: str
    purpose: str = ""
    """Asked of those who open somebody else's or a closed conversation."""

    def sentence(self) -> str:
        return f"{self.by or 'A member of the team'} opened this conversation."

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ruth", role="team lead", purpose="Review of refunds")


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptTaken(Kind):
    """Somebody saved the conversation as it stood at a position."""

    name: ClassVar[str] = "transcript.taken"
    derived: ClassVar[frozenset[str]] = frozenset({"by", "upto"})
    personal: ClassVar[frozenset[str]] = frozenset({"by"})
    quiet: ClassVar[bool] = True

    by: str
    format: str
    upto: int = 0
    """The last position it holds; 0 means all entries before this one, which is the rule."""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} saved the transcript{f' up to entry {self.upto}' if self.upto else ''}."

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", format="html")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossedOut(Kind):
    """Fields of an entry are gone for good; their digests stay. Who, why and on what ground is told for ever."""

    name: ClassVar[str] = "privacy.crossed_out"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})
    quiet: ClassVar[bool] = True

    of: int
    """Position of the entry."""
    fields: tuple[str, ...]
    by: str
    reason: str
    ground: str
    """erasure | retention | mistake | court: the ground in law or in the site's rules."""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} crossed out {', '.join(self.fields)} of entry {self.of}."

    @classmethod
    def example(cls) -> Self:
        return cls(of=4, fields=("text",), by="Ruth", reason="A card number was written here.", ground="mistake")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIssued(Kind):
    """A link to this conversation was made for one person. Its secret is stored nowhere; `link` names it."""

    name: ClassVar[str] = "link.issued"
    quiet: ClassVar[bool] = True

    link: str
    """First sixteen hex digits of the digest of its secret."""
    to: str
    """Ref of the person it was made for."""
    until: int
    """Microseconds since 1970 in UTC."""

    def sentence(self) -> str:
        return "A link to this conversation was made."

    @classmethod
    def example(cls) -> Self:
        return cls(link="9f2c51d07a3be846", to="customer:41", until=1_779_580_800_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMailed(Kind):
    """The customer had a link to their record sent to their confirmed address."""

    name: ClassVar[str] = "link.mailed"
    personal: ClassVar[frozenset[str]] = frozenset({"by"})
    speaks: ClassVar[bool] = True
    quiet: ClassVar[bool] = True

    by: str

    def sentence(self) -> str:
        return f"{self.by or 'The customer'} had a link to this record sent by e-mail."

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRedeemed(Kind):
    """A browser opened this conversation with a link."""

    name: ClassVar[str] = "link.redeemed"
    personal: ClassVar[frozenset[str]] = frozenset({"by"})
    quiet: ClassVar[bool] = True

    by: str
    link: str
    how: str = ""
    """`browser` if the browser was known already, `code` if a one-time code was mailed and given back, `link` for one that the customer
    made to take along."""

    def sentence(self) -> str:
        return f"{self.by or 'The customer'} opened this conversation with a link."

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", link="9f2c51d07a3be846", how="code")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRevoked(Kind):
    """A link opens nothing any more."""

    name: ClassVar[str] = "link.revoked"
    personal: ClassVar[frozenset[str]] = frozenset({"by"})
    quiet: ClassVar[bool] = True

    by: str
    link: str

    def sentence(self) -> str:
        return f"{self.by or 'The customer'} cancelled a link to this conversation."

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", link="9f2c51d07a3be846")
