"""What the owner of the author's domain asks for (DMARC, RFC 7489), and whether a mail meets it. Knows results, not how they came."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailgateway.proof import domains
from mailgateway.proof.lookups import Lookups, Unanswered

NONE, PASS, FAIL, TEMPERROR, PERMERROR = "none", "pass", "fail", "temperror", "permerror"
REJECT, QUARANTINE, SHOW = "reject", "quarantine", "none"
_WEAKER = {REJECT: QUARANTINE, QUARANTINE: SHOW, SHOW: SHOW}
_VERSION = re.compile(rb"v[ \t]*=[ \t]*DMARC1[ \t]*(;|$)", re.IGNORECASE)
MAX_RECORD = 4096


@dataclass(frozen=True, slots=True)
class Record:
    """What is published: the policy that applies to the domain asked about, and whether alignment must be exact."""

    policy: str
    strict_dkim: bool = False
    strict_spf: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """`result` of DMARC and the `policy` that was published; empty where none was."""

    result: str = NONE
    policy: str = ""


def check(author: str, *, signers: Iterable[str], path: str, unsure: bool, lookups: Lookups) -> Finding:
    """`signers` are the domains of good signatures, `path` the domain for which SPF passed (empty: none).

    `unsure` says that a check which might have passed could not be made: then nothing fails here, it only does not pass.
    """
    author = domains.plain(author)
    if not author:
        return Finding(PERMERROR)
    try:
        record = published(author, lookups)
    except Unanswered:
        return Finding(TEMPERROR)
    if record is None:
        return Finding()
    by_signature = any(domains.aligned(signer, author, strict=record.strict_dkim) for signer in signers)
    if by_signature or domains.aligned(path, author, strict=record.strict_spf):
        return Finding(PASS, record.policy)
    return Finding(TEMPERROR if unsure else FAIL, record.policy)


def published(author: str, lookups: Lookups) -> Record | None:
    """The record for a domain: its own, else its owner's. Raises Unanswered."""
    own = _record(author, lookups)
    if own is not None:
        return _read(own, below=False)
    owner = domains.owner(author)
    above = _record(owner, lookups) if owner and owner != author else None
    return None if above is None else _read(above, below=True)


def _record(name: str, lookups: Lookups) -> dict[str, str] | None:
    rows = [row for row in lookups.ask(f"_dmarc.{name}") if _VERSION.match(row)]
    if len(rows) != 1:
        return None  # RFC 7489 section 6.6.3: several are none
    parts = (part.partition("=") for part in rows[0][:MAX_RECORD].decode("ascii", "replace").split(";"))
    found: dict[str, str] = {}
    for key, equals, value in parts:
        if equals:
            found.setdefault(key.strip().lower(), value.strip().lower())
    return found


def _read(tags: dict[str, str], *, below: bool) -> Record:
    policy = (tags.get("sp") if below else None) or tags.get("p", "")
    if policy not in _WEAKER:
        policy = SHOW  # RFC 7489 section 6.6.3 step 6
    if tags.get("pct") == "0" or tags.get("t") == "y":
        policy = _WEAKER[policy]  # published for a try
    return Record(policy, tags.get("adkim") == "s", tags.get("aspf") == "s")
