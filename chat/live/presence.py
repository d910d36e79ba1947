"""Who is here: agents of a site, and who looks at or answers a conversation. Heard from whispers, never stored, gone when not repeated.

Sites are whispered about under their negative id, which no conversation has.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from chat.ledger import announce

LASTS = 50.0
"""Seconds after which somebody who was not heard again is gone (a beat is 20)."""
TYPES = 6.0
"""Seconds for which somebody who typed counts as answering."""


CROWD = 2_000
"""Frames a second that a circle's changes may cause: the more look on, the longer changes are gathered."""


@dataclass(slots=True)
class _Here:
    ref: str
    name: str
    until: float
    replying_until: float = 0.0


class _Circle:
    """Everybody around one site or conversation, as this process hears them; shared by all its sockets."""

    def __init__(self, about: int) -> None:
        self.about = about
        self.places: set[Place] = set()
        self._sockets: dict[str, _Here] = {}
        self._shown: list[dict[str, Any]] = []
        self._people: list[dict[str, Any]] | None = None
        self._until = 0.0
        self._comparing: asyncio.TimerHandle | None = None
        self._compared = 0.0
        self._stop = announce.overhear(about, self._hear)
        announce.whisper(about, {"circle": "who"})

    def say(self, said: dict[str, Any]) -> None:
        # Heard here at once, so that whoever comes next finds it; a second time it changes nothing.
        self._hear(self.about, said)
        announce.whisper(self.about, said)

    def people(self) -> list[dict[str, Any]]:
        now = time.monotonic()
        if self._people is None or now >= self._until:
            self._people = self._counted(now)
        return self._people

    def _counted(self, now: float) -> list[dict[str, Any]]:
        self._sockets = {key: here for key, here in self._sockets.items() if here.until > now}
        found: dict[str, dict[str, Any]] = {}
        for here in self._sockets.values():
            replying = here.replying_until > now or bool(found.get(here.ref, {}).get("replying"))
            found[here.ref] = {"ref": here.ref, "name": here.name, "replying": replying}
        ends = [moment for here in self._sockets.values() for moment in (here.until, here.replying_until) if moment > now]
        self._until = min(ends, default=now + LASTS)
        return sorted(found.values(), key=lambda person: (person["name"], person["ref"]))

    def compare_soon(self) -> None:
        """Tell everybody here if it looks different from before: soon, and once for all that changes until then."""
        if self._comparing is None:
            rest = self._compared + len(self.places) / CROWD - time.monotonic()
            self._comparing = asyncio.get_running_loop().call_later(max(0.0, rest), self._compare)

    def _compare(self) -> None:
        self._comparing, self._compared = None, time.monotonic()
        people = self.people()
        if people != self._shown:
            self._shown = people
            for place in list(self.places):
                place.changed()

    def end(self) -> None:
        self._stop()
        if self._comparing is not None:
            self._comparing.cancel()

    def _hear(self, _: int, said: dict[str, Any]) -> None:
        word = said.get("circle")
        if word == "who":
            for place in list(self.places):
                place.beat()
        elif word == "here":
            now = time.monotonic()
            known = self._sockets.get(said["socket"])
            replying = known.replying_until if known else 0.0
            if said["replying"] is not None:
                replying = now + TYPES if said["replying"] else 0.0
            self._sockets[said["socket"]] = _Here(said["ref"], said["name"], now + LASTS, replying)
            # Somebody who was here goes on being here: nothing looks different, and the list only lasts longer.
            if known is None or known.replying_until != replying or known.name != said["name"]:
                self._people = None
                self.compare_soon()
        elif word == "gone":
            self._sockets.pop(said["socket"], None)
            self._people = None
            self.compare_soon()


_circles: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, _Circle]] = WeakKeyDictionary()


class Place:
    """One socket's place in a circle: it hears who is there, and may be there itself. `changed` is called when it looks different."""

    def __init__(self, about: int, changed: Callable[[], None]) -> None:
        here = _circles.setdefault(asyncio.get_running_loop(), {})
        self._circle = here.get(about) or here.setdefault(about, _Circle(about))
        self._circle.places.add(self)
        self.changed = changed
        self._me: tuple[str, str, str] | None = None

    def join(self, socket: str, *, ref: str, name: str) -> None:
        """Be seen here. Repeated by `beat`."""
        self._me = (socket, ref, name)
        self._say(replying=None)

    def withdraw(self) -> None:
        """Go on hearing, unseen."""
        if self._me:
            self._circle.say({"circle": "gone", "socket": self._me[0]})
            self._me = None

    def reply(self, on: bool) -> None:
        """Say that this socket's agent is writing an answer, or stopped."""
        self._say(replying=on)

    def beat(self) -> None:
        self._say(replying=None)
        self._circle.compare_soon()

    def leave(self) -> None:
        self._circle.places.discard(self)
        self.withdraw()
        if not self._circle.places:
            self._circle.end()
            _circles.get(asyncio.get_running_loop(), {}).pop(self._circle.about, None)

    def people(self) -> list[dict[str, Any]]:
        """Everybody here once, in order of name: `ref`, `name`, `replying`."""
        return self._circle.people()

    def _say(self, *, replying: bool | None) -> None:
        if self._me:
            socket, ref, name = self._me
            self._circle.say({"circle": "here", "socket": socket, "ref": ref, "name": name, "replying": replying})
