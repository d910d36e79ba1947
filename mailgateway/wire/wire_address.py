"""Reads the address and the parameters of MAIL and RCPT as they stand on the wire, where that needs no grammar. Knows no connection."""

from __future__ import annotations

import re

# An address in brackets and what follows it. Left to a real parser is what has quotes, comments, routes (RFC 5321 section 4.1.2) or no
# domain. Two dots in a row, a dot before the @ and square brackets are against the grammar, and people have them.
_LOCAL = r"[^<>\s\x00-\x1f\x7f\"(),:;\\@]+"
_DOMAIN = r"[^<>\s\x00-\x1f\x7f\"(),;\\@]+"
_ADDRESS = re.compile(rf"<({_LOCAL}@{_DOMAIN})>(?: +([!-~]+(?: +[!-~]+)*))?")


def read(argument: str) -> tuple[str, str] | None:
    """Address and parameters; None for what needs a parser."""
    found = _ADDRESS.fullmatch(argument)
    return (found[1], found[2] or "") if found else None
