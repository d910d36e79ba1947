"""Whether a mail really comes from the domain in its From line, as far as DKIM tells (RFC 6376). DNS is given by the caller;
failures mean "unknown".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import dkim  # type: ignore[import-untyped]  # it ships no types

MAX_SIGNATURES = 5
MIN_RSA_BITS = 1024

# The TXT lookup of dkimpy: a name as bytes, and a timeout in seconds; the record, or None when there is none.
DnsFunction = Callable[..., bytes | None]

_BODY_LENGTH = re.compile(rb"(?:^|;)\s*l\s*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Authentication:
    """dkim: pass | fail | none | unknown. `dkim_aligned` only when a passing signature is of the From domain or its parent or child."""

    dkim: str = "none"
    dkim_aligned: bool = False
    dkim_domain: str = ""
    details: str = ""


def check(raw: bytes, *, from_address: str, dnsfunc: DnsFunction, signatures: int = MAX_SIGNATURES) -> Authentication:
    """Verify up to `signatures` DKIM signatures of `raw`; never raises. Blocking when `dnsfunc` is."""
    from_domain = from_address.rpartition("@")[2].strip().lower().rstrip(".")
    try:
        message = dkim.DKIM(raw, minkey=MIN_RSA_BITS, timeout=5)
        names = [name.lower() for name, _ in message.headers]
        values = [value for name, value in message.headers if name.lower() == b"dkim-signature"]
    except Exception as problem:  # strangers' bytes reach the library here
        return Authentication("unknown", details=type(problem).__name__)
    if not values:
        return Authentication("none", details="no DKIM signature")
    verdicts: list[str] = []
    passed = ""
    for index, value in enumerate(values[:signatures]):
        domain, verdict = _one(message, index, value, dnsfunc)
        verdicts.append(f"{domain or '?'}: {verdict}")
        if verdict != "pass":
            continue
        # With two From lines nobody knows which one was signed.
        if names.count(b"from") == 1 and aligned(domain, from_domain):
            return Authentication("pass", True, domain, "; ".join(verdicts))
        passed = passed or domain
    if passed:
        return Authentication("pass", False, passed, "; ".join(verdicts))
    unknown = any("unknown" in verdict for verdict in verdicts)
    return Authentication("unknown" if unknown else "fail", details="; ".join(verdicts))


def aligned(signing: str, author: str) -> bool:
    """Relaxed alignment (RFC 7489 section 3.1.1), without a list of public suffixes: the same domain, or one below the other."""
    signing, author = signing.lower().rstrip("."), author.lower().rstrip(".")
    if not signing or "." not in signing or not author or "." not in author:
        return False
    return signing == author or author.endswith("." + signing) or signing.endswith("." + author)


def _one(message: dkim.DKIM, index: int, value: bytes, dnsfunc: DnsFunction) -> tuple[str, str]:
    domain = _tag(value, b"d").decode("ascii", "replace").lower()
    if _BODY_LENGTH.search(value):
        # Anybody can append to a mail whose signature covers only its beginning (RFC 6376 section 8.2).
        return domain, "fail (signature covers only part of the body)"
    try:
        return domain, "pass" if message.verify(idx=index, dnsfunc=dnsfunc) else "fail"
    except (dkim.DnsTimeoutError, OSError, TimeoutError) as problem:
        return domain, f"unknown ({type(problem).__name__})"
    except dkim.DKIMException as problem:
        return domain, f"fail ({type(problem).__name__})"
    except Exception as problem:  # a fault of library or resolver says nothing about the mail
        return domain, f"unknown ({type(problem).__name__})"


def _tag(value: bytes, name: bytes) -> bytes:
    for part in value.split(b";"):
        key, equals, content = part.partition(b"=")
        if equals and key.strip() == name:
            return b"".join(content.split())
    return b""
