"""Conversations whose times, salts and seals are fixed by the caller, so that what is made of them is the same each time.

Rows are put where the writer would have put them, sealed by the same functions; everything after that is the real way out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from chat.ledger import seal
from chat.ledger.batch import Head, folded
from chat.ledger.columns import CONVERSATION_COLUMNS, conversation_row
from chat.ledger.event import DISCLOSED, Audience, Kind, Stamp, to_fields
from chat.ledger.models import Conversation, Event
from chat.ledger.state import State
from chat.people.models import Site

SECOND = 1_000_000
BEGIN = 1_795_257_660_000_000
"""Saturday 21 November 2026, 10:41 in UTC."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One event to be written, so many seconds after the one before."""

    body: Kind
    actor: str = "customer:41"
    channel: str = "widget"
    disclose: str = DISCLOSED
    after: int = 60
    audience: Audience | None = None
    gone: frozenset[str] = field(default=frozenset())
    """Fields that are crossed out."""


def site(key: str = "brindle", *, zone: str = "Europe/Berlin") -> Site:
    return Site.objects.create(key=key, name="Brindle Lamps", prefix="BR", zone=zone)


def written(conversation: int, told: Sequence[Told], *, site: int, number: int = 4821) -> None:
    """Puts a whole conversation into the store."""
    state, previous, at, rows = State(), seal.GENESIS, BEGIN, []
    for position, each in enumerate(told, 1):
        at += each.after * SECOND
        audience = each.audience or each.body.audience
        row, previous = _row(conversation, site, position, each, audience, at, previous)
        rows.append(row)
        stamp = Stamp(position=position, at=at, actor=each.actor, channel=each.channel, audience=audience)
        state = folded(state, each.body, stamp)
    head = Head(site=site, number=number, position=len(rows), seal=previous, at=at, state=state)
    Conversation.objects.bulk_create([Conversation(**dict(zip(CONVERSATION_COLUMNS, conversation_row(conversation, head), strict=True)))])
    Event.objects.bulk_create(rows)


def _row(conversation: int, site: int, position: int, told: Told, audience: Audience, at: int, previous: bytes) -> tuple[Event, bytes]:
    values = {name: seal.canonical(value) for name, value in to_fields(told.body).items()}
    pairs = {name: (_salt(position, name), value) for name, value in values.items()}
    kept = {name: None if name in told.gone else [salt.hex(), value.decode()] for name, (salt, value) in pairs.items()}
    row = seal.Row(
        conversation=conversation,
        position=position,
        kind=told.body.name,
        kind_version=told.body.version,
        actor=told.actor,
        channel=told.channel,
        audience=audience.value,
        disclose=told.disclose,
        at=at,
        key=f"key-{position}",
        key_salt=_salt(position, ""),
        site=site,
        header=b"",
        digests=b"",
        seal=b"",
        fields=pairs,
    )
    sealed = seal.seal(seal.header_of(row, previous), pairs)
    made = Event(
        conversation_id=conversation,
        site=site,
        position=position,
        kind=row.kind,
        kind_version=row.kind_version,
        actor=row.actor,
        channel=told.channel,
        audience=row.audience,
        disclose=row.disclose,
        at=at,
        key=row.key,
        key_salt=row.key_salt,
        header=sealed.header,
        digests=sealed.digests.decode(),
        body=orjson.dumps(kept).decode(),
        seal=sealed.seal,
    )
    return made, sealed.seal


def _salt(position: int, name: str) -> bytes:
    return hashlib.sha256(f"{position} {name}".encode()).digest()[: seal.SALT_OCTETS]
