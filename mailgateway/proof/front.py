"""What a server in front of us, or the mailbox we fetch from, says about a mail: Authentication-Results (RFC 8601). Pure.

Anybody can write such a line into their mail, so it counts only if a trusted front brought it and it stands where that front puts its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mailgateway.proof import domains
from mailgateway.reading.headers import Fields

UNNAMED = "unnamed"
"""The name for lines without one: Microsoft 365 writes such."""
MAX_LINE = 8 * 1024
METHODS = frozenset({"spf", "dkim", "dmarc", "arc"})
RESULTS = frozenset({"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "policy", "bestguesspass"})


@dataclass(frozen=True, slots=True)
class Stated:
    """One result: the method, the word, and the domain it speaks of (header.d, smtp.mailfrom, header.from)."""

    method: str
    result: str
    domain: str = ""
    policy: str = ""
    """For dmarc: what the domain's owner asks for, where the line tells."""


def stated(fields: Fields, names: Collection[str], *, below_one: bool) -> tuple[Stated, ...]:
    """The results that count: of the topmost line with one of these names, and of further ones above the first Received line.

    With `below_one` a line below the second Received line is the sender's own: a front writes one Received line, its results beside it.
    """
    known = {name.lower() for name in names}
    found: list[Stated] = []
    received = 0
    for name, value in fields:
        if name == "received":
            received += 1
            if found or (below_one and received > 1):
                break
        if name == "authentication-results":
            server, results = parse(value)
            if server in known and not (found and received):
                found += [result for result in results if result.method not in {one.method for one in found}]
    return tuple(found)


def parse(value: str) -> tuple[str, tuple[Stated, ...]]:
    """The server's name in lower case, and its results. Never raises; what cannot be read is left out."""
    parts = _parts(value[:MAX_LINE])
    head = parts[0].split() if parts else []
    if head and "=" in head[0]:
        name, rest = UNNAMED, parts
    else:
        name, rest = (head[0].lower() if head else ""), parts[1:]
    return name, tuple(found for part in rest if (found := _one(part)) is not None)


def _one(part: str) -> Stated | None:
    words = part.split()
    pairs = [(key.strip().lower(), text.strip('"')) for key, equals, text in (word.partition("=") for word in words) if equals]
    if not pairs:
        return None
    method, result = pairs[0][0].partition("/")[0], pairs[0][1].lower()
    if method not in METHODS or result not in RESULTS:
        return None
    known = dict(reversed(pairs[1:]))
    asked = {
        "dkim": ("header.d", "header.i"),
        "spf": ("smtp.mailfrom", "smtp.mail", "smtp.helo"),
        "dmarc": ("header.from",),
        "arc": ("header.d",),
    }[method]
    about = next((known[key] for key in asked if known.get(key)), "")
    policy = known.get("policy.dmarc") or known.get("p") or ""
    result = "none" if result == "bestguesspass" else result  # Microsoft guesses where nothing is published
    return Stated(method, result, domains.plain(about.rpartition("@")[2]), policy.lower())


def _parts(value: str) -> list[str]:
    """Cut at semicolons outside quotes; comments go, blanks around "=" too. One pass.

    A comment may tell the policy of DMARC, as `(p=REJECT sp=NONE)`: its first words are kept as such.
    """
    parts: list[str] = []
    current: list[str] = []
    comment: list[str] = []
    depth, quoted, escape = 0, False, False
    for letter in value:
        if escape:
            escape = False
        elif letter == "\\":
            escape = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif not quoted and letter == "(":
            depth += 1
        elif not quoted and letter == ")" and depth:
            depth -= 1
            if not depth:
                said = "".join(comment).lstrip("(").strip()
                current.append(f" {said} " if said[:2].lower() == "p=" else " ")
                comment = []
            continue
        elif not quoted and not depth and letter == ";":
            parts.append("".join(current))
            current = []
            continue
        (comment if depth else current).append(letter)
    parts.append("".join(current))
    return [part for part in (_closed(part) for part in parts) if part]


def _closed(part: str) -> str:
    return "=".join(piece.strip() for piece in part.split("=")).strip()
