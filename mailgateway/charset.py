"""Bytes to text when the declared charset is wrong, missing or unknown: best effort, linear, and never an error.
Knows no mail structure.
"""

from __future__ import annotations

import codecs
import re

from mailgateway.reading import detector, iso2022
from mailgateway.reading.charset_names import codec as codec_of

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# NUL, lone surrogates and non-characters cannot be stored; the other controls only ever confuse a reader.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Larger sets of the same family, tried when a text holds what the declared one has not.
_LARGER = {
    "cp932": ("shift_jis_2004",),
    "euc_jp": ("euc_jis_2004",),
    "gb18030": ("big5hkscs",),
    "big5hkscs": ("gb18030",),
    "iso2022_kr": ("cp949",),
    "hz": ("gb18030",),
    "iso8859-8": ("cp1255",),
    "iso8859-7": ("cp1253",),
    "iso8859-6": ("cp1256",),
}
# Two octets of these may well look like one letter in UTF-8, so a label that names them is believed.
_BELIEVED = frozenset(
    {"cp932", "shift_jis_2004", "euc_jp", "gb18030", "big5hkscs", "cp949", "johab", "cp874", "utf-16", "utf-16-le", "utf-16-be"}
)


def decode(raw: bytes, label: str = "", *, hint: str = "") -> tuple[str, str]:
    """The text, and a note when the label did not tell the truth: "" | charset-unknown | charset-wrong | charset-missing.

    `hint` is a charset named elsewhere in the mail, asked before any guess.
    """
    if not raw:
        return "", ""
    for bom, name in _BOMS:
        if raw.startswith(bom):
            return clean(_forced(raw, name)), ""
    codec = codec_of(label)
    if codec:
        text = _as_declared(raw, codec)
        if text is not None:
            return clean(text), ""
    elif raw.isascii() and b"\x1b" not in raw and b"\0" not in raw:
        return clean(raw.decode("ascii")), _note(raw, label, codec)
    return clean(_guess(raw, codec, codec_of(hint))), _note(raw, label, codec)


def clean(text: str) -> str:
    """The same text with \\n line ends, and without what a database or a reader cannot take."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x85" in text:
        text = text.replace("\x85", "\n")
    return _UNWANTED.sub("", text)


def _as_declared(raw: bytes, codec: str) -> str | None:
    """The text if the label can be true."""
    if codec.startswith("iso2022_jp") or (codec == "utf-8" and b"\x1b$" in raw):
        return iso2022.decode(raw)
    if codec.startswith(("utf-16", "utf-32")):
        return _utf_wide(raw, codec)
    if raw.isascii():
        return None if codec == "utf-8" and b"\0" in raw else _strict(raw, codec)
    # Text in a single-octet charset that happens to be valid multi-octet UTF-8 does not occur in practice; the wrong label does.
    if codec != "utf-8" and codec not in _BELIEVED and _strict(raw, "utf-8") is not None:
        return None
    return _strict(raw, codec)


def _utf_wide(raw: bytes, codec: str) -> str | None:
    """UTF-16 and UTF-32; a label alone does not tell which octet is first, and some write it over plain text."""
    if b"\0" not in raw[:2000] and raw[:2000].isascii():
        return None
    if codec == "utf-16":
        # Without a mark of order: the octets that say which alphabet are fewer than those that say which letter.
        codec = "utf-16-be" if len(set(raw[0:2000:2])) <= len(set(raw[1:2000:2])) else "utf-16-le"
    return _strict(raw, codec)


def _strict(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError, OverflowError, LookupError):
        return None


def _guess(raw: bytes, codec: str, hint: str) -> str:
    text = _strict(raw, "utf-8")
    if text is not None:
        if b"\x1b$" in raw:
            return iso2022.decode(raw) or text
        wide = detector.detect(raw) if b"\0" in raw[:1000] else ""
        return (_strict(raw, wide) if wide.startswith("utf_16") else None) or text
    for name in (*_LARGER.get(codec, ()), hint):
        # UTF-8 was tried, and any octets are Western text: neither says more than the detector.
        if name and name not in {"utf-8", "cp1252"}:
            text = _strict(raw, name)
            if text is not None:
                return text
    if codec != "utf-8" and codec in _BELIEVED and _damaged(raw, codec) < 0.05:
        return _forced(raw, codec)
    if _damaged(raw, "utf-8") < 0.5:
        return _forced(raw, "utf-8")
    return _forced(raw, detector.detect(raw))


def _damaged(raw: bytes, codec: str) -> float:
    """Which part of what is not ASCII cannot be read as `codec`: in a damaged text little, in another charset nearly all."""
    text = raw[:100_000].decode(codec, "replace")
    foreign = sum(1 for char in text if char > "\x7f")
    return text.count("\ufffd") / foreign if foreign else 1.0


def _forced(raw: bytes, codec: str) -> str:
    """Read as `codec`; each octet that cannot be is read as Western text, which loses less than a replacement character."""
    return raw.decode(codec, "throughline-western")


def _western(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    lost = problem.object[problem.start : problem.end]
    if problem.end >= len(problem.object) and len(problem.object) > len(lost) and problem.object[problem.start] >= 0xC0:
        # Cut in the middle of a character: half of one says nothing.
        return "", problem.end
    return "".join(_octet(value) for value in lost), problem.end


def _octet(value: int) -> str:
    return bytes((value,)).decode("cp1252", "ignore")


codecs.register_error("throughline-western", _western)


def _note(raw: bytes, label: str, codec: str) -> str:
    if codec:
        return "charset-wrong"
    if label.strip():
        return "charset-unknown"
    return "" if raw.isascii() else "charset-missing"
