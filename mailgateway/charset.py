"""Bytes to text when the declared charset is wrong, missing or unknown: best effort, linear, and never an error.
Knows no mail structure.
"""

from __future__ import annotations

import codecs
import re

# Names seen in real mail which Python's codec table does not know, or knows as a smaller set than senders mean by it.
_ALIASES = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "big5": "cp950",
    "windows-874": "cp874",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-user-defined": "cp1252",
}
# Codecs that are no charset of a mail; punycode and idna also take quadratic time.
_REFUSED = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LABEL = re.compile(r"[^a-z0-9._:-]")
# NUL and lone surrogates cannot be stored; the other controls only ever confuse a reader.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def decode(raw: bytes, label: str = "") -> tuple[str, str]:
    """The text, and a note when the label did not tell the truth: "" | charset-unknown | charset-wrong | charset-missing."""
    if not raw:
        return "", ""
    for bom, name in _BOMS:
        if raw.startswith(bom):
            return clean(raw.decode(name, "replace")), ""
    codec = _lookup(label)
    if codec:
        # Western text that happens to be valid multi-byte UTF-8 does not occur in practice; the wrong label does.
        mislabelled = codec == "cp1252" and not raw.isascii() and _strict(raw, "utf-8") is not None
        text = None if mislabelled else _strict(raw, codec)
        if text is not None:
            return clean(text), ""
    return clean(_guess(raw, codec)), _note(raw, label, codec)


def clean(text: str) -> str:
    """The same text with \\n line ends, and without what a database or a reader cannot take."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNWANTED.sub(lambda found: "" if found[0] < "\x7f" else "\ufffd", text)


def _lookup(label: str) -> str:
    name = _LABEL.sub("", label.strip().strip("\"'").lower())[:40]
    name = _ALIASES.get(name, name)
    if not name:
        return ""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    if not getattr(info, "_is_text_encoding", True) or info.name.replace("_", "-") in _REFUSED:
        return ""
    return info.name


def _strict(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError, OverflowError):
        return None


def _guess(raw: bytes, codec: str) -> str:
    text = _strict(raw, "utf-8")
    if text is not None:
        if b"\x1b$" in raw:
            return _strict(raw, "iso2022_jp_ext") or text
        return text
    # One broken byte in a multi-byte text shall not turn the whole text into mojibake.
    if codec and codec not in {"utf-8", "cp1252"}:
        return raw.decode(codec, "replace")
    mended = raw.decode("utf-8", "replace")
    # In Western text read as UTF-8 hardly any high byte makes sense; in damaged UTF-8 most do.
    if 2 * mended.count("\ufffd") < sum(1 for char in mended if char > "\x7f"):
        return mended
    return raw.decode("cp1252", "replace")


def _note(raw: bytes, label: str, codec: str) -> str:
    if codec:
        return "charset-wrong"
    if label.strip():
        return "charset-unknown"
    return "" if raw.isascii() else "charset-missing"
