"""Who says what in the tests of the ledger: commands with believable content. Knows no engine."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable

from chat.events.lifecycle import ConversationOpened
from chat.events.privacy import CrossedOut
from chat.events.talk import MessageSaid
from chat.ledger.append import Command, CompanionRow, Fact, Joins, Opens, Receipt, append_sync
from chat.ledger.event import Kind

NADIA, TOM, INES = "customer:41", "agent:3", "agent:4"
_numbers = itertools.count(1)


def new_id() -> int:
    return secrets.randbits(62) | 1


def opening(conversation: int, *, key: str = "", site: int = 1, by: str = "Nadia", first: str = "") -> Command:
    """Nadia opens a conversation, and says something if `first` is given."""
    key = key or f"opened-{conversation}"
    bodies: list[Kind] = [ConversationOpened(by=by, customer=NADIA, away_after=60)]
    if first:
        bodies.append(MessageSaid(by=by, text=first))
    facts = tuple(
        Fact(conversation=conversation, body=body, actor=NADIA, channel="widget", key=f"{key}-{n}") for n, body in enumerate(bodies)
    )
    opens = Opens(conversation=conversation, site=site, source="widget", key=key)
    return Command(facts=facts, opens=opens, rows=(Joins(conversation=conversation, ref=NADIA),))


def opened(*, site: int = 1, first: str = "") -> int:
    """A conversation that is there."""
    conversation = new_id()
    append_sync(opening(conversation, site=site, first=first))
    return conversation


def said(
    conversation: int,
    body: Kind | str,
    *,
    actor: str = NADIA,
    key: str = "",
    channel: str = "widget",
    expect: Callable[..., None] | None = None,
    rows: tuple[CompanionRow, ...] = (),
) -> Command:
    """One fact; a plain text is a message."""
    if isinstance(body, str):
        body = MessageSaid(by="Nadia" if actor == NADIA else "Tom", text=body)
    fact = Fact(conversation=conversation, body=body, actor=actor, channel=channel, key=key or f"key-{next(_numbers)}")
    return Command(facts=(fact,), expect=expect, rows=rows)


def say(conversation: int, body: Kind | str, *, actor: str = NADIA, key: str = "", channel: str = "widget") -> Receipt:
    return append_sync(said(conversation, body, actor=actor, key=key, channel=channel))


def crossed(position: int, *fields: str) -> CrossedOut:
    """Ruth says that she crosses out fields of an entry."""
    return CrossedOut(of=position, fields=fields, by="Ruth", reason="A card number was written here.", ground="mistake")
