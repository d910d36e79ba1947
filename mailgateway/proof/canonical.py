"""A mail taken apart for signatures: its head and body as they came, and in the relaxed form of RFC 6376 section 3.4. Pure and linear.

dkimpy takes quadratic time on long runs of blanks and of folded lines; it gets what is in its form already.
"""

from __future__ import annotations

import re

MAX_HEAD = 512 * 1024
"""Octets of a head that is looked at."""
_FOLD = re.compile(rb"\r?\n")
_BLANKS = re.compile(rb"[\t ]+")
_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")

Headers = list[tuple[bytes, bytes]]


class Whole:
    """A mail for any number of checks. Never raises for what it holds; a broken or monstrous head is an empty one."""

    def __init__(self, raw: bytes) -> None:
        self.headers, self._body = apart(raw)
        self._relaxed_headers: Headers | None = None
        self._relaxed_body: bytes | None = None

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


def _one_line(value: bytes) -> bytes:
    return _BLANKS.sub(b" ", _FOLD.sub(b"", value)).strip()
