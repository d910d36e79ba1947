"""The signs by which signatures are known, and what telephones, companies and mail servers add to a mail; single lines only.

Knows no place in a mail: where such a line counts is said in signed_off.py, the words stand in signature_words.py.
"""

from __future__ import annotations

import re

from mailgateway.quoting import signature_words
from mailgateway.quoting.quote_signs import any_of, shown

_DEVICE = re.compile(rf"(?:{any_of(signature_words.DEVICE_BEGINS)})")
_DEVICE_ENDS = tuple(signature_words.DEVICE_ENDS)
_DISCLAIMERS = tuple(signature_words.DISCLAIMERS)
_WARNS = re.compile(rf"[\W_]*(?:{any_of(signature_words.WARNINGS)})")
_NAME_SIGN = re.compile(r"[-–—]{1,2} ?[^\W\d_][^\d@:;,?!]{0,40}$")


def is_device_line(line: str) -> bool:
    """ "Sent from my telephone": short, and not a sentence somebody wrote."""
    if len(line) > 260:
        return False
    low = shown(line).strip("*_~<>()[]|\"' ")
    if not low:
        return line.strip() in {"ᐧ", "<>", "()"}
    named = low.partition("<")[0].partition("http")[0].rstrip("([ ")
    if not (_DEVICE.match(low) or named.rstrip(".").endswith(_DEVICE_ENDS)):
        return False
    first = named.partition(",")[0]
    if len(low) <= 160 and any(device in first for device in signature_words.DEVICES):
        return len(named.split()) <= 14 and low.count(". ") < 2 and not low.endswith(("?", ":"))
    return (
        len(low) <= 120
        and bool(_DEVICE.match(low))
        and "," not in low
        and not low.endswith((".", "!", "?", ":"))
        and len(named.split()) <= 9
    )


def is_disclaimer(line: str) -> bool:
    """The beginning of what a company adds below every mail."""
    return shown(line).lstrip("*_-# ").startswith(_DISCLAIMERS)


def is_warning(line: str) -> bool:
    """What a mail server puts above mail from outside, so that people take care."""
    low = shown(line)
    return any(phrase in low for phrase in signature_words.OUTSIDE) and bool(_WARNS.match(low))


def is_name_sign(line: str) -> bool:
    """ "-Nadia Lang" as the last line; names begin with a capital and are short."""
    text = line.strip()
    if len(text) > 60 or not _NAME_SIGN.match(text):
        return False
    words = text.lstrip("-–— ").split()
    return 1 <= len(words) <= 4 and words[0][0].isupper() and words[-1][0].isupper()
