"""The signs by which quoted history and forwards are known; each test looks at a bounded piece of text.

Knows single lines and headings only: the words stand in attribution_words.py and label_words.py, what is done with them in quotes.py.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from mailgateway.quoting import attribution_words, label_words

MAX_HEADING = 400
MAX_HEADING_LINES = 6
MAX_LINE = 320
"""Nothing that a mail program writes is longer; of a longer line only this much is looked at."""

# What no reader sees: directions, joiners, soft hyphens; and the spaces that mail programs put in place of the plain one.
_UNSEEN = dict.fromkeys([0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])
_SPACES = dict.fromkeys([0xA0, 0x202F, 0x3000, *range(0x2000, 0x200B)], " ")
_SHOWN = _UNSEEN | _SPACES

_WROTE = frozenset(attribution_words.WROTE)
_PHRASES = tuple(attribution_words.WROTE_PHRASES)
_WORD = re.compile(r"[^\W\d_]+")
_DAYS = "|".join(sorted(map(re.escape, attribution_words.WEEKDAYS), key=len, reverse=True))
_WEEKDAY = re.compile(rf"(?:{_DAYS})[^\W\d_]{{0,12}}[.,]{{0,2}}(?: |\d|\()")
_DIGIT = re.compile(r"\d")
_CLOCK = re.compile(r"(?<![\d./-])\d{1,2} ?[:.h時时點点시] ?\d{2}(?![\d./-]\d|\d|[.] ?\d)")
_YEAR = re.compile(
    r"(?<!\d)(?:(?:19|20|25)\d\d|[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]{4})(?!\d)|\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2}(?!\d)"
)
_REST_OF_DATE = re.compile(r"\d{4}(?![-./年년]\d| ?[年년])|\d{1,2}:")
_ADDRESS = re.compile(r"[^\s<>\"'(]@[^\s<>\"')]")
_BRACKETED = re.compile(r"[<(\[](?:mailto:)?[^<>()\[\]@]{1,64}@[^<>()\[\]]{1,255}[>)\]]")
_NAMED = re.compile(r"[\"'“„«‹*]?[^\W\d_][^<>:!?;|]{0,70}[<(\[]")
_DATE_NAME_ADDRESS = re.compile(r"(?:19|20)\d\d[-/.年].{0,200}<[^<>\s]{1,320}>:?$")


def _plain(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))


_FORM_FIELDS = frozenset(label_words.FORM_FIELDS)
# Where an attribution begins that was put behind the answer's last words; in capitals, for small ones stand in sentences.
_INNER = re.compile(
    r"(?:[-—_]{2,} ?|(?<=[\s.!?,;:)]))"
    r"(?:On|At|Am|Le|Op|Den|Il giorno|Il|El|Em|No dia|W dniu|Dnia|Dne|Dňa|Στις|На|В|Pada|Vào|在) ?(?=.{0,30}?\d)"
)
_LABEL_OF = {word: label for label, words in reversed(label_words.LABELS.items()) for word in words}
# Some programs, and some people, write without accents.
_LABEL_OF |= {plain: label for word, label in _LABEL_OF.items() if (plain := _plain(word)) not in _LABEL_OF}
MARKS = "*_>|• \t#"
_DASHES = r"[-_=*~‐‑–—━─<>]"


def any_of(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_BETWEEN_DASHES = re.compile(rf"{_DASHES}{{2,}}[ .]?(.{{2,120}}?)[ .]?{_DASHES}{{2,}}:?$")
_ORIGINALS = any_of(label_words.ORIGINAL)
_ORIGINAL = re.compile(
    rf"{_DASHES}{{2,}} ?(?:{_ORIGINALS})(?: ?{_DASHES}{{2,}}.*|\b.{{0,60}})|"
    rf"(?:{_ORIGINALS}) ?{_DASHES}{{2,}}|original message processed by .*"
)
_FORWARD = re.compile(
    rf"{_DASHES}{{2,}} ?(?:{any_of(label_words.FORWARDED)})(?!\w).{{0,80}}|"
    rf"(?:{any_of(label_words.FORWARD_BEGINS)})[ :：]{{0,3}}{_DASHES}{{0,20}}"
)
_FORWARD_SUBJECT = re.compile(rf"(?:\[[^\]]{{1,40}}\] ?)?(?:{any_of(label_words.FORWARD_SUBJECTS)})(?:\[\d+\])? ?[:：]")
_ELIDED = re.compile(
    r"[\[(<{]?(?: ?[.…]){2,6} ?(?:snip|cut)?[^\w]{0,8}|[\[(<{]? ?… ?[^\w]{0,8}|"
    r"[\[(<{] ?(?:snip|snipped|cut|deleted|gek[uü]rzt|coup[eé])[^\w]{0,8}|-{2,} ?(?:snip|cut) ?-{2,}"
)
_RAW_HEADER = re.compile(r"(?:received|return-path|delivered-to|x-original-to): ?\S")
_RULE = re.compile(r"[_\-=*~‐–—━─]{3,}$")


@lru_cache(maxsize=64)
def shown(line: str) -> str:
    """The beginning of a line as a reader sees it: one kind of space, nothing unseen, small letters."""
    text = line[:MAX_LINE]
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_SHOWN)
    return text.strip().lower()


def is_attribution(heading: str, *, above_quote: bool = False) -> bool:
    """Whether "On <date>, <somebody> wrote:" stands here; `heading` is one line, or several joined, at most MAX_HEADING long.

    Above a quoted line less is asked of it: nobody pastes a quote below a sentence that only looks like one.
    """
    low = " ".join(heading.translate(_SHOWN).lower().lstrip(MARKS).rstrip("*_ \t").split())
    if not 6 <= len(low) <= MAX_HEADING:
        return False
    ending = low.rstrip(":： *_")
    closed = low.rstrip("*_ ").endswith((":", "："))
    last = _WORD.findall(ending[-24:])
    at_end = ending.endswith(_PHRASES) or (bool(last) and last[-1] in _WROTE and not ending[-1].isdigit())
    if not closed and not at_end:
        return bool(_DATE_NAME_ADDRESS.match(low))
    words = _WORD.findall(low)
    wrote = at_end or any(word in _WROTE for word in words) or any(phrase in low for phrase in _PHRASES)
    bracketed = bool(_BRACKETED.search(low))
    addressed = bracketed or bool(_ADDRESS.search(low))
    clock, year = bool(_CLOCK.search(low)), bool(_YEAR.search(low))
    if not wrote:
        if above_quote:
            return bracketed
        # Programs of Japan, Russia, Israel and others put date, name and address with a bare colon.
        return closed and bracketed and (clock or year) and ((clock and year) or _opened(low))
    opened = _opened(low) and bool(_DIGIT.search(low))
    if above_quote:
        return opened or addressed or at_end
    if not closed:
        return bracketed and (clock or year)
    if addressed:
        return opened or at_end or clock or year
    return clock and year and (opened or at_end or len(low) <= 100) and not _speaks(words)


def _opened(low: str) -> bool:
    return low.startswith(attribution_words.OPENINGS) or bool(_WEEKDAY.match(low)) or bool(_DIGIT.match(low))


def _speaks(words: list[str]) -> bool:
    """ "On 12 May I wrote:" is somebody who speaks, not a program."""
    return any(
        (word in _WROTE) and ((at and words[at - 1] in attribution_words.SPEAKERS) or words[at + 1 : at + 2] == ["ich"])
        for at, word in enumerate(words)
    )


def may_attribute(line: str) -> bool:
    """A cheap look whether an attribution can begin at this line."""
    low = shown(line).lstrip(MARKS)
    return bool(low) and (
        _opened(low) or bool(_NAMED.match(low)) or (low.endswith((":", "：")) and ("@" in low or bool(_CLOCK.search(low))))
    )


def shares_line(line: str) -> int:
    """Where in the line an attribution begins that somebody's words stand in front of; 0 when there is none."""
    if len(line) > 2 * MAX_HEADING or not may_end_attribution(line):
        return 0
    for number, found in enumerate(_INNER.finditer(line)):
        if number >= 5:
            break
        if line[: found.start()].strip(MARKS) and is_attribution(line[found.start() :].lstrip("-—_ ")):
            return found.start()
    return 0


