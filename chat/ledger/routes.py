"""Who carries an event out of the house: channels register a pure `route`, the writer calls it for kinds that speak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat.ledger.event import Kind
from chat.ledger.state import State


@dataclass(frozen=True, slots=True)
class Intent:
    """A wish to deliver: by which route, to which participant's ref, not before which time (microseconds since 1970; 0 = now)."""

    route: str
    target: str
    not_before: int = 0


class Placed(Protocol):
    """What a route may know about the event besides its body."""

    @property
    def position(self) -> int: ...
    @property
    def actor(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def audience(self) -> str: ...


Route = Callable[[Kind, Placed, State], Sequence[Intent]]
_routes: dict[str, Route] = {}


def register_route(name: str, route: Route) -> None:
    """Add a channel's route. `route(body, event, state)` is pure and gets the state after the event."""
    _routes[name] = route


def intents(body: Kind, event: Placed, state: State) -> list[Intent]:
    """All intents for an event; empty for kinds that do not speak."""
    if not body.speaks:
        return []
    return [intent for route in _routes.values() for intent in route(body, event, state)]
