"""What an event kind is: a frozen dataclass with a name, a version and typed fields.

A kind says how it reads, who may see it, which of its fields are personal and what follows from it. It knows no database and no
channel; `chat/events/` holds the kinds, one file per family, and importing a family registers its kinds here.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, Self

from msgspec import Struct

from chat.ledger.state import State

SENTENCE = "_sentence"
_BARE = frozenset({str, int, bool, type(None)})
"""Types of values that are sealed as they stand."""


class Audience(StrEnum):
    """Who reads an event: both sides, or the agents alone."""

    EVERYONE = "everyone"
    AGENTS = "agents"


DISCLOSED = "yes"
"""The `disclose` value of an event that stands open in the full record; any other value is the code of a ground on which it is withheld.

A code and no words: headers are never crossed out, so nothing that somebody typed may stand in them.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRef:
    """A file that belongs to an event. Each one is sealed as a field of its own, so that one file can be crossed out alone.

    `digest` is the SHA-256 of the content in hex and names the blob; `size` is in octets.
    """

    name: str
    media_type: str
    size: int
    digest: str


NO_ATTACHMENT = AttachmentRef(name="", media_type="", size=0, digest="")
"""Stands for a file that is crossed out, before others that are not."""


class Stamp(Struct, frozen=True, kw_only=True):
    """The sealed facts about an event that its fold may use: where, when, by whom and through which door."""

    position: int
    at: int
    """Microseconds since 1970 in UTC."""
    actor: str
    channel: str
    audience: Audience


_kinds: dict[tuple[str, int], type[Kind]] = {}
_current: dict[str, type[Kind]] = {}


class Kind:
    """Base of every event kind. Subclasses are `@dataclass(frozen=True, slots=True, kw_only=True)`.

    Fields may be `str`, `bool`, `int` (below 2**53), `None`, tuples and string-keyed dicts of those, and `tuple[AttachmentRef, ...]`.
    Names shown to readers (`by`, ...) are stored as they were shown then.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    audience: ClassVar[Audience] = Audience.EVERYONE
    personal: ClassVar[frozenset[str]] = frozenset()
    """Fields that hold personal data; erasure crosses out these and the stored sentence."""
    derived: ClassVar[frozenset[str]] = frozenset({"by"})
    """Fields that the server fills in, not the person: they may differ when the same thing is sent again under the same key."""
    speaks: ClassVar[bool] = False
    """True if channels are asked whether they carry this event to somebody (see `route` in chat/channels/channel.py)."""
    searched: ClassVar[frozenset[str]] = frozenset(
        {"text", "subject", "reason", "reasons", "remedies", "outcome", "summary", "words", "wish", "proof", "tags", "attachments"}
    )
    """Fields whose words agents find by searching, as far as the kind has them; of files it is the name."""
    tells_who: ClassVar[frozenset[str]] = frozenset({"address", "shown_name", "number"})
    """Fields that say who the customer is: searched too, and found even by those who read no bodies."""
    disclosable: ClassVar[bool] = False
    """For kinds that the agents alone read: True if the header's `disclose` decides whether an event stands open in the customer's record.
    Of the others the customer reads no more than that there is an entry for the team only."""
    files_in: ClassVar[str] = "attachments"
    """The folder in which its files stand when a conversation is taken away."""
    raw_mail: ClassVar[str] = ""
    """received | sent, if its field `original` is the digest of a mail as octets; empty if it is no mail."""
    quiet: ClassVar[bool] = False
    """True if the event moves neither the last word nor unread marks, retention and queues."""
    keeps: ClassVar[bool] = False
    """True if it is something said, promised or decided, or the closing: the record is kept for the site's days after it."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        name = cls.__dict__.get("name")
        if name is None:
            return
        known = _kinds.get((name, cls.version))
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"Two event kinds are called {name!r} version {cls.version}: {known.__module__} and {cls.__module__}.")
        # @dataclass(slots=True) makes the class a second time; the later one is the one that is used.
        _kinds[name, cls.version] = cls
        if name not in _current or _current[name].version <= cls.version:
            _current[name] = cls

    def sentence(self) -> str:
        """One plain English sentence about this event, stored with it so that code which does not know the kind can show it."""
        raise TypeError(f"{type(self).__name__} has no sentence().")

    def fold(self, state: State, stamp: Stamp) -> State:
        """The state of the conversation after this event. Pure."""
        return state

    @classmethod
    def example(cls) -> Self:
        """A believable instance: for the docs and for the contracts in tests/house."""
        raise TypeError(f"{cls.__name__} has no example().")

    @classmethod
    def upcast(cls, values: dict[str, Any]) -> Kind:
        """An instance of the current version from the values of this one. Old versions override it; the current one is itself."""
        return cls(**values)


def kinds() -> list[type[Kind]]:
    """The current version of every registered kind, by name."""
    return [_current[name] for name in sorted(_current)]


def searched_fields(name: str, version: int) -> tuple[frozenset[str], frozenset[str]]:
    """The fields of a kind that are searched, and those among them that say who the customer is; none for a kind unknown here."""
    cls = _kinds.get((name, version))
    return (cls.searched | cls.tells_who, cls.tells_who) if cls else (frozenset(), frozenset())


