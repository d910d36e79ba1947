"""Which page of the docs lists which names of the code. Knows where to find both and compares nothing."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Listing:
    page: str
    names: Callable[[], Iterable[str]]
    row: str = r"^\|\s*`([^`|]+)`"


def load_every_kind() -> list[str]:
    """Imports all families of events and gives the names of the kinds they registered."""
    import chat.events

    for module in pkgutil.iter_modules(chat.events.__path__):
        importlib.import_module(f"chat.events.{module.name}")
    from chat.ledger.event import kinds

    # Tests that ran before may have registered kinds of their own.
    return [kind.name for kind in kinds() if kind.__module__.startswith("chat.")]


def _settings() -> list[str]:
    from server import settings

    return [str(getattr(row, "name", row)) for row in settings.TABLE]


LISTINGS = [Listing("docs/events.md", load_every_kind), Listing("docs/settings.md", _settings)]
