"""A mail's text beside its HTML: what the elements of the one make certain is carried over to the lines of the other.

Knows letters only: programs wrap lines and write links differently in the two. Pure, and linear in the length of both.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mailgateway import quotes
from mailgateway.quotes import ANSWER, QUOTED, SIGNATURE, Piece, Split
from mailgateway.quoting import html_text

MAX_MARKUP = 512 * 1024
MAX_SAID = 100_000
# Without one of these words the HTML knows no more than the text.
_TELLING = re.compile(
    r"<blockquote|_quote|moz-|divRplyFwdMsg|gmail_|signature|border-top|olk_src|reference-message|stopSpelling", re.IGNORECASE
)
_VARYING = re.compile(r"<?(?:https?://|mailto:|cid:)[^\s<>\])]+[>\])]?|\[(?:cid|image|img|bild)[:\]][^\]\n]{0,200}\]?", re.IGNORECASE)


def told_by(markup: str) -> tuple[str, str]:
    """The letters of the answer and of the signature below it by the HTML's own structure; empty if it tells nothing."""
    if len(markup) > MAX_MARKUP or not _TELLING.search(markup):
        return "", ""
    pieces = [piece for piece in quotes.split(html_text.to_text(markup)).pieces if piece.text.strip()]
    kinds = [piece.kind for piece in pieces]
    if kinds not in ([ANSWER, QUOTED], [ANSWER, SIGNATURE, QUOTED]):
        # Answers between and below quotes are known by their marks, in the text too.
        return "", ""
    answer, signature = letters(pieces[0].text), letters(pieces[1].text) if len(pieces) == 3 else ""
    return (answer, signature) if len(answer) <= MAX_SAID else ("", "")


def letters(text: str) -> str:
    """Letters and digits alone, without addresses of links."""
    return "".join(filter(str.isalnum, _VARYING.sub("", text)))


def agreed(found: Split, *, answer: str, signature: str) -> Split:
    """The text's pieces, drawn anew where its first lines hold the very letters of `answer`; `found` itself where they do not."""
    if not answer or letters(found.answer) == answer or _answers_below(found):
        return found
    text = "".join(piece.text for piece in found.pieces)
    lines = text.splitlines(keepends=True)
    end = _covers(lines, 0, answer)
    if not end:
        return found
    while end < len(lines) and _links_alone(lines[end]):
        end += 1
    signed = (_covers(lines, end, signature) or end) if signature else end
    runs = ((ANSWER, lines[:end]), (SIGNATURE, lines[end:signed]), (QUOTED, lines[signed:]))
    return replace(found, pieces=tuple(Piece(kind, "".join(run)) for kind, run in runs if run))


def _answers_below(found: Split) -> bool:
    """Whether the text's own marks show an answer below a quote, which the other body may hold inside of it."""
    kinds = [piece.kind for piece in found.pieces if piece.text.strip()]
    return QUOTED in kinds and ANSWER in kinds[kinds.index(QUOTED) :]


def _links_alone(line: str) -> bool:
    return not letters(line) and any(map(str.isalnum, line))


def _covers(lines: list[str], begin: int, wanted: str) -> int:
    """The place behind the lines that hold `wanted` and nothing else; 0 when it ends within a line, or differs."""
    at, read = begin, 0
    while at < len(lines) and read < len(wanted):
        here = letters(lines[at])
        if not wanted.startswith(here, read):
            return 0
        read += len(here)
        at += 1
    return at if read == len(wanted) else 0
