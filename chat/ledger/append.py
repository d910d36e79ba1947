"""The one way in: a command of facts and companion rows, all or nothing, acknowledged only after the commit.

Knows the shape of a command and which writer runs in this process; how it is written is the business of `batch` and the two writers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from chat.ledger import seal
from chat.ledger.event import DISCLOSED, Audience, Kind, to_fields
from chat.ledger.state import State


class Refused(Exception):
    """The ledger does not take this command. `code` is stable for programs, the sentence is for the person who reads it."""

    code = "refused"

    def __init__(self, sentence: str, *, code: str = "") -> None:
        super().__init__(sentence)
        if code:
            self.code = code


class KeyConflict(Refused):
    """The idempotency key was used before with another content (HTTP 409)."""

    code = "conflict"


class NoSuchConversation(Refused):
    """There is no conversation with this id."""

    code = "not-found"


class Busy(Refused):
    """The queue is full or the store is away; nothing is promised, the sender tries again with the same key."""

    code = "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One event to be: in which conversation, by whom (`ref`), through which channel, under which idempotency key."""

    conversation: int
    body: Kind
    actor: str
    channel: str
    key: str
    audience: Audience | None = None
    """None takes the kind's own audience."""
    disclose: str = DISCLOSED
    _plain: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _sealed: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def values(self) -> dict[str, Any]:
        """The body's fields as plain data, made once whoever asks."""
        if not self._plain:
            self._plain.update(to_fields(self.body))
        return self._plain

    def sealed_values(self) -> dict[str, bytes]:
        """The body's fields in canonical form, made once however often a writer tries. Raises seal.NotSealable."""
        if not self._sealed:
            self._sealed.update({name: seal.canonical(value) for name, value in self.values().items()})
        return self._sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Opens:
    """Opens a conversation in the same transaction. Unique by (site, source, key): a second try finds the first conversation."""

    conversation: int
    site: int
    source: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joins:
    """Companion row: a participant of a conversation. `ref` as in events."""

    conversation: int
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Companion row: an identifier of the outside world (a Message-ID) that names this conversation from now on.

    `fact` is the index of the fact in the command whose position it belongs to.
    """

    conversation: int
    namespace: str
    value: str
    fact: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Companion row: delivery `delivery` reached `state` (see `deliveries`); written with the event that says so."""

    delivery: int
    state: str
    not_before: int = 0
    """When to try again, for states that are not final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """Companion row: the alarm `name` of a conversation has been dealt with and its row goes."""

    conversation: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosses:
    """Companion row of a privacy event: fields of the event at `position` whose value and salt become NULL with it.

    The sentence stored with that event goes too, since it may repeat what is crossed out.
    """

    conversation: int
    position: int
    fields: tuple[str, ...]
    fact: int = 0
    """Index of the fact that says so: its body names the same position (`of`) and the same fields, or the database refuses."""


def digest_of_name(value: str) -> str:
    """How an outside name is kept: it is looked up and compared, never read, and a stranger's Message-ID may name a person."""
    return hashlib.sha256(b"throughline/1/name\0" + value.encode()).hexdigest()


CompanionRow = Joins | Named | Told | Fired | Crosses


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Facts and rows that are written together or not at all.

    `expect` gets the state of each conversation of the facts, in order of first mention, before the facts are folded, and raises
    `Refused` if the command must not go in. It must be pure and quick: the writer calls it, possibly more than once.
    """

    facts: tuple[Fact, ...]
    expect: Callable[..., None] | None = None
    opens: Opens | None = None
    rows: tuple[CompanionRow, ...] = ()
    main: int = -1
    """Index of the fact the sender waits for: its position is the receipt's."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where one fact stands now."""

    conversation: int
    position: int
    at: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the ledger says after the commit. `new` is False if the command had been written before under the same keys."""

    written: tuple[Written, ...]
    new: bool
    states: dict[int, State] = field(default_factory=dict)
    main: int = -1

    @property
    def conversation(self) -> int:
        return self.written[0].conversation

    @property
    def position(self) -> int:
        return self.written[self.main].position


async def append(command: Command) -> Receipt:
    """Write a command and wait for the commit. Raises Refused (see its subclasses) or seal.NotSealable; then nothing was
    written, but for Busy with a COMMIT whose answer was lost: the same keys find out.

    Whoever stops waiting takes nothing back: what was asked is written all the same.
    """
    from chat.ledger.writer import running_writer

    # Nobody is inside atomic() here: Django refuses it in an event loop.
    return await running_writer().enter(command)


def append_sync(command: Command, *, timeout: float = 30) -> Receipt:
    """`append` for threads without an event loop (never call it in one). `timeout` is in seconds; after it the outcome is unknown
    and the caller tries again with the same keys."""
    from chat.ledger.writer import running_writer

    # The writer commits on a connection of its own: inside somebody's transaction the two would part, or wait for each other for ever.
    if connection.in_atomic_block:
        raise RuntimeError("append() was called inside atomic(): the event would be committed even if the transaction is rolled back.")
    return running_writer().submit(command).result(timeout)
