"""Guesses the charset of bytes that nobody labelled truly, by how often letters occur and beside what they stand. Pure and bounded.

The last resort of charset.py; knows no labels.
"""

from __future__ import annotations

import codecs
from functools import lru_cache

SAMPLE = 1500
"""Octets that are looked at: more say nothing new."""
_HEAD = 65_536
_STRANGE = -0.3
"""What a letter loses that the language has not."""
_SURE = 0.42
"""Below this no candidate reads like a language, and Western text with many signs is the best guess."""

# Letters by frequency, the most usual first; what is not listed hardly occurs.
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфіїєґъёўђјљњћџ"
_GREEK = "αοιετσνηυρπκμλωςγδθχφβξζψάέήίόύώϊϋΐΰ"
_HEBREW = "יוהלארתמבנשעדחקםפגכטסצןזךףץ"
_ARABIC = "الينمورتبةعدسفهكقأحجشصىخطزذضثئغءإظؤآ،؟"
_THAI = "าานรอกเงคมยทวลสดตปบหจชไะีัิ่้ขพใถึแืผธโุ์ูศณฐญฟซภษ็ฉฎฝฏฤฆๆฬำ"
_WESTERN = (
    "üäößéàèç",  # German
    "éàèêçîôâùûëïœ",  # French
    "óíáéñúüç",  # Spanish
    "ãáçéóõíêúâôàü",  # Portuguese
    "àèéùòìç",  # Italian
    "ëéïöüèáó",  # Dutch
    "äöåéøæüáóà",  # Nordic
    "áíðóéþúýæö",  # Icelandic
)
_CENTRAL = (
    "óąęłżśćńźé",  # Polish
    "íáéěřůčšžýúóťďňäľôĺŕ",  # Czech, Slovak
    "áéóőöíüúű",  # Hungarian
    "ăîâşţ",  # Romanian
    "šžčćđ",  # Croatian, Slovene
)
_TURKISH = ("ıüşğçöâî",)
_SIGNS = frozenset("“”‘’„‚–—…•«»€£§°©®™´¨·¿¡‹›№")

_SINGLE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cp1252", _WESTERN),
    ("cp1250", _CENTRAL),
    ("iso8859_2", _CENTRAL),
    ("cp1254", _TURKISH),
    ("cp1251", (_CYRILLIC,)),
    ("koi8_u", (_CYRILLIC,)),
    ("cp866", (_CYRILLIC,)),
    ("iso8859_5", (_CYRILLIC,)),
    ("mac_cyrillic", (_CYRILLIC,)),
    ("cp1253", (_GREEK,)),
    ("cp1255", (_HEBREW,)),
    ("cp1256", (_ARABIC,)),
    ("cp874", (_THAI,)),
    ("cp850", _WESTERN),
    ("mac_roman", _WESTERN),
)
_ALPHABETIC = frozenset({_WESTERN, _CENTRAL, _TURKISH})
_BIAS = {"cp1250": -0.04, "iso8859_2": -0.05, "cp1254": -0.1, "cp850": -0.15, "mac_roman": -0.15}
"""Of two that fit, the usual one."""
_HAN_SIMPLE = frozenset(
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本见经头面公同三已老从动两长"
    "请您谢电邮件回复问题订单发货服务客户收到支付退款名称"
)
_HAN_FULL = frozenset(
    "的一是不了在人有我他這中大來上個國到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可裡後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手用主行方又如前所本見經頭面公同三已老從動兩長"
    "請您謝電郵件回覆問題訂單發貨服務客戶收到支付退款名稱"
)
_HANGUL = frozenset("이다는을의에하고가은로지사한어를도기대아나자인서시해그리니있보수것안요습게들만라여드주제문정일전부상과으면스원장")
_WIDE: tuple[tuple[str, frozenset[str]], ...] = (
    ("cp932", frozenset()),
    ("euc_jp", frozenset()),
    ("gb18030", _HAN_SIMPLE),
    ("big5hkscs", _HAN_FULL),
    ("cp949", _HANGUL),
)


