"""The line above which customers write their answer: its words in each language, and how it is known in answers. Pure."""

from __future__ import annotations

import html

# The token is for sites with words of their own; it never changes.
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
_TOKEN = MARKER_TOKEN.strip("[]#").lower()
_HEADS = tuple(text.strip("- ").split(".", 1)[0].split("。", 1)[0].lower() for text in MARKERS.values())
_BEGINNINGS = tuple(head[:7] for head in _HEADS)
_AROUND = "-–—*>|_ \t\xa0\u200b\u200e\u200f"


def is_marker(lines: list[str], at: int) -> bool:
    """Whether the marker begins at this line: quoted, wrapped, with its dashes turned into one, or as entities of HTML."""
    line = lines[at]
    if "tl-above" in line.lower():
        return True
    low = line[:160].strip(_AROUND).lower()
    if "&" in low:
        low = html.unescape(low).strip(_AROUND)
    if low.startswith(_HEADS):
        return True
    if not low.startswith(_BEGINNINGS):
        return False
    following = lines[at + 1][:160].strip(_AROUND).lower() if at + 1 < len(lines) else ""
    # Sites with words of their own have the token, which may have come to stand on a line of its own.
    return f"{low} {following}".startswith(_HEADS)


def token_follows(lines: list[str], at: int) -> bool:
    """Whether this line is the first half of a marker in a site's own words, whose token was wrapped onto the next one or two lines."""
    begins = lines[at].lstrip("> |*\t")[:2] in {"--", "—", "– "}
    return begins and any(_TOKEN in line.lower() for line in lines[at + 1 : at + 3])
