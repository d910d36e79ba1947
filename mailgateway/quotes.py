"""Splits a mail's text into what its writer says now, what is quoted, and the signature; marks, never deletes.
Pure, and linear in the text's length.

No regular expression here may look at more than one bounded heading: known reply parsers hang on long runs of "On ".
"""

from __future__ import annotations

from dataclasses import dataclass

from mailgateway import quote_signs as signs

# The line above which customers write their answer. The token is for sites with words of their own; it never changes.
MARKER_TOKEN = "[#tl-above#]"  # noqa: S105
MARKERS = {
    "en": "-- Write your answer above this line. It reaches the same conversation. --",
    "de": "-- Schreiben Sie Ihre Antwort über diese Zeile. Sie erreicht dieselbe Unterhaltung. --",
    "fr": "-- Écrivez votre réponse au-dessus de cette ligne. Elle rejoint la même conversation. --",
    "nl": "-- Schrijf uw antwoord boven deze regel. Het komt in hetzelfde gesprek. --",
    "da": "-- Skriv dit svar over denne linje. Det når den samme samtale. --",
    "sv": "-- Skriv ditt svar ovanför den här raden. Det når samma samtal. --",
    "pl": "-- Napisz odpowiedź powyżej tej linii. Trafi do tej samej rozmowy. --",
    "ja": "-- この行より上に返信をお書きください。同じ会話に届きます。 --",
    "it": "-- Scriva la Sua risposta sopra questa riga. Arriva nella stessa conversazione. --",
    "es": "-- Escriba su respuesta encima de esta línea. Llega a la misma conversación. --",
    "pt": "-- Escreva a sua resposta acima desta linha. Ela chega à mesma conversa. --",
    "ru": "-- Напишите ответ над этой строкой. Он попадёт в тот же разговор. --",
}
_MARKER_HEADS = tuple(text.strip("- ").split(".", 1)[0].split("。", 1)[0].lower() for text in MARKERS.values())

# Nobody writes that many lines; what follows them is judged as one long line.
MAX_LINES = 10_000

ANSWER, QUOTED, SIGNATURE = "answer", "quoted", "signature"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of whole lines of one kind: answer | quoted | signature."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Split:
    """The pieces in the order of the mail; joined together they are the very text that was given to split()."""

    pieces: tuple[Piece, ...]

    @property
    def answer(self) -> str:
        """All answer pieces, answers between quotes included, a blank line between two of them."""
        return _joined(self.pieces, ANSWER)

    @property
    def quoted(self) -> str:
        return _joined(self.pieces, QUOTED)

    @property
    def signature(self) -> str:
        return _joined(self.pieces, SIGNATURE)


def split(text: str) -> Split:
    """Mark each line of `text`. Property: "".join(piece.text for piece in split(text).pieces) == text."""
    lines = text.split("\n", MAX_LINES)
    kinds = _quoting(lines)
    _sign(lines, kinds)
    _keep_something(lines, kinds)
    _blanks(lines, kinds)
    return Split(_pieces(lines, kinds))


def _quoting(lines: list[str]) -> list[str]:
    """answer or quoted for each line, from the top down."""
    kinds = [ANSWER] * len(lines)
    said_something = False
    at = 0
    while at < len(lines):
        line = lines[at]
        stripped = line.strip()
        if not stripped:
            at += 1
            continue
        # Broken quoted-printable wraps quoted lines at "=", and the rest of such a line has no mark of its own.
        if stripped.startswith(">") or (at and kinds[at - 1] == QUOTED and lines[at - 1].endswith("=")):
            kinds[at] = QUOTED
            at += 1
            continue
        if signs.is_forward_line(line):
            # What somebody forwards is what they want us to read.
            return kinds
        length = _heading(lines, at)
        if length and _next_is_quoted(lines, at + length):
            kinds[at : at + length] = [QUOTED] * length
            at += length
            continue
        if length or _cut(lines, at):
            block = not length and not _is_marker(line)
            if block and not said_something:
                # Header lines at the very top belong to a forwarded mail without any word of its own.
                at += _block(lines, at) or 1
                said_something = True
                continue
            for index in range(at, len(lines)):
                kinds[index] = QUOTED
            return kinds
        said_something = True
        at += 1
    return kinds