def begins_with_date(line: str) -> bool:
    """Whether an attribution of several lines may begin here: its first words say when, or who."""
    low = shown(line).lstrip(MARKS)
    return (_opened(low) and bool(_DIGIT.search(low[:60]))) or bool(_NAMED.match(low))


def opens_with_year(line: str) -> bool:
    """Whether an attribution begins with this very line, and does not go on in it: with a word of its own before the date."""
    low = shown(line).lstrip(MARKS)
    goes_on = line.lstrip(MARKS)[:1].islower() and not _WEEKDAY.match(low)
    return not goes_on and _opened(low) and not _REST_OF_DATE.match(low) and bool(_YEAR.search(low[:80]) or _CLOCK.search(low[:80]))


def may_end_attribution(line: str) -> bool:
    """Whether an attribution can end with this line."""
    text = line.rstrip("*_ \t\r\xa0\u200e\u200f\u202c")
    return text.endswith((":", "：", ">")) or text[-24:].rpartition(" ")[2].lower() in _WROTE


def wrote_alone(line: str) -> bool:
    """ "Dave Tapley wrote:" with no date and no address; counts only when a quoted line follows."""
    low = shown(line).strip("*_ ")
    ending = low.rstrip(":： ")
    if len(low) > 160 or ending == low:
        return False
    last = _WORD.findall(ending[-24:])
    return ending.endswith(_PHRASES) or (bool(last) and last[-1] in _WROTE)


