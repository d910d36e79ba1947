"""The signatures of a mail (DKIM, RFC 6376) and of those who passed it on (ARC, RFC 8617), checked by dkimpy on input made harmless first.

dkimpy's own reading takes quadratic time on long runs of blanks and of folded lines, so head and body are taken apart here in linear time.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

import dkim  # type: ignore[import-untyped]  # it ships no types

from mailgateway import domains
from mailgateway.lookups import Lookups, Unanswered

MAX_SIGNATURES = 5
MAX_SETS = 10
"""ARC sets that are looked at; RFC 8617 allows 50, real chains have two or three."""
MAX_HEAD, MAX_SIGNATURE, MAX_KEY = 512 * 1024, 8 * 1024, 800
"""Octets of a head that is looked at, of one signature, and of a key in base64: RSA keys end at 4096 bits (RFC 8301 section 3.2)."""
MIN_RSA_BITS = 1024

PASS, FAIL, NONE, TEMPERROR, PERMERROR, POLICY = "pass", "fail", "none", "temperror", "permerror", "policy"
_FOLD = re.compile(rb"\r?\n")
_BLANKS = re.compile(rb"[\t ]+")
_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_RUN = re.compile(rb"[\t\r\n ]{200}")
_SEALS = (b"arc-seal", b"arc-message-signature", b"arc-authentication-results")
# Of these a mail has one; where somebody put in a second, nobody knows which one was signed.
_ONCE = (b"from", b"subject", b"content-type")

Headers = list[tuple[bytes, bytes]]

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


class Signed:
    """A mail taken apart once, for any number of checks. Never raises for what a mail holds."""

    def __init__(self, raw: bytes) -> None:
        self.headers, self._body = apart(raw)
        self._relaxed_headers: Headers | None = None
        self._relaxed_body: bytes | None = None

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
        asked = _Asked(lookups)
        chain = _Chain(minkey=MIN_RSA_BITS, logger=_unheard)
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
        forms = [_tags(value).get(b"c", b"relaxed/relaxed") for name, value in self.headers if name.lower() == b"arc-message-signature"]
        return {form.partition(b"/")[0] == b"relaxed" for form in forms}, {form.partition(b"/")[2] == b"relaxed" for form in forms}

    def _signature(self, index: int, value: bytes, lookups: Lookups) -> Signature:
        tags = _tags(value)
        domain = domains.plain(_text(tags.get(b"d", b"")))
        covers = frozenset(_text(name).strip().lower() for name in tags.get(b"h", b"").split(b":"))
        odd = _odd(value, tags, domain, covers)
        if odd:
            return Signature(domain, POLICY, odd, covers)
        asked = _Asked(lookups)
        result, why = self._verified(index, tags, asked)
        return Signature(domain, result, why, covers)

    def _verified(self, index: int, tags: dict[bytes, bytes], asked: _Asked) -> tuple[str, str]:
        head, _, body = tags.get(b"c", b"simple/simple").strip().partition(b"/")
        message = _One(minkey=MIN_RSA_BITS, logger=_unheard)
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

    def head(self, *, relaxed: bool) -> list[list[bytes]]:
        """As it came, or relaxed."""
        # Relaxed already, dkimpy finds nothing to change, and nothing to be slow at. Lists: dkimpy adds to them.
        if not relaxed:
            return [list(pair) for pair in self.headers]
        if self._relaxed_headers is None:
            self._relaxed_headers = [(name, b" " + _one_line(value) + b"\r\n") for name, value in self.headers]
        return [list(pair) for pair in self._relaxed_headers]

    def body(self, *, relaxed: bool) -> bytes:
        """As it came (with CRLF), or relaxed; without the empty lines at its end, which count in neither form."""
        if not relaxed:
            return _trimmed(self._body)
        if self._relaxed_body is None:
            self._relaxed_body = _trimmed(_narrow(self._body).replace(b" \r\n", b"\r\n"))
        return self._relaxed_body


def relaxed(raw: bytes) -> tuple[list[list[bytes]], bytes]:
    """Head and body in the relaxed form (RFC 6376 section 3.4), as lists that dkimpy may add to."""
    mail = Signed(raw)
    return mail.head(relaxed=True), mail.body(relaxed=True)


def apart(raw: bytes) -> tuple[Headers, bytes]:
    """Header lines as (name, value with its folds and CRLF) and the body with CRLF; no headers where the head is monstrous or broken."""
    head, gap, body = _halves(raw)
    if len(head) > MAX_HEAD:
        return [], b""
    found: list[tuple[bytes, list[bytes]]] = []
    for line in head.split(b"\r\n"):
        match = _NAME.match(line)
        if line[:1] in (b" ", b"\t") and found:
            found[-1][1].append(line + b"\r\n")
        elif match:
            found.append((match[1], [line[match.end() :] + b"\r\n"]))
        elif line and not line.startswith(b"From "):
            return [], b""
    return [(name, b"".join(parts)) for name, parts in found], body if gap else b""


def _halves(raw: bytes) -> tuple[bytes, bytes, bytes]:
    # A body of millions of lines is not split into lines: RFC 6376 section 5.3 wants CRLF, whatever came over the wire.
    whole = raw if raw.count(b"\n") == raw.count(b"\r\n") else raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if whole.startswith(b"\r\n"):
        return b"", b"\r\n", whole[2:]
    return whole.partition(b"\r\n\r\n")


def _narrow(body: bytes) -> bytes:
    # Runs of blanks halve with each walk. A regular expression would hold the interpreter for seconds in a body of 30 MB.
    body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    return body


def _trimmed(body: bytes) -> bytes:
    end, many = len(body), b"\r\n" * 4096
    while body.endswith(many, 0, end):
        end -= len(many)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end] + b"\r\n" if end else b""


class _Body:
    """In place of dkimpy's own relaxing of a body that is in its form already: it would walk through it twice more."""

    body: bytes

    def verify_sig(self, sig: dict[bytes, bytes], *rest: Any) -> Any:
        head = sig.get(b"c", b"simple").partition(b"/")[0]
        # An empty body is a line end in one form and nothing in the other (RFC 6376 section 3.4).
        return super().verify_sig({**sig, b"c": head + b"/simple"} if self.body else sig, *rest)  # type: ignore[misc]


