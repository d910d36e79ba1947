"""The parameters of Content-Type and Content-Disposition: RFC 2231 continuations and charsets, RFC 2047 words where they do not belong,
names without quotes, missing semicolons. One pass, never an error. Knows no meaning of a parameter.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from mailgateway import charset
from mailgateway.reading.encoded_words import one_line, words

MAX_VALUE = 8192
MAX_PIECES = 100

_SPACE = re.compile(r"\s+")
_NAME = re.compile(r"\s*([^\s=;\"]{1,60})\s*=\s*")
# The star of RFC 2231: name*=, name*0=, name*0*=.
_STAR = re.compile(r"([^*]+)\*(?:(\d{1,4})(\*)?)?\Z")
_MISSING = re.compile(
    r"(?<=[\w\"])\s+(?=(?:charset|boundary|name|filename|format|delsp|type|report-type|protocol|micalg)\*?[0-9*]{0,3}\s*=)", re.I
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:\(|\Z)')
_ESCAPED = re.compile(r'\\(["\\])')
_COMMENT = re.compile(r"\s\([^()\"]{0,200}\)")


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """The lower-case main value and the parameters, lower-case names, the first of each; decoded."""
    pieces = _pieces(_SPACE.sub(" ", value[:MAX_VALUE]))
    main = pieces[0].strip()
    if "(" in main:
        main = _COMMENT.sub("", f" {main}").strip()
    found: dict[str, str] = {}
    continued: dict[str, dict[int, tuple[str, bool]]] = {}
    for piece in pieces[1:]:
        match = _NAME.match(piece)
        if not match:
            continue
        name, content = match[1].lower(), _unquoted(piece[match.end() :])
        star = _STAR.match(name)
        if not star:
            found.setdefault(name, words(content))
        else:
            number = int(star[2]) if star[2] else 0
            continued.setdefault(star[1], {}).setdefault(number, (content, not star[2] or bool(star[3])))
    for name, parts in continued.items():
        # What stands in RFC 2231 was written by the cleverer half of the sender.
        found[name] = one_line(_put_together(parts))
    # "text/plain charset=x" and "inline filename=y": the type ends at the first blank.
    kind, _, rest = main.partition(" ")
    if rest and "=" in rest:
        match = _NAME.match(rest)
        if match:
            found.setdefault(match[1].lower(), words(_unquoted(rest[match.end() :])))
        main = kind
    return main.lower().strip("\"' "), found


def _pieces(value: str) -> list[str]:
    """Split at semicolons outside of quotes; where a quote never ends, it ends with its piece."""
    if '"' not in value:
        return _MISSING.sub("; ", value).split(";")[:MAX_PIECES]
    found: list[str] = []
    start, quoted, at = 0, False, 0
    while at < len(value):
        char = value[at]
        if quoted and char == "\\":
            at += 1
        elif char == '"':
            quoted = not quoted
        elif char == ";" and not quoted:
            found.append(value[start:at])
            start = at + 1
        at += 1
    last = value[start:]
    found += last.split(";") if quoted else [last]
    return [piece for entry in found[:MAX_PIECES] for piece in (_MISSING.sub(";", entry).split(";") if not _inside(entry) else [entry])]


def _inside(entry: str) -> bool:
    """Whether a quoted string of this piece holds what looks like a further parameter."""
    match = _MISSING.search(entry)
    return match is None or entry.count('"', 0, match.start()) % 2 == 1


def _unquoted(content: str) -> str:
    content = content.strip()
    if content[:1] != '"':
        return _COMMENT.sub("", content) if content.endswith(")") and "." in content.split(" (")[0] else content
    match = _QUOTED.match(content)
    # A quote inside of a name that nobody escaped: the last one closes.
    inner = match[1] if match else content[1:].rpartition('"')[0] or content[1:]
    return _ESCAPED.sub(r"\1", inner)


def _put_together(parts: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 section 4.1: the first part names the charset, parts with a star are percent-encoded, all are octets of one text."""
    label = ""
    raw = b""
    for place, (number, (content, starred)) in enumerate(sorted(parts.items())):
        if starred and place == 0 and content.count("'") >= 2:
            label, _, content = content.split("'", 2)
        if starred:
            raw += unquote_to_bytes(content)
        else:
            raw += (words(content) if number == 0 or "=?" in content else content).encode("utf-8", "replace")
    return charset.decode(raw, label)[0]