def personal_fields(name: str, version: int) -> frozenset[str] | None:
    """The fields of a kind that hold personal data; None for a kind unknown here, of which every field may."""
    cls = _kinds.get((name, version))
    return cls.personal if cls else None


def disclosable(name: str, version: int) -> bool:
    """Whether the header's `disclose` opens an agents-only event of this kind to the customer; never for a kind unknown here."""
    cls = _kinds.get((name, version))
    return cls is not None and cls.disclosable


def to_fields(body: Kind) -> dict[str, Any]:
    """The sealed fields of an event: its values as plain data, attachments one field each, and the sentence.

    What is empty is no field (docs/decisions/0014-*.md): `from_fields` reads the same empty value where there is none.
    """
    values: dict[str, Any] = {}
    for name, files in _plan(type(body)):
        value = getattr(body, name)
        if files:
            for index, ref in enumerate(value):
                values[f"{name}.{index}"] = _plain(ref)
        elif value:
            values[name] = value if type(value) in _BARE else _plain(value)
    values[SENTENCE] = body.sentence()
    return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """An event whose kind this code does not know, or whose fields are crossed out: shown by its stored sentence and plain values."""

    name: str
    values: Mapping[str, Any]
    stored_sentence: str

    def sentence(self) -> str:
        return self.stored_sentence


def from_fields(name: str, version: int, values: Mapping[str, Any]) -> Kind | Unknown:
    """The typed event for stored fields, lifted to the current version.

    A crossed-out field is absent from `values`; it reads as the empty value of its type. Kinds unknown here come back as `Unknown`.
    """
    sentence = str(values.get(SENTENCE) or "This entry is crossed out.")
    cls = _kinds.get((name, version))
    if cls is None:
        return Unknown(name=name, values={k: v for k, v in values.items() if k != SENTENCE}, stored_sentence=sentence)
    kwargs: dict[str, Any] = {}
    for field in _reader(cls):
        if field.files:
            kwargs[field.name] = _attachments(f"{field.name}.", values)
        elif field.name in values:
            value = values[field.name]
            kwargs[field.name] = value if field.plain else _typed(field.hint, value)
        else:
            kwargs[field.name] = field.empty
    return cls.upcast(kwargs)


def _attachments(prefix: str, values: Mapping[str, Any]) -> tuple[AttachmentRef, ...]:
    numbered = {int(name[len(prefix) :]): AttachmentRef(**value) for name, value in values.items() if name.startswith(prefix)}
    # A file keeps its number when the one before it is crossed out: links to it count on that.
    return tuple(numbered.get(index, NO_ATTACHMENT) for index in range(max(numbered, default=-1) + 1))


class _Field(NamedTuple):
    """How one field of a kind is read back."""

    name: str
    files: bool
    plain: bool
    """True if the stored value is the value."""
    hint: Any
    empty: Any


_readers: dict[type, tuple[_Field, ...]] = {}


def _reader(cls: type) -> tuple[_Field, ...]:
    # Made once for each kind: every event that is read asks for it.
    reader = _readers.get(cls)
    if reader is None:
        hints = _hints(cls)
        reader = _readers[cls] = tuple(
            _Field(name, files, hints[name] in (str, int, bool), hints[name], _empty(hints[name])) for name, files in _plan(cls)
        )
    return reader


_plans: dict[type, tuple[tuple[str, bool], ...]] = {}


def _plan(cls: type) -> tuple[tuple[str, bool], ...]:
    """The fields of a kind in order, and which of them hold attachments."""
    plan = _plans.get(cls)
    if plan is None:
        plan = _plans[cls] = tuple((field.name, _holds_attachments(cls, field.name)) for field in fields(cls))
    return plan


_known_hints: dict[type, dict[str, Any]] = {}


def _hints(cls: type) -> dict[str, Any]:
    # Reading annotations is slow, and every event asks for them.
    hints = _known_hints.get(cls)
    if hints is None:
        hints = _known_hints[cls] = typing.get_type_hints(cls)
    return hints


def _holds_attachments(cls: type, field_name: str) -> bool:
    hint = _hints(cls)[field_name]
    return typing.get_origin(hint) is tuple and typing.get_args(hint)[:1] == (AttachmentRef,)


def _plain(value: Any) -> Any:
    if value == ():
        return []
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value


def _typed(hint: Any, value: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin is tuple and isinstance(value, list):
        inner = typing.get_args(hint)[0]
        return tuple(_typed(inner, v) for v in value)
    if origin is dict and isinstance(value, dict):
        inner = typing.get_args(hint)[1]
        return {k: _typed(inner, v) for k, v in value.items()}
    if isinstance(hint, type) and is_dataclass(hint) and isinstance(value, dict):
        return hint(**value)
    return value


def _empty(hint: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType) and type(None) in typing.get_args(hint):
        return None
    if origin is not None:
        return origin()
    return {str: "", int: 0, bool: False}.get(hint, "")
