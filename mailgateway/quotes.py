"""Splits a mail's text into what its writer says now, what is quoted or passed on, and the signature; marks, never deletes.
Pure, and linear in the text's length.

No regular expression here may look at more than one bounded heading: known reply parsers hang on long runs of "On ".
"""

from __future__ import annotations

from dataclasses import dataclass

from mailgateway.quoting import quote_signs as signs
from mailgateway.quoting.marker_line import MARKER_TOKEN, MARKERS, is_marker, token_follows
from mailgateway.quoting.quote_headings import attribution_lines, header_lines, marked, next_is_quoted, other_mark
from mailgateway.quoting.signed_off import ANSWER, FORWARDED, QUOTED, SIGNATURE, sign

__all__ = ["ANSWER", "FORWARDED", "MARKERS", "MARKER_TOKEN", "QUOTED", "SIGNATURE", "Piece", "Split", "split"]

# Nobody writes that many lines; what follows them is judged as one long line.
MAX_LINES = 10_000
MAX_CHOSEN = 10
SHOWN = (ANSWER, FORWARDED)
"""What a reader sees at once: what somebody passes on is what they want us to read."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of whole lines of one kind: answer | forwarded | quoted | signature."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Split:
    """The pieces in the order of the mail; joined together they are the very text that was given to split()."""

    pieces: tuple[Piece, ...]

    @property
    def answer(self) -> str:
        """All that is for us to read, answers between quotes and forwarded mail included, a blank line between two of them."""
        return _joined(self.pieces, SHOWN)

    @property
    def forwarded(self) -> bool:
        """Whether another mail is passed on within the answer."""
        return any(piece.kind == FORWARDED for piece in self.pieces)

    @property
    def quoted(self) -> str:
        return _joined(self.pieces, (QUOTED,))

    @property
    def signature(self) -> str:
        return _joined(self.pieces, (SIGNATURE,))


def split(text: str, *, forwarded: bool = False) -> Split:
    """Mark each line of `text`. Property: "".join(piece.text for piece in split(text).pieces) == text.

    `forwarded` says that the mail's subject begins with "Fwd:" or the like: what would be history then is what was passed on.
    """
    lines = text.split("\n", MAX_LINES)
    reader = _Reader(lines, forwarded=forwarded)
    kinds = reader.kinds()
    _by_hand(lines, kinds, end=len(lines) if reader.head < 0 else reader.head)
    sign(lines, kinds)
    _keep_something(lines, kinds)
    _blanks(lines, kinds)
    return Split(_pieces(lines, kinds, reader.cuts))


class _Reader:
    """Goes over the lines once, from the top down."""

    def __init__(self, lines: list[str], *, forwarded: bool) -> None:
        self.lines = lines
        self.forwarded = forwarded
        self.marks = [ANSWER] * len(lines)
        self.at = 0
        self.said = False
        self.quoted = False
        self.head = -1
        """Where the first heading of history stands."""
        self.mark = ""
        """What stands before quoted lines besides ">"."""
        self.cuts: dict[int, int] = {}
        """Lines whose first letters, so many, are answer, whatever the rest is."""

    def kinds(self) -> list[str]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.strip():
                self.at += 1
            elif self.said and signs.is_between_arrows(line):
                self._headed()
                return self._rest(QUOTED)
            elif self._is_quoted(line):
                if self._passed_on(line):
                    return self._rest(FORWARDED)
                # A heading that is quoted too: HTML tells of it in languages that nobody here knows.
                if not self.quoted and line.rstrip().endswith((":", "：")):
                    self._headed()
                self._mark(1)
            elif signs.is_forward_line(line):
                return self._rest(FORWARDED)
            elif not self._history():
                return self.marks
        return self.marks

    def _history(self) -> bool:
        """Take the line as what begins history, or as part of the answer; False when all the rest was taken."""
        if is_marker(self.lines, self.at) or token_follows(self.lines, self.at):
            self._headed()
            self._heading_above()
            self._rest(QUOTED)
            return False
        shared = signs.shares_line(self.lines[self.at])
        if shared:
            self.cuts[self.at] = shared
            self.said = True
        length = 1 if shared else attribution_lines(self.lines, self.at)
        block = 0 if length else header_lines(self.lines, self.at)
        taken = length or block
        if taken:
            self._headed()
        if not taken:
            if self.said and signs.is_original_line(self.lines[self.at]):
                self._rest(QUOTED)
                return False
            self.said = True
            self.at += 1
        elif not self.quoted and not shared and (self.forwarded or self._source(block)):
            self._rest(FORWARDED)
            return False
        elif next_is_quoted(self.lines, self.at + taken):
            self._mark(taken)
        elif length and (mark := other_mark(self.lines, self.at + length)):
            self.mark = mark
            self._mark(length)
        elif not self.said and not self.quoted:
            # Without a word above it this is either passed on or answered below: all is shown.
            self.said = True
            self._mark(length)
            self.at += block
        else:
            self._line_above()
            self._rest(QUOTED)
            return False
        return True

    def _headed(self) -> None:
        self.head = self.at if self.head < 0 else self.head

    def _source(self, block: int) -> bool:
        """Whether the copied header is that of a mail as it came in."""
        return any(signs.is_raw_header(line) for line in self.lines[self.at : self.at + block])

    def _line_above(self) -> None:
        """Some programs write an attribution without its colon above a copied header."""
        above = self.at - 1
        while above > 0 and not self.lines[above].strip():
            above -= 1
        if above > 0 and self.marks[above] == ANSWER and signs.is_attribution(f"{self.lines[above].strip()[: signs.MAX_HEADING]}:"):
            self.marks[above] = QUOTED

    def _is_quoted(self, line: str) -> bool:
        # Broken quoted-printable wraps quoted lines at "=", and the rest of such a line has no mark of its own.
        if marked(line) or (self.mark and line.startswith(self.mark)):
            return True
        if self.quoted and signs.is_elided(line):
            return next_is_quoted(self.lines, self.at + 1)
        return self.at > 0 and self.marks[self.at - 1] == QUOTED and self._wrapped(line)

    def _wrapped(self, line: str) -> bool:
        """Whether this is the rest of the quoted line above it, which was too long for somebody's program."""
        above = self.lines[self.at - 1].rstrip()
        if above.endswith("="):
            return True
        below = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""
        if not marked(below) or not marked(above):
            return False
        return (")" in line and above.rfind("(") > above.rfind(")")) or (len(above) >= 60 and line[:1].islower() and above[-1].isalnum())

    def _passed_on(self, line: str) -> bool:
        """Whether the first quote of the mail is one that was passed on."""
        if self.quoted:
            return False
        return signs.is_forward_line(line) or (self.forwarded and bool(signs.label_of(line)))

    def _heading_above(self) -> None:
        """The paragraph right above the marker is a heading in a language that is not known, if it looks like one."""
        end = self.at
        while end and not self.lines[end - 1].strip():
            end -= 1
        begin = end
        while begin and end - begin <= signs.MAX_HEADING_LINES and self.lines[begin - 1].strip() and self.marks[begin - 1] == ANSWER:
            begin -= 1
        paragraph = self.lines[begin:end]
        last = paragraph[-1].rstrip() if paragraph else ""
        labelled = len(paragraph) >= 3 and all(":" in line[:40] or "：" in line[:40] for line in paragraph)
        if labelled or (last.endswith((":", "：")) and len(paragraph) <= 3 and "@" in " ".join(paragraph)[: signs.MAX_HEADING]):
            self.marks[begin:end] = [QUOTED] * len(paragraph)

    def _mark(self, count: int) -> None:
        self.marks[self.at : self.at + count] = [QUOTED] * count
        self.quoted = self.quoted or count > 0
        self.at += count

    def _rest(self, kind: str) -> list[str]:
        self.marks[self.at :] = [kind] * (len(self.lines) - self.at)
        return self.marks


