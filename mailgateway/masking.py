"""Masks numbers that a site does not want to keep in a mail that came in: in what was parsed of it, and in the raw mail that is kept.

Attached files stay as they came, but for texts inside of the raw mail. Knows neither the ledger's tables nor where mails are kept.
"""

from __future__ import annotations

import re
from dataclasses import replace
from email.header import Header

import msgspec

from chat.events.erasure import ArrivalMasked
from chat.events.talk import MessageSaid
from chat.ledger.append import Command, CompanionRow, Crosses, Fact, Named
from chat.ledger.received import Arrival
from chat.people.masking import NOTHING, Rules, rules_of
from chat.people.models import Site
from mailgateway import addresses, originals, rewrite
from mailgateway.reading import headers
from mailgateway.reading.parsed import ParsedMail

TOLD = b"X-Throughline-Masked: numbers that are not kept"
"""The header line that says what was done to a mail."""
_TITLES = frozenset({b"subject", b"thread-topic", b"comments", b"keywords"})
"""Fields of the head in which somebody writes; the second is a copy of the first that some programs make."""
_BLANK = re.compile(rb"\r?\n\r?\n")
# These begin where a word or a number begins and give nothing back: a long one costs no more than its length.
_FIELD = re.compile(rb"(?<![!-9;-~])([!-9;-~]++)[ \t]*+:[^\n]*+\n?(?:[ \t][^\n]*+\n?)*+")
_MARKUP = r"(?:<[^<>]{0,200}>|&(?:nbsp|#160|#x0*a0|#8209|#x0*2011);){1,4}"
_IN_MARKUP = re.compile(rf"(?<!\d)\d++(?:[ \u00a0-]?{_MARKUP}[ \u00a0-]?\d++|[ \u00a0-]\d++)+", re.IGNORECASE)
_MARKUPS = re.compile(rf"[ \u00a0-]?{_MARKUP}[ \u00a0-]?", re.IGNORECASE)


def rules_for(arrival: Arrival) -> Rules:
    """The rules of the site that the mail is addressed to."""
    site = Site.objects.filter(pk=addresses.site_of(tuple(arrival.envelope.get("recipients", ())))).first()
    return rules_of(site) if site else NOTHING


def kept(raw: bytes, rules: Rules) -> bytes:
    """The mail as it is kept: without link secrets, and with numbers masked. `raw` itself if there is nothing to take out."""
    clean = originals.clean(raw)
    masked = _head_masked(rewrite.rewritten(clean, lambda text: _text_masked(text, rules)), rules)
    if masked == clean:
        return clean
    return TOLD + (b"\r\n" if b"\r\n" in raw[:4096] else b"\n") + masked


def parsed(mail: ParsedMail, rules: Rules) -> tuple[ParsedMail, tuple[str, ...]]:
    """What was parsed of the mail, with numbers masked, and what each of them was."""
    text, found = rules.masked(mail.text)
    subject, more = rules.masked(mail.subject)
    entry, also = rules.masked("\n".join(mail.invitation))
    if not found and not more and not also:
        return mail, ()
    lines = tuple(entry.split("\n")) if entry else ()
    return msgspec.structs.replace(mail, text=text, subject=subject, html=_text_masked(mail.html, rules), invitation=lines), (
        found + more + also
    )


def told(command: Command, what: tuple[str, ...]) -> Command:
    """The command with a note, right behind the message, that numbers in it were masked."""
    place = next((n for n, fact in enumerate(command.facts, 1) if isinstance(fact.body, MessageSaid)), 0)
    if not what or not place:
        return command
    said = command.facts[place - 1]
    note = Fact(
        conversation=said.conversation, body=ArrivalMasked(what=what, raw=True), actor="system", channel="system", key=f"masked:{said.key}"
    )
    rows = tuple(_moved(row, place) for row in command.rows)
    return replace(command, facts=(*command.facts[:place], note, *command.facts[place:]), rows=rows)


def _moved(row: CompanionRow, place: int) -> CompanionRow:
    return replace(row, fact=row.fact + 1) if isinstance(row, Named | Crosses) and row.fact >= place else row


def _text_masked(text: str, rules: Rules) -> str:
    """A text of a mail; in one that was not decoded each octet is a letter, also of UTF-8."""
    octets = text
    try:
        text = octets.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        octets = ""
    masked, _ = rules.masked(text)
    masked = _IN_MARKUP.sub(lambda run: _run_masked(run[0], rules), masked)
    return masked.encode("utf-8").decode("latin-1") if octets else masked


def _run_masked(run: str, rules: Rules) -> str:
    """Digits with markup in between, which no reader sees. Without any they were looked at before."""
    if "<" not in run and "&" not in run:
        return run
    masked, found = rules.masked(_MARKUPS.sub(" ", run))
    return masked if found else run


def _head_masked(raw: bytes, rules: Rules) -> bytes:
    end = _BLANK.search(raw)
    head = raw[: end.start()] if end else raw
    if len(head) > headers.MAX_BLOCK:
        return raw
    return _FIELD.sub(lambda field: _field_masked(field, rules), head) + raw[len(head) :]


def _field_masked(field: re.Match[bytes], rules: Rules) -> bytes:
    whole: bytes = field[0]
    if field[1].lower() not in _TITLES:
        return whole
    ((_, value),) = headers.fields(whole.rstrip(b"\r\n")) or [("", "")]
    masked, found = rules.masked(headers.words(value))
    if not found:
        return whole
    line = masked if masked.isascii() else Header(masked, "utf-8", maxlinelen=900).encode()
    return field[1] + b": " + line.encode("ascii", "replace") + whole[len(whole.rstrip(b"\r\n")) :]
