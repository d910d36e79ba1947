"""Domain names as the checks compare them: lower case, in their ASCII form, and whose they are by the list of public suffixes. Pure."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from publicsuffix2 import PublicSuffixList  # type: ignore[import-untyped]  # it ships no types


def of_address(address: str) -> str:
    """The domain of an address in plain form; empty if it has none."""
    return plain(address.rpartition("@")[2]) if "@" in address else ""


def plain(name: str) -> str:
    """Lower case, without the last dot, in the ASCII form that stands in the DNS; empty if no such name can exist.

    A name that would become another one on the way to ASCII (RFC 5895 and IDNA 2003 map letters) is nobody's.
    """
    name = name.strip().strip(".").lower()
    if not name.isascii():
        try:
            changed = name.encode("idna")
            name = changed.decode("ascii") if changed.decode("idna") == name else ""
        except UnicodeError:
            return ""
    if not 0 < len(name) <= 253 or "." not in name or not all(name.split(".")):
        return ""
    return name if all(letter.isalnum() or letter in "-_." for letter in name) else ""


def owner(name: str) -> str:
    """The organisational domain (RFC 7489 section 3.2): one label below a public suffix. Empty for a public suffix itself."""
    name = plain(name)
    suffix = str(_suffixes().get_tld(name) or "") if name else ""
    rest = name.removesuffix(suffix).rstrip(".")
    return f"{rest.rpartition('.')[2]}.{suffix}" if suffix and rest else ""


def aligned(one: str, other: str, *, strict: bool = False) -> bool:
    """RFC 7489 section 3.1: the very same domain, or, where that is not asked for, two of one owner."""
    one, other = plain(one), plain(other)
    if not one or not other:
        return False
    return one == other or (not strict and owner(one) == owner(other) != "")


@cache
def _suffixes() -> PublicSuffixList:
    # The list that comes with authheaders is kept up to date; the one that comes with the reader is of 2019.
    with files("authheaders").joinpath("public_suffix_list.txt").open(encoding="utf-8") as lines:
        return PublicSuffixList(lines, idna=True)
