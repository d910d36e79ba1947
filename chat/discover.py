"""Find the plug-ins: event kinds, actions, channels, transcript formats and pages are files in their rooms; nothing lists them by hand.

A file that cannot be imported stops the start and is named.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

ROOMS = ("chat.events", "chat.actions", "chat.channels", "chat.transcripts")
GATEWAYS = ("mailgateway",)
"""Rooms above this one; they are named here as text and imported when Django starts."""


class CannotLoad(Exception):
    """A plug-in file fails; the sentence names it."""


def load() -> None:
    """Import every plug-in, so that it registers itself. Called once, when Django is ready."""
    for room in ROOMS:
        modules(room)
    for gateway in GATEWAYS:
        _import(f"{gateway}.channel")


def modules(room: str) -> list[ModuleType]:
    """Every module of a room, in order of name."""
    package = _import(room)
    return [_import(f"{room}.{info.name}") for info in pkgutil.iter_modules(package.__path__) if not info.ispkg]


def gathered(attribute: str) -> list[Any]:
    """What the pages' modules export under a name (`urlpatterns`, `websocket_urlpatterns`, `doctor_checks`), room by room."""
    found: list[Any] = []
    for module in _page_modules():
        found.extend(getattr(module, attribute, []))
    return found


def _page_modules() -> list[ModuleType]:
    found = list(modules("chat.channels"))
    web = _import("chat.web")
    for info in pkgutil.iter_modules(web.__path__):
        if not info.ispkg:
            found.append(_import(f"chat.web.{info.name}"))
            continue
        room = _import(f"chat.web.{info.name}")
        if any(inner.name == "urls" for inner in pkgutil.iter_modules(room.__path__)):
            found.append(_import(f"chat.web.{info.name}.urls"))
    for gateway in GATEWAYS:
        names = {info.name for info in pkgutil.iter_modules(_import(gateway).__path__)}
        found.extend(_import(f"{gateway}.{name}") for name in ("urls", "doctor") if name in names)
    return found


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as problem:
        path = name.replace(".", "/")
        raise CannotLoad(f"{path}.py cannot be loaded: {type(problem).__name__}: {problem}") from problem
