"""How much one connection may ask of us before it is shown out: commands, commands that lead to no mail, refusals."""

from __future__ import annotations

from mailgateway.wire import replies

MAX_COMMANDS = 10_000
"""In one connection."""
MAX_IDLE = 100
"""Commands since the last mail or the beginning that name neither sender nor recipient."""
MAX_ERRORS = 20
"""Refusals since the last mail or the beginning: who guesses addresses hears them one after another."""
_NAMING = frozenset({"MAIL", "RCPT"})


class Goodbye(Exception):
    """The connection ends with these words."""


class Allowance:
    """Of one connection; none of it is counted for a front server of the site's own."""

    def __init__(self) -> None:
        self.unlimited = False
        self._commands = self._idle = self._errors = 0

    def command(self, verb: str) -> None:
        """One more. Raises Goodbye when it is one too many."""
        self._commands += 1
        self._idle += verb not in _NAMING
        if not self.unlimited and (self._commands > MAX_COMMANDS or self._idle > MAX_IDLE):
            raise Goodbye(replies.IDLE)

    def mail(self) -> None:
        """A mail was taken, for which they were all asked."""
        self._idle = self._errors = 0

    def refusal(self) -> None:
        """One more. Raises Goodbye when it is one too many."""
        self._errors += 1
        if not self.unlimited and self._errors > MAX_ERRORS:
            raise Goodbye(replies.ERRORS)