def _heading(lines: list[str], at: int) -> int:
    """Number of lines which an attribution takes from here, 0 when there is none."""
    if not signs.may_attribute(lines[at]):
        return int(signs.wrote_alone(lines[at]) and _next_is_quoted(lines, at + 1))
    if not any(signs.may_end_attribution(line) for line in lines[at : at + signs.MAX_HEADING_LINES]):
        return 0
    heading = ""
    for taken in range(1, signs.MAX_HEADING_LINES + 1):
        if at + taken > len(lines):
            return 0
        line = lines[at + taken - 1].strip()
        if not line or len(heading) + len(line) > signs.MAX_HEADING or (taken > 1 and line.startswith(">")):
            return 0
        # A soft break of quoted-printable that was never decoded joins without a space.
        heading = heading[:-1] + line if heading.endswith("=") else f"{heading} {line}".strip()
        if signs.is_attribution(heading):
            return taken
    return 0


def _cut(lines: list[str], at: int) -> bool:
    """Whether everything from this line on is history."""
    line = lines[at]
    return _is_marker(line) or signs.is_original_line(line) or _block(lines, at) > 0


def _is_marker(line: str) -> bool:
    if MARKER_TOKEN in line:
        return True
    low = line[:120].strip("-*> \t").lower()
    return low.startswith(_MARKER_HEADS)


def _block(lines: list[str], at: int) -> int:
    """Number of lines of a copied header block (From, Sent, To, Subject) from here, a rule above it included; 0 when there is none."""
    begin = at
    if signs.is_rule(lines[at]):
        at = _after_blanks(lines, at + 1, limit=2)
    found: set[str] = set()
    if at >= len(lines) or signs.label_of(lines[at]) != "from":
        return 0
    # A wrapped list of recipients may stand between two labels; blank lines may not stand inside.
    unlabelled = 0
    while at < len(lines) and lines[at].strip() and unlabelled <= 3:
        label = signs.label_of(lines[at])
        unlabelled = 0 if label else unlabelled + 1
        if label in found and label == "from":
            break
        if label:
            found.add(label)
        at += 1
    enough = len(found) >= 3 and bool(found & {"sent", "subject"})
    return at - begin if enough else 0


def _after_blanks(lines: list[str], at: int, *, limit: int) -> int:
    while at < len(lines) and limit and not lines[at].strip():
        at += 1
        limit -= 1
    return at


def _next_is_quoted(lines: list[str], at: int) -> bool:
    after = _after_blanks(lines, at, limit=6)
    return after < len(lines) and lines[after].lstrip().startswith(">")


def _sign(lines: list[str], kinds: list[str]) -> None:
    """Mark signatures: from a delimiter to the end of its stretch of answer, and short closing lines at such an end."""
    begin = 0
    while begin < len(lines):
        if kinds[begin] != ANSWER:
            begin += 1
            continue
        end = begin
        while end < len(lines) and kinds[end] == ANSWER:
            end += 1
        start = _signature_start(lines, begin, end)
        kinds[start:end] = [SIGNATURE] * (end - start)
        begin = end


def _signature_start(lines: list[str], begin: int, end: int) -> int:
    for at in range(begin, end):
        if signs.is_forward_line(lines[at]):
            # Nothing after this line was signed by the sender.
            return end
        text = lines[at].rstrip()
        if text == "--" or (text.startswith("____") and signs.is_rule(text)):
            return _with_name(lines, begin, at)
    last = end
    while last > begin and not lines[last - 1].strip():
        last -= 1
    if last > begin and signs.is_device_line(lines[last - 1]):
        return last - 1
    return _with_name(lines, begin, end)


def _with_name(lines: list[str], begin: int, at: int) -> int:
    """`at`, or the line of a "-Nadia Lang" directly above it."""
    last = at
    while last > begin and not lines[last - 1].strip():
        last -= 1
    if last - 1 > begin and signs.is_name_sign(lines[last - 1]) and not lines[last - 2].strip():
        return last - 1
    return at


def _keep_something(lines: list[str], kinds: list[str]) -> None:
    """A mail that holds nothing but a signature says what stands there."""
    shown = {kind for line, kind in zip(lines, kinds, strict=True) if line.strip()}
    if shown == {SIGNATURE}:
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


def _pieces(lines: list[str], kinds: list[str]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    begin = 0
    for at in range(1, len(lines) + 1):
        if at == len(lines) or kinds[at] != kinds[begin]:
            ending = "" if at == len(lines) else "\n"
            pieces.append(Piece(kinds[begin], "\n".join(lines[begin:at]) + ending))
            begin = at
    return tuple(pieces)


def _joined(pieces: tuple[Piece, ...], kind: str) -> str:
    return "\n\n".join(text for piece in pieces if piece.kind == kind and (text := piece.text.strip("\n").rstrip()))
