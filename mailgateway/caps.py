"""How much one address may cause, or get, in an hour. Trusts no header but the address, so that no loop talks its way out."""

from __future__ import annotations

import time
from collections import OrderedDict, deque

HOUR = 3600.0
MAX_SENDERS = 20_000


class Cap:
    """At most `most` a name within an hour, in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, name: str) -> bool:
        """Counts one and says whether it was within the cap."""
        now = time.monotonic()
        times = self._seen.setdefault(name, deque(maxlen=self._most + 1))
        self._seen.move_to_end(name)
        while len(self._seen) > MAX_SENDERS:
            self._seen.popitem(last=False)
        while times and times[0] < now - HOUR:
            times.popleft()
        times.append(now)
        return len(times) <= self._most


acknowledgements = Cap(3)
mails = Cap(600)
unconfirmed = Cap(30)
"""Mails of ours to an address that somebody typed and nobody confirmed: it may be a stranger's, who wants none of them."""
