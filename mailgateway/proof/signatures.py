"""The signatures of a mail (DKIM, RFC 6376) and of those who passed it on (ARC, RFC 8617): which count, and what is wrong with the others.

What a mail looks like to dkimpy, which does the sums, stands in canonical.py.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

import dkim  # type: ignore[import-untyped]  # it ships no types

from mailgateway.proof import domains
from mailgateway.proof.canonical import Whole
from mailgateway.proof.dkim_keys import Asked, Chain, OneSignature, tags
from mailgateway.proof.lookups import Lookups, Unanswered

MAX_SIGNATURES = 5
MAX_SETS = 10
"""ARC sets that are looked at; RFC 8617 allows 50, real chains have two or three."""
MAX_SIGNATURE = 8 * 1024
"""Octets of one signature or seal."""
MIN_RSA_BITS = 1024

PASS, FAIL, NONE, TEMPERROR, PERMERROR, POLICY = "pass", "fail", "none", "temperror", "permerror", "policy"
_RUN = re.compile(rb"[\t\r\n ]{200}")
_SEALS = (b"arc-seal", b"arc-message-signature", b"arc-authentication-results")
# Of these a mail has one; where somebody put in a second, nobody knows which one was signed.
_ONCE = (b"from", b"subject", b"content-type")

# dkimpy tells its log about every stranger's broken signature.
_unheard = logging.Logger("dkimpy", logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: whose, how it was found (pass, fail, policy, temperror, permerror), and what was odd."""

    domain: str
    result: str
    why: str = ""
    covers: frozenset[str] = frozenset()
    """Lower-case names of the signed header lines."""


@dataclass(frozen=True, slots=True)
class Seals:
    """The chain of those who passed a mail on; `sealers` from the last one to the first."""

    result: str = NONE
    sealers: tuple[str, ...] = ()
    said: str = ""
    """What the last sealer found when the mail came to it (its ARC-Authentication-Results)."""


class Signed(Whole):
    """A mail whose signatures and seals are asked for, any number of times."""

    @property
    def clear(self) -> bool:
        """Whether it has one From, one Subject and one Content-Type at most."""
        names = [name.lower() for name, _ in self.headers]
        return all(names.count(name) <= 1 for name in _ONCE)

    def signatures(self, lookups: Lookups) -> tuple[Signature, ...]:
        """The topmost MAX_SIGNATURES of them, checked."""
        values = [value for name, value in self.headers if name.lower() == b"dkim-signature"]
        return tuple(self._signature(index, value, lookups) for index, value in enumerate(values[:MAX_SIGNATURES]))

    def seals(self, lookups: Lookups) -> Seals:
        """The ARC chain, as the last sealer leaves it."""
        rows = [value for name, value in self.headers if name.lower() in _SEALS]
        if not rows:
            return Seals()
        if len(rows) > 3 * MAX_SETS or any(_monstrous(value) for value in rows):
            return Seals(FAIL)
        asked = Asked(lookups)
        chain = Chain(minkey=MIN_RSA_BITS, logger=_unheard)
        heads, bodies = self._forms_of_seals()
        if len(bodies) > 1:
            return Seals(FAIL)  # RFC 8617 section 4.1.2 allows one form alone
        chain.headers, chain.body = self.head(relaxed=heads == {True}), self.body(relaxed=bodies == {True})
        try:
            verdict, sets, _ = chain.verify(dnsfunc=asked)
        except Exception:  # strangers' bytes reach the library here
            return Seals(TEMPERROR if asked.silent else FAIL)
        sealers = tuple(domains.plain(_text(found.get("as-domain", b""))) for found in sets)
        if verdict != dkim.CV_Pass:
            return Seals(TEMPERROR if asked.silent else FAIL, sealers)
        return Seals(PASS, sealers, _text(sets[0].get("aar-value", b"")))

    def _forms_of_seals(self) -> tuple[set[bool], set[bool]]:
        """Whether the sealers signed head and body as relaxed, which RFC 8617 wants, or as they were."""
        forms = [tags(value).get(b"c", b"relaxed/relaxed") for name, value in self.headers if name.lower() == b"arc-message-signature"]
        return {form.partition(b"/")[0] == b"relaxed" for form in forms}, {form.partition(b"/")[2] == b"relaxed" for form in forms}

    def _signature(self, index: int, value: bytes, lookups: Lookups) -> Signature:
        known = tags(value)
        domain = domains.plain(_text(known.get(b"d", b"")))
        covers = frozenset(_text(name).strip().lower() for name in known.get(b"h", b"").split(b":"))
        odd = _odd(value, known, domain, covers)
        if odd:
            return Signature(domain, POLICY, odd, covers)
        asked = Asked(lookups)
        result, why = self._verified(index, known, asked)
        return Signature(domain, result, why, covers)

    def _verified(self, index: int, known: dict[bytes, bytes], asked: Asked) -> tuple[str, str]:
        head, _, body = known.get(b"c", b"simple/simple").strip().partition(b"/")
        message = OneSignature(minkey=MIN_RSA_BITS, logger=_unheard)
        message.headers, message.body = self.head(relaxed=head == b"relaxed"), self.body(relaxed=body == b"relaxed")
        try:
            good = message.verify(idx=index, dnsfunc=asked)
        except Unanswered:
            return TEMPERROR, "its key could not be looked up"
        except dkim.KeyFormatError:
            return PERMERROR, "its key cannot be used"
        except dkim.ValidationError as problem:
            return FAIL, _reason(str(problem))
        except Exception as problem:
            return PERMERROR, f"it cannot be read ({type(problem).__name__})"
        if good:
            return PASS, ""
        return (FAIL, "it does not fit the mail") if asked.found else (PERMERROR, asked.trouble)


def _odd(value: bytes, known: dict[bytes, bytes], domain: str, covers: frozenset[str]) -> str:
    """Why a signature is not worth checking."""
    if _monstrous(value):
        return "it is too large"
    if not domain:
        return "it names no domain"
    if b"l" in known:
        # Anybody can append to a mail whose signature covers only its beginning (RFC 6376 section 8.2).
        return "it covers only a part of the body"
    if "from" not in covers:
        return "it does not cover the author"  # RFC 6376 section 5.4
    if known.get(b"a", b"").lower() == b"rsa-sha1":
        return "it is made in a way that is no longer safe"  # RFC 8301 section 3.1
    return ""


def _monstrous(value: bytes) -> bool:
    return len(value) > MAX_SIGNATURE or _RUN.search(value) is not None


def _reason(problem: str) -> str:
    if "x= value is past" in problem:
        return "it has run out"
    return "the body was changed" if "body hash" in problem else "it cannot be read"


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
