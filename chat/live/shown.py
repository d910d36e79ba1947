"""How ledger entries, states and sites look in frames. Reads nothing: it gets everything it shows."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

from chat.actions.access import Who
from chat.ledger.event import Audience, Kind, Unknown
from chat.ledger.read import Entry, Head
from chat.ledger.state import State
from chat.live.frames import encode
from chat.people.file_keys import key_of
from chat.people.models import Site


def event(entry: Entry, *, who: Who, previous: int, state: State | None, **more: Any) -> str:
    """The `event` frame for this reader, whose last position before it is `previous`.

    `state` and what else follows from it go with the latest event of a conversation only.
    """
    shown: dict[str, Any] = {
        "conversation": str(entry.conversation),
        "position": entry.position,
        "prev": previous,
        "kind": entry.kind,
        "version": entry.kind_version,
        "at": entry.at,
        "actor": entry.actor,
        "side": side_of(entry.actor),
        "channel": entry.channel,
        "audience": entry.audience.value,
        "sentence": entry.sentence,
        "body": body(entry, who=who),
        "crossed_out": entry.crossed_out,
    }
    if who.audience is Audience.AGENTS:
        shown["disclose"] = entry.disclose
    if state is not None:
        shown["state"] = state_for(state, who)
    return encode("event", **shown, **more)


def body(entry: Entry, *, who: Who) -> dict[str, Any]:
    """The fields of an event without what is crossed out. Files keep the index under which they can be fetched."""
    if isinstance(entry.body, Unknown):
        values = {name: value for name, value in entry.values.items() if "." not in name}
    else:
        names = _names(type(entry.body))  # type: ignore[arg-type]  # a class is hashable, whatever its instances are
        values = {name: getattr(entry.body, name) for name in names}
    files: dict[str, list[dict[str, Any]]] = {}
    for name, value in entry.values.items():
        field, dot, index = name.rpartition(".")
        if dot and index.isdigit() and isinstance(value, dict):
            files.setdefault(field, []).append({**value, "index": int(index), "url": _file(entry, int(index), who)})
    values |= {field: sorted(found, key=lambda file: file["index"]) for field, found in files.items()}
    if entry.crossed_out:
        return {name: value for name, value in values.items() if name not in entry.crossed_out}
    return values


@cache
def _names(kind: type[Kind]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))  # type: ignore[arg-type]  # every Kind is a dataclass


def side_of(ref: str) -> str:
    """customer | agents | system"""
    door = ref.partition(":")[0]
    return {"customer": "customer", "agent": "agents", "bot": "agents"}.get(door, "system")


def state_for(state: State, who: Who) -> State | dict[str, Any]:
    """What follows from the events so far: everything to agents, what concerns them to customers."""
    if who.audience is Audience.AGENTS:
        return state
    return {
        "position": state.position,
        "status": state.told_status,
        "outcome": state.outcome,
        "subject": state.subject,
        "name": state.customer.name,
        "address": state.customer.address,
        "confirmed": state.customer.confirmed,
        "channel": state.channel,
        "assignee": state.assignee,
        "assignee_name": state.assignee_name,
        "commitments": state.commitments,
        "decision": state.decision,
        "decision_text": state.decision_text,
        "seen": state.seen,
        "away_after": state.away_after,
        "waiting_since": state.waiting_since,
    }


def site(shop: Site, *, here: int) -> dict[str, Any]:
    return {
        "key": shop.key,
        "name": shop.name,
        "greeting": shop.greeting,
        "hue": shop.hue,
        "here": here,
        "away_after": shop.away_after,
        "zone": shop.zone,
    }


def listed(head: Head, shop: Site) -> dict[str, Any]:
    """A line of the visitor's own list. `position` is that of the last thing said, so that notes leave no trace in it."""
    return {
        "conversation": str(head.conversation),
        "case": shop.case(head.number),
        "subject": head.state.subject,
        "status": head.state.told_status,
        "position": head.state.last_word.position,
        "seen": head.state.seen.get(head.state.customer.ref, 0),
        "touched_at": head.state.last_word.at or head.state.opened_at,
    }


def _file(entry: Entry, index: int, who: Who) -> str:
    path = f"/files/{entry.conversation}/{entry.position}/{index}"
    if who.side != "customer":
        return path
    return f"{path}?k={key_of(entry.conversation, entry.position, index, who.ref)}"
