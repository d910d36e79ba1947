"""What senders call their charsets, and which of Python's codecs reads what they mean by it. Knows no text."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# Where two codecs share a name, the larger set is meant: nobody sends the C1 controls of ISO 8859-1 (as in the WHATWG Encoding Standard).
_ALIASES = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "us": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "iso646-us": "utf-8",
    "unicode": "utf-8",
    "utf8mb3": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8n": "utf-8",
    "x-utf-8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-2-0-utf-8": "utf-8",
    "iso-10646-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-2-0-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "ucs-2": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "ucs-4": "utf-32",
    "iso-10646-ucs-4": "utf-32",
    "ansi": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "iso-ir-100": "cp1252",
    "western": "cp1252",
    "x-user-defined": "cp1252",
    "latin2": "iso8859-2",
    "latin-2": "iso8859-2",
    "latin-9": "iso8859-15",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "s-jis": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "shiftjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "cswindows31j": "cp932",
    "x-ms-cp932": "cp932",
    "x-mac-japanese": "cp932",
    "x-euc": "euc_jp",
    "x-euc-jp": "euc_jp",
    "cp51932": "euc_jp",
    "iso-2022-jp-ms": "iso2022_jp",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "cp50222": "iso2022_jp",
    "jis": "iso2022_jp",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "csgb2312": "gb18030",
    "euc-cn": "gb18030",
    "x-euc-cn": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "chinese": "gb18030",
    "x-mac-simp-chinese": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big-5": "big5hkscs",
    "x-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "csbig5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "cp950": "big5hkscs",
    "x-mac-trad-chinese": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc_5601": "cp949",
    "ksc5601": "cp949",
    "korean": "cp949",
    "euc-kr": "cp949",
    "x-euc-kr": "cp949",
    "x-mac-korean": "cp949",
    "tis-620": "cp874",
    "visual": "iso8859-8",
    "logical": "iso8859-8",
    "koi": "koi8-r",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
    "x-mac-roman": "mac_roman",
    "x-macintosh": "mac_roman",
    "mac": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-ce": "mac_latin2",
    "x-mac-centraleurroman": "mac_latin2",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ukrainian": "mac_cyrillic",
    "x-mac-greek": "mac_greek",
    "x-mac-turkish": "mac_turkish",
    "x-mac-icelandic": "mac_iceland",
    "x-mac-croatian": "mac_croatian",
    "x-mac-romanian": "mac_romanian",
}
# ISO 8859 parts whose Windows code page has the same letters and more.
_WINDOWS = {"1": "cp1252", "9": "cp1254", "11": "cp874"}
_CODE_PAGES = {
    "932": "cp932",
    "936": "gb18030",
    "950": "big5hkscs",
    "1200": "utf-16",
    "20866": "koi8-r",
    "21866": "koi8-u",
    "65001": "utf-8",
}
# Codecs that are no charset of a mail; punycode and idna also take quadratic time.
_REFUSED = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
_LABEL = re.compile(r"[a-z0-9][a-z0-9._:+-]*")
_CODE_PAGE = re.compile(r"(?:x-)?(?:ms-)?(?:cp|win|windows|ibm|dos|ms|ansi|cs)[-_]?0*(\d{3,5})\Z")
_ISO_8859 = re.compile(r"(?:x-)?(?:iso)?[-_]?8859[-_]?0*(\d{1,2})(?:[-_:].*)?\Z")


def codec(label: str) -> str:
    """The name of the codec for a charset as labelled in a mail; "" when no charset is meant or none is known."""
    return _named(label[:60].lower()) if label else ""


@lru_cache(maxsize=256)
def _named(label: str) -> str:
    found = _LABEL.search(label.removeprefix("charset="))
    name = found[0][:40] if found else ""
    if not name:
        return ""
    for spelling in (name, name.replace("_", "-"), name.rstrip("-.:+")):
        known = _known(spelling)
        if known:
            return known
    return ""


def _known(name: str) -> str:
    page, part = _CODE_PAGE.match(name), _ISO_8859.match(name)
    if name in _ALIASES:
        name = _ALIASES[name]
    elif page:
        name = _CODE_PAGES.get(page[1], f"cp{page[1]}")
    elif part:
        name = _WINDOWS.get(part[1], f"iso8859-{part[1]}")
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    if not getattr(info, "_is_text_encoding", True) or info.name.replace("_", "-") in _REFUSED:
        return ""
    return info.name
