"""DNS for the checks of a mail: answers as plain values, bounded in time and number, remembered for a while. Knows no mail.

A name that is not there is an empty answer; a question that nobody answered raises, so that nobody takes silence for a no.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import dns.exception
import dns.nameserver
import dns.resolver
from django.conf import settings

PATIENCE = 5.0
"""Seconds for all questions about one mail (RFC 7208 section 4.6.4 wants such a bound)."""
QUESTIONS = 60
"""Questions about one mail: what the limits of SPF, DKIM and DMARC allow in sum to an honest one."""
REMEMBERED, REFUSED = 300.0, 30.0
"""Seconds for which an answer is good at most, and for which a name that nobody answered for is not asked again."""
NAMES, LARGE = 4096, 4096
"""Names that are remembered, and octets of an answer that is too large for that."""
IN_A_ROW, HURRIED = 8, 0.5
"""Half the questions without an answer make this sum grow; from there on each gets half a second, until answers come again."""

Answer = list[Any]
Ask = Callable[[str, str, float], tuple[Answer, float]]
"""Name, type (TXT, A, AAAA, MX, PTR) and seconds; the values and for how many seconds they are good. Raises Unanswered.

TXT values are bytes, MX values (preference, host), all others text without the last dot.
"""


class Unanswered(Exception):
    """Nobody said whether the name is there: no server, no time, or a fault on the way."""


class Dns:
    """One resolver with its memory; shared by all threads."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: OrderedDict[tuple[str, str], tuple[float, Answer | None]] = OrderedDict()
        self._lock = threading.Lock()
        self._silent = 0

    def answer(self, name: str, kind: str, *, seconds: float) -> Answer:
        """Raises Unanswered."""
        name = name.rstrip(".").lower()
        if not _possible(name):
            return []
        with self._lock:
            until, found = self._known.get((name, kind), (0.0, None))
        if until > time.monotonic():
            if found is None:
                raise Unanswered(f"{name} was asked for a moment ago and nobody answered.")
            return list(found)
        return self._asked(name, kind, HURRIED if self._silent >= IN_A_ROW else seconds)

    def _asked(self, name: str, kind: str, seconds: float) -> Answer:
        try:
            values, good = self._ask(name, kind, seconds)
        except Unanswered:
            self._silent = min(self._silent + 2, 2 * IN_A_ROW)
            self._remember(name, kind, None, REFUSED)
            raise
        self._silent = max(0, self._silent - 1)
        self._remember(name, kind, values, min(good, REMEMBERED))
        return list(values)

    def _remember(self, name: str, kind: str, values: Answer | None, seconds: float) -> None:
        if sum(len(value) if isinstance(value, bytes) else 64 for value in values or ()) > LARGE:
            return
        with self._lock:
            self._known[(name, kind)] = (time.monotonic() + seconds, values)
            self._known.move_to_end((name, kind))
            while len(self._known) > NAMES:
                self._known.popitem(last=False)


class Lookups:
    """What may be asked for one mail: so many questions, so many seconds."""

    def __init__(self, server: Dns, *, patience: float = PATIENCE, questions: int = QUESTIONS) -> None:
        self._server = server
        self._until = time.monotonic() + patience
        self._left = questions

    def ask(self, name: str, kind: str = "TXT") -> Answer:
        """Raises Unanswered, also when time or questions are used up."""
        seconds = self._until - time.monotonic()
        self._left -= 1
        if seconds <= 0 or self._left < 0:
            raise Unanswered("The time for looking things up was over.")
        return self._server.answer(name, kind, seconds=seconds)


def system() -> Dns:
    """The name servers of THROUGHLINE_DNS, else those of this machine; with `off` nobody is asked."""
    if settings.NAME_SERVERS == ["off"]:
        return Dns(_nobody)
    return Dns(_Resolver(settings.NAME_SERVERS).ask)


class _Resolver:
    """dnspython's resolver, set up when it is first asked."""

    def __init__(self, servers: list[str]) -> None:
        self._servers = servers
        self._made: dns.resolver.Resolver | None = None

    def ask(self, name: str, kind: str, seconds: float) -> tuple[Answer, float]:
        try:
            found = self._resolver().resolve(name, kind, lifetime=seconds, search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return [], REMEMBERED / 5
        except (dns.exception.DNSException, OSError, ValueError) as problem:
            raise Unanswered(f"{name}: {type(problem).__name__}") from problem
        rows = list(found.rrset or ())
        return [_value(kind, row) for row in rows], float(found.rrset.ttl if found.rrset else REMEMBERED / 5)

    def _resolver(self) -> dns.resolver.Resolver:
        if self._made is None:
            made = dns.resolver.Resolver(configure=not self._servers)
            if self._servers:
                made.nameservers = [_server(text) for text in self._servers]
            made.timeout = 2.0
            self._made = made
        return self._made


def _server(text: str) -> dns.nameserver.Nameserver:
    host, colon, port = text.rpartition(":")
    if colon and port.isdigit() and (host.startswith("[") or ":" not in host):
        return dns.nameserver.Do53Nameserver(host.strip("[]"), int(port))
    return dns.nameserver.Do53Nameserver(text.strip("[]"))


def _value(kind: str, row: Any) -> Any:
    if kind == "TXT":
        return b"".join(row.strings)
    if kind == "MX":
        return int(row.preference), row.exchange.to_text(omit_final_dot=True)
    if kind == "PTR":
        return row.target.to_text(omit_final_dot=True)
    return str(row.address)


def _nobody(name: str, kind: str, seconds: float) -> tuple[Answer, float]:
    raise Unanswered("Nothing is looked up here (THROUGHLINE_DNS=off).")


def _possible(name: str) -> bool:
    # RFC 1035 section 2.3.4. What cannot be asked is not there.
    return 0 < len(name) <= 253 and name.isascii() and all(0 < len(label) <= 63 for label in name.split("."))