def _by_hand(lines: list[str], kinds: list[str], *, end: int) -> None:
    """A few quoted lines without any heading, answered below, were chosen by the writer: programs quote with a heading, and the whole.

    `end` is where the first heading stands.
    """
    after = False
    while end:
        begin = end - 1
        while begin and (kinds[begin - 1] == kinds[end - 1] or not lines[begin - 1].strip()):
            begin -= 1
        words = sum(bool(line.strip()) for line in lines[begin:end])
        if kinds[end - 1] == QUOTED and after and words <= MAX_CHOSEN:
            kinds[begin:end] = [ANSWER] * (end - begin)
        after = after or (kinds[end - 1] == ANSWER and words > 0)
        end = begin


def _keep_something(lines: list[str], kinds: list[str]) -> None:
    """A mail that holds nothing but a signature, or nothing but quoted lines, says what stands there."""
    shown = {kind for line, kind in zip(lines, kinds, strict=True) if line.strip()}
    bare = shown == {QUOTED} and all(marked(line) for line in lines if line.strip())
    if shown == {SIGNATURE} or bare:
        kinds[:] = [ANSWER] * len(lines)


def _blanks(lines: list[str], kinds: list[str]) -> None:
    """Blank lines between two quoted lines are quoted too, so that a quote is one piece."""
    at = 0
    while at < len(lines):
        if lines[at].strip() or kinds[at] != ANSWER:
            at += 1
            continue
        end = at
        while end < len(lines) and not lines[end].strip() and kinds[end] == ANSWER:
            end += 1
        if at > 0 and end < len(lines) and kinds[at - 1] == kinds[end]:
            kinds[at:end] = [kinds[end]] * (end - at)
        at = end


def _pieces(lines: list[str], kinds: list[str], cuts: dict[int, int]) -> tuple[Piece, ...]:
    runs: list[tuple[str, list[str]]] = []
    last = len(lines) - 1
    for at, line in enumerate(lines):
        cut = cuts.get(at, 0)
        whole = line if at == last else f"{line}\n"
        for kind, text in ((ANSWER, whole[:cut]), (kinds[at], whole[cut:])) if cut else ((kinds[at], whole),):
            if runs and runs[-1][0] == kind:
                runs[-1][1].append(text)
            else:
                runs.append((kind, [text]))
    return tuple(Piece(kind, "".join(texts)) for kind, texts in runs)


def _joined(pieces: tuple[Piece, ...], kinds: tuple[str, ...]) -> str:
    """Pieces of these kinds: a blank line where something else stood between them."""
    return "\n\n".join(text for piece in pieces if piece.kind in kinds and (text := piece.text.strip("\n").rstrip()))