class _One(_Body, dkim.DKIM):  # type: ignore[misc]
    pass


class _Chain(_Body, dkim.ARC):  # type: ignore[misc]
    pass


class _Asked:
    """dkimpy's door to the DNS. Remembers whether a key was there, for dkimpy does not tell a missing key from a wrong signature."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self.found = self.silent = False
        self.trouble = "its key is not published"

    def __call__(self, name: bytes | str, timeout: float = 5) -> bytes | None:
        text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        try:
            records: list[bytes] = [row for row in self._lookups.ask(text) if b"p=" in row]
        except Unanswered:
            self.silent = True
            raise
        if not records:
            return None
        tags = _tags(records[0])
        if len(tags.get(b"p", b"")) > MAX_KEY:
            self.trouble = "its key is too large"
            return None
        if not tags.get(b"p"):
            self.trouble = "its key was taken back"
            return None
        if tags.get(b"k", b"rsa") != b"rsa":
            self.trouble = "its kind of key is not checked here"
            return None
        self.found = True
        return records[0]


def _one_line(value: bytes) -> bytes:
    return _BLANKS.sub(b" ", _FOLD.sub(b"", value)).strip()


def _odd(value: bytes, tags: dict[bytes, bytes], domain: str, covers: frozenset[str]) -> str:
    """Why a signature is not worth checking."""
    if _monstrous(value):
        return "it is too large"
    if not domain:
        return "it names no domain"
    if b"l" in tags:
        # Anybody can append to a mail whose signature covers only its beginning (RFC 6376 section 8.2).
        return "it covers only a part of the body"
    if "from" not in covers:
        return "it does not cover the author"  # RFC 6376 section 5.4
    if tags.get(b"a", b"").lower() == b"rsa-sha1":
        return "it is made in a way that is no longer safe"  # RFC 8301 section 3.1
    return ""


def _monstrous(value: bytes) -> bool:
    return len(value) > MAX_SIGNATURE or _RUN.search(value) is not None


def _reason(problem: str) -> str:
    if "x= value is past" in problem:
        return "it has run out"
    return "the body was changed" if "body hash" in problem else "it cannot be read"


def _tags(value: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for part in value.split(b";"):
        key, equals, content = part.partition(b"=")
        if equals:
            found.setdefault(key.strip(), b"".join(content.split()))
    return found


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