def label_of(line: str) -> str:
    """from | sent | to | subject | cc when the line looks like one of the header lines which programs copy into replies, else ""."""
    word, colon, _ = shown(line[:64]).lstrip(MARKS).replace("：", ":").partition(":")
    return _LABEL_OF.get(word.strip(MARKS), "") if colon else ""


def is_form_field(line: str) -> bool:
    """Whether this is a field of a form on a web page."""
    word, colon, _ = shown(line[:64]).lstrip(MARKS).replace("：", ":").partition(":")
    return bool(colon) and word.strip(MARKS) in _FORM_FIELDS


def tells_when(line: str) -> bool:
    low = shown(line)
    return bool(_CLOCK.search(low) and _YEAR.search(low))


def has_address(line: str) -> bool:
    return bool(_ADDRESS.search(line[:MAX_LINE]))


def labels_in(line: str) -> set[str]:
    """All labels of a copied header that was run together into one line."""
    words = shown(line).replace("：", ":").split(":")[:12]
    return {label for word in words if (label := _LABEL_OF.get(word.rpartition("*")[2].strip(MARKS)) or _last_word(word))}


def _last_word(text: str) -> str:
    found = text.split()
    return _LABEL_OF.get(found[-1].strip(MARKS), "") if found else ""


def is_original_line(line: str) -> bool:
    """ "-----Original Message-----" in one of the languages, or "---- On Tue, Tom wrote ----"."""
    low = shown(line).strip("> ") if len(line) <= 1000 else ""
    if len(low) < 6 or not (low[0] in "-_=*~‐‑–—━─<" or low.startswith("original") or low[-1] in "-_="):
        return False
    if _ORIGINAL.fullmatch(low):
        return True
    within = _BETWEEN_DASHES.match(low)
    return within is not None and (is_attribution(f"{within[1]}:") or wrote_alone(f"{within[1]}:"))


def is_between_arrows(line: str) -> bool:
    """ ">>> Tom <tom@shop.example> 03.03.2026 10:12 >>>", as GroupWise puts it above what has no marks."""
    low = shown(line)
    held = low.strip("> ")
    return (
        low.startswith(">>>") and low.endswith(">>>") and bool(_CLOCK.search(held) or _BRACKETED.search(held)) and bool(_DIGIT.search(held))
    )


def is_dashed(line: str) -> bool:
    """Words between dashes, in any language: a rule if a copied header follows."""
    return len(line) <= 160 and bool(_BETWEEN_DASHES.match(shown(line)))


def is_forward_line(line: str) -> bool:
    """ "---------- Forwarded message ----------" and the like."""
    return len(line) <= 200 and bool(_FORWARD.fullmatch(shown(line).strip("*> ")))


def is_forward_subject(subject: str) -> bool:
    """Whether the subject says that this mail was passed on: "Fwd: ", "WG: ", "转发："."""
    return bool(_FORWARD_SUBJECT.match(shown(subject[:100])))


def is_elided(line: str) -> bool:
    """ "[...]" or "<snip>", which people put in place of what they do not quote."""
    return len(line) <= 40 and bool(_ELIDED.fullmatch(shown(line)))


def is_raw_header(line: str) -> bool:
    """A header line that servers add: programs copy none into answers, so somebody passed on the very source of a mail."""
    return bool(_RAW_HEADER.match(shown(line)))


def is_rule(line: str) -> bool:
    """A line of underscores, dashes or equal signs."""
    text = line.strip("\r\n \t*>")
    return 3 <= len(text) <= 200 and bool(_RULE.match(text))
