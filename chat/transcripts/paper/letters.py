"""Which characters the fonts here can show, and what stands for those they cannot. Knows fonts and Unicode, no text of anybody."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

import typst

from chat.transcripts.paper import charts

FOLDER = Path(__file__).resolve().parent / "fonts"
FAMILIES = (
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Emoji",
    "Noto Sans Symbols",
    "Noto Sans Symbols2",
    "Noto Sans Math",
)
"""In the order in which they are asked; after them comes whatever font of the machine has the character."""
SCRIPTS = {
    "Chinese": "漢字",
    "Japanese": "かなカナ",
    "Korean": "한글",
    "Arabic": "عربى",
    "Hebrew": "עברית",
    "Greek": "αβγ",
    "Cyrillic": "абв",
    "Thai": "ไทย",
    "Devanagari": "हिन्दी",
    "emoji": "😀👍",
}
"""Scripts that a customer may well write in, with letters to try."""
_PLAIN = "\u024f"
"""Up to here our own font has every character that can be printed."""
_NEVER = frozenset(map(chr, (*range(0x202A, 0x202F), 0xFEFF, *range(0xFFF9, 0xFFFC))))
"""They turn text around or hide it."""
_UNSEEN = frozenset(map(chr, (0xAD, 0x34F, 0x61C, *range(0x200B, 0x2010), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10))))
"""They say how their neighbours are drawn and need no font."""


def fonts() -> typst.Fonts:
    """Ours first, then the machine's. The typesetter's own stay out: nobody can ask what is in them."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[str(FOLDER)])


def stand_ins(characters: Iterable[str], known: typst.Fonts) -> dict[int, str]:
    """For `str.translate`: what is put for each character that cannot be shown, so that it is seen that something stood there."""
    asked = {char for char in characters if (char > _PLAIN or unicodedata.category(char) == "Cc") and char not in _UNSEEN}
    never = {char for char in asked if _unprintable(char)}
    return {ord(char): f"[U+{ord(char):04X}]" for char in never | missing(asked - never, known)}


def missing(characters: Iterable[str], known: typst.Fonts) -> set[str]:
    """Those that no font has."""
    wanted = {ord(char) for char in characters}
    for path in _files(known):
        if not wanted:
            break
        wanted -= charts.has(path, 0, wanted)
    return {chr(point) for point in wanted}


def unreadable() -> list[str]:
    """Names of the scripts for which this machine has no font."""
    known = fonts()
    without = missing("".join(SCRIPTS.values()), known)
    return [script for script, sample in SCRIPTS.items() if without & set(sample)]


def _unprintable(char: str) -> bool:
    # Private use and tags mean nothing without an agreement; PDF/A forbids them, and tags hide text (ISO 19005-3, 6.2.11.7.3).
    return char in _NEVER or unicodedata.category(char) in ("Cc", "Co", "Cn", "Cs") or 0xE0000 <= ord(char) <= 0xE0FFF


def _files(known: typst.Fonts) -> list[Path]:
    """The font files, ours first. The fonts of one collection have the same letters."""
    files = {Path(font.path) for font in known.fonts() if font.path}
    return sorted(files, key=lambda path: (path.parent != FOLDER, path))