def detect(raw: bytes) -> str:
    """The codec under which the bytes read most like a language; "cp1252" when none does. Not for UTF-8 and ASCII: those are certain."""
    wide = _utf_16(raw)
    if wide:
        return wide
    lines = [line for line in raw[:_HEAD].split(b"\n") if not line.isascii()]
    sample = b"\n".join(lines)[:SAMPLE]
    scores = [(_wide(sample, name, usual), name) for name, usual in _WIDE]
    scores += [(_single(sample, name, languages), name) for name, languages in _SINGLE]
    best, name = max(scores, key=lambda pair: pair[0])
    return name if best >= _SURE else "cp1252"


def _utf_16(raw: bytes) -> str:
    """Text of mostly ASCII letters in two octets each: every other octet is zero."""
    head = raw[:1000]
    if len(head) < 4 or len(raw) % 2 or b"\0" not in head:
        return ""
    even, odd, half = head[0::2].count(0), head[1::2].count(0), len(head) // 2
    if odd > 0.6 * half and even * 5 < odd:
        return "utf_16_le"
    return "utf_16_be" if even > 0.6 * half and odd * 5 < even else ""


def _text(sample: bytes, name: str) -> str:
    """The sample read as `name`, "" where it cannot be; the last character may be cut."""
    try:
        return codecs.getincrementaldecoder(name)().decode(sample)
    except (UnicodeError, LookupError):
        return ""


def _wide(sample: bytes, name: str, usual: frozenset[str]) -> float:
    foreign = [char for char in _text(sample, name) if char > "\x7f"]
    if not foreign:
        return 0.0
    odd = sum(1 for char in foreign if "\uff61" <= char <= "\uff9f" or "\ue000" <= char <= "\uf8ff" or char < "\u2000")
    if usual:
        known = sum(1 for char in foreign if char in usual)
    else:
        known = sum(1 for char in foreign if "\u3041" <= char <= "\u30ff")
    # A third of any real text in these languages are the few characters everybody needs.
    return min(1.0, 0.25 + 2.2 * known / len(foreign)) - 1.5 * odd / len(foreign) if known else 0.3 - odd / len(foreign)


@lru_cache(maxsize=64)
def _weights(letters: str) -> dict[str, float]:
    found = {letter: 1.0 - 0.8 * rank / max(len(letters), 20) for rank, letter in enumerate(letters)}
    return {letter.upper(): weight * 0.9 for letter, weight in found.items() if len(letter.upper()) == 1} | found


def _single(sample: bytes, name: str, languages: tuple[str, ...]) -> float:
    """How much like the one of these languages that it is most like."""
    text = _text(sample, name)
    around = f" {text} "
    foreign = [(char, around[at], around[at + 2]) for at, char in enumerate(text) if char > "\x7f"]
    if not foreign:
        return 0.0
    latin = languages in _ALPHABETIC
    stands = sum(_stands(*each, latin=latin) for each in foreign)
    letters = [char for char, _, _ in foreign if char.isalpha() or not latin]
    best = max(sum(_weights(language).get(char, _STRANGE if char.isalpha() else 0.0) for char in letters) for language in languages)
    # Western text is what most unlabelled octets are, above all where only one or two of them could tell.
    bias = 0.05 + 0.5 / len(foreign) ** 2 if name == "cp1252" else _BIAS.get(name, 0.0)
    return (stands + best) / len(foreign) + bias


def _stands(char: str, before: str, after: str, *, latin: bool) -> float:
    """What a character outside ASCII gains or loses by its neighbours."""
    if not char.isalpha():
        if latin or char in _SIGNS:
            inside = before.isalpha() and after.isalpha() and char not in "’´·"
            return -1.0 if inside else 0.7 if char in _SIGNS else -0.2
        return 0.0
    worth = -0.8 if char.isupper() and before.islower() else 0.0
    if latin:
        # Accents stand among plain letters; a row of them is another script.
        return worth - 0.5 if before > "\x7f" and before.isalpha() and after > "\x7f" and after.isalpha() else worth
    if (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha()):
        return worth - 1.0
    # One foreign letter alone is seldom a word.
    return worth if before.isalpha() or after.isalpha() else worth - 0.5
