"""The doorbell: after a commit, "conversation N reached position P" goes to everybody in the house who listens.

Only a doorbell: it may be lost, and who sees a gap reads the ledger. Also carries what is never stored (typing, presence).
In one process it is a dictionary; `server` plugs in Redis when several processes share a database.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import structlog

log = structlog.get_logger()

Listener = Callable[[int, int], None]
"""Called with (conversation, position) in the listener's own event loop."""
Ephemeral = Callable[[int, dict[str, Any]], None]

_guard = threading.Lock()
_listeners: dict[int, set[tuple[asyncio.AbstractEventLoop, Listener]]] = defaultdict(set)
_everything: set[tuple[asyncio.AbstractEventLoop, Listener]] = set()
_whispers: dict[int, set[tuple[asyncio.AbstractEventLoop, Ephemeral]]] = defaultdict(set)
_carriers: list[Callable[[dict[str, Any]], None]] = []


def listen(conversation: int | None, listener: Listener) -> Callable[[], None]:
    """Call `listener` when the conversation (None: any) reaches a position. Returns the way to stop. Call it inside an event loop."""
    entry = (asyncio.get_running_loop(), listener)
    with _guard:
        place = _everything if conversation is None else _listeners[conversation]
        place.add(entry)

    def stop() -> None:
        with _guard:
            place.discard(entry)
            # Said twice, it must not take away those who came after: theirs is another set.
            if conversation is not None and not place and _listeners.get(conversation) is place:
                del _listeners[conversation]

    return stop


def overhear(conversation: int, listener: Ephemeral) -> Callable[[], None]:
    """Call `listener` with what is said but never stored about a conversation (typing). Returns the way to stop."""
    entry = (asyncio.get_running_loop(), listener)
    with _guard:
        _whispers[conversation].add(entry)

    def stop() -> None:
        with _guard:
            place = _whispers.get(conversation)
            if place is not None:
                place.discard(entry)
                if not place:
                    _whispers.pop(conversation, None)

    return stop


def reached(positions: Mapping[int, int]) -> None:
    """Ring for every conversation of a commit. Called by the writers, from any thread."""
    if not positions:
        return
    ring(positions)
    for carry in _carriers:
        carry({"reached": {str(cid): position for cid, position in positions.items()}})


def whisper(conversation: int, said: dict[str, Any]) -> None:
    """Pass on something that is never stored."""
    hear(conversation, said)
    for carry in _carriers:
        carry({"whisper": said, "conversation": str(conversation)})


def carry_with(carrier: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
    """Take every announcement to other processes too. Returns the way to stop."""
    _carriers.append(carrier)
    return lambda: _carriers.remove(carrier)


def ring(positions: Mapping[int, int]) -> None:
    """Ring in this process alone: for announcements that came from another one."""
    calls: dict[asyncio.AbstractEventLoop, list[tuple[Listener, int, int]]] = {}
    with _guard:
        for cid, position in positions.items():
            for loop, listener in (*_listeners.get(cid, ()), *_everything):
                calls.setdefault(loop, []).append((listener, cid, position))
    for loop, rung in calls.items():
        _call(loop, _ring_all, rung)


def hear(conversation: int, said: dict[str, Any]) -> None:
    """Whisper in this process alone."""
    with _guard:
        calls = list(_whispers.get(conversation, ()))
    for loop, listener in calls:
        _call(loop, _told, listener, conversation, said)


def is_watched(conversation: int) -> bool:
    """True if somebody in this process listens to this very conversation."""
    return conversation in _listeners


def watched() -> list[int]:
    """Conversations somebody in this process listens to: the sweep compares their heads."""
    with _guard:
        return list(_listeners)


def _ring_all(rung: list[tuple[Listener, int, int]]) -> None:
    for listener, cid, position in rung:
        try:
            listener(cid, position)
        except Exception:  # one listener's trouble is not the others', and never the writer's
            log.exception("ledger_listener_failed")


def _told(listener: Ephemeral, conversation: int, said: dict[str, Any]) -> None:
    try:
        listener(conversation, said)
    except Exception:  # say, a word of another version's process: nobody else's line is to break for it
        log.exception("ledger_listener_failed")


def _call(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *arguments: Any) -> None:
    # At once in our own loop; into another one a single hop, however many listen there.
    if loop is asyncio._get_running_loop():
        function(*arguments)
    elif not loop.is_closed():
        loop.call_soon_threadsafe(function, *arguments)
