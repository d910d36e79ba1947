"""In which language a customer writes, of those in which we can write: counted by small words that are of one language only. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mailgateway.sending.letter_words import ENGLISH, WORDS

_ENGLISH = """
    the and you your my is are was have has had not this that with for from would could please thank thanks hello dear what when where how
    it of to by can we they been
"""
_GERMAN = """
    der das und ich ist nicht sie wir mit für auf ein eine einen einer dem den des von zu zum zur bei aus auch noch haben habe hat wurde
    bitte danke hallo guten vielen dank meine mein ihre ihr wann wo wie warum aber oder wenn dass kann könnte können mir mich uns
"""
SMALL_WORDS: Mapping[str, frozenset[str]] = {ENGLISH: frozenset(_ENGLISH.split()), "de": frozenset(_GERMAN.split())}
MOST = 4000
"""Characters that are looked at."""
FEWEST = 2
"""Small words of a language without which nothing is said about it."""
_WORD = re.compile(r"[^\W\d_]+")


def spoken(texts: Iterable[str], *, otherwise: str = ENGLISH) -> str:
    """The language of these texts of one person; `otherwise` where they do not tell."""
    words = _WORD.findall("\n".join(texts)[:MOST].lower())
    counts = {language: sum(word in SMALL_WORDS.get(language, ()) for word in words) for language in WORDS}
    best = max(counts, key=lambda language: (counts[language], language == otherwise))
    return best if counts[best] >= FEWEST else otherwise
