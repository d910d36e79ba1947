"""What the inbox says of a conversation's chain, without walking it at every look: once for each length, and a long one only when asked.

Knows no page. What counts in the end is the customer's own check of their record, which remembers nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from chat.ledger.check import check

LONG = 2000
"""Entries up to which a chain is walked unasked."""
REMEMBERED = 1000
"""Conversations whose last answer this process keeps."""

_known: OrderedDict[int, tuple[int, dict[str, Any]]] = OrderedDict()
# One walk at a time: many who look at once take turns, and the second finds what the first found.
_turn = threading.Lock()


def told(conversation: int, position: int, *, anew: bool = False) -> dict[str, Any]:
    """`whole` (true, false, or null for a long chain nobody asked about), and for a broken one the first `position` and its `problem`."""
    with _turn:
        if not anew and conversation in _known and _known[conversation][0] >= position:
            _known.move_to_end(conversation)
            return _known[conversation][1]
        if position > LONG and not anew:
            return {"whole": None, "position": position, "problem": ""}
        found = _walked(conversation, position)
        _known[conversation] = (position, found)
        _known.move_to_end(conversation)
        while len(_known) > REMEMBERED:
            _known.popitem(last=False)
        return found


def _walked(conversation: int, position: int) -> dict[str, Any]:
    broken = check(conversation)
    if broken:
        return {"whole": False, "position": broken.position, "problem": broken.problem}
    return {"whole": True, "position": position, "problem": ""}
