"""How many mails are on their way at once, in all and to one domain, and how soon the next may follow. Pure but for its clock.

One slow or unwilling domain must not hold up the others; a relay that is away is asked now and then, not once for each mail that waits.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

TOTAL = 16
PER_DOMAIN = 4
IN_LINE = 4
"""Mails to one domain that may wait for a turn; further ones go back to the queue."""
LATER = 5.0
"""Seconds for which they do."""
UNWILLING = 3
"""So many refusals in a row that may pass, and a domain is left alone for a while."""
REST, MOST_REST = 60.0, 900.0
ASK, MOST_ASK = 5.0, 60.0
"""Seconds between two looks at a relay that is away: at first, and at most."""
REMEMBERED = 1000


@dataclass(slots=True)
class _Domain:
    """What is known of one domain."""

    turns: asyncio.Semaphore
    waiting: int = 0
    refusals: int = 0
    until: float = 0.0


@dataclass(slots=True)
class _Away:
    """How often in a row the relay was found away."""

    times: int = 0
    until: float = 0.0


class Pace:
    """Of one courier, in one event loop."""

    def __init__(self, *, total: int = TOTAL, per_domain: int = PER_DOMAIN, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all = asyncio.Semaphore(total)
        self._per_domain = per_domain
        self._domains: OrderedDict[str, _Domain] = OrderedDict()
        self._away = _Away()

    def pause(self, address: str) -> float:
        """Seconds after which a mail to this address may be tried; 0 if it may wait for its turn here."""
        domain = self._domain(address)
        rest = domain.until - self._clock()
        if rest > 0:
            return rest
        return LATER if domain.waiting >= self._per_domain + IN_LINE else 0.0

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """While a mail to this address is sent."""
        domain = self._domain(address)
        domain.waiting += 1
        try:
            async with domain.turns, self._all:
                yield
        finally:
            domain.waiting -= 1

    def refused(self, address: str) -> None:
        """The domain's server said "later"."""
        domain = self._domain(address)
        domain.refusals += 1
        if domain.refusals >= UNWILLING:
            domain.until = self._clock() + min(REST * 2 ** min(domain.refusals - UNWILLING, 10), MOST_REST)

    def taken(self, address: str) -> None:
        """The domain's server, or the relay in its stead, took a mail."""
        domain = self._domain(address)
        domain.refusals, domain.until = 0, 0.0

    @property
    def away(self) -> float:
        """Seconds until the relay may be asked again; 0 if it may be now."""
        return max(0.0, self._away.until - self._clock())

    @property
    def was_away(self) -> bool:
        """Whether nobody has reached the relay since it was found away: then one mail asks for all."""
        return self._away.times > 0

    def relay_away(self) -> None:
        # Mails that were under way together find it out together: that counts once.
        if not self.away:
            self._away.times += 1
            self._away.until = self._clock() + min(ASK * 2 ** min(self._away.times - 1, 10), MOST_ASK)

    def relay_there(self) -> bool:
        """True if it was away until now."""
        was = self.was_away
        self._away = _Away()
        return was

    def _domain(self, address: str) -> _Domain:
        name = address.rpartition("@")[2].lower()
        found = self._domains.get(name)
        if found is None:
            found = self._domains[name] = _Domain(asyncio.Semaphore(self._per_domain))
            self._forget()
        self._domains.move_to_end(name)
        return found

    def _forget(self) -> None:
        for name in list(self._domains)[: max(0, len(self._domains) - REMEMBERED)]:
            if not self._domains[name].waiting:
                del self._domains[name]
