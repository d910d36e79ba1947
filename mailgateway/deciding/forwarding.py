"""Mail that somebody passes on: whether it is passed on, and whose words it carries. Pure; knows no conversation.

The words of header lines stand in label_words.py; here is how a copied head is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailgateway.reading import headers
from mailgateway.reading.parsed import Mailbox, ParsedMail

# Not those that mean an answer in another language, as VS does in Finland and I in Italy's neighbours.
SUBJECTS = ("fwd", "fw", "wg", "tr", "rv", "enc", "doorst", "vb", "vl", "pd", "i", "wtr", "trf", "reenv", "转发", "轉寄", "転送", "전달")
MAX_LINES = 400
"""Lines in which the copied head is looked for."""
_SUBJECT = re.compile(rf"\s*(?:\[[^\]]{{1,40}}\]\s*)?(?:{'|'.join(SUBJECTS)})\s*[:：]", re.IGNORECASE)
_MARKS = "*_>|• \t\u00a0"
_FIELD = re.compile(r"([^\W\d_][^:：@<>]{0,40}?)\s*[:：]\s*(.{0,400})")


@dataclass(frozen=True, slots=True)
class PassedOn:
    """Somebody else's mail inside of a mail."""

    author: Mailbox
    subject: str
    comment: str
    """What the one who passed it on wrote above it."""
    text: str
    """The words of its author; empty if they stand in an attached mail."""


def is_forwarded(mail: ParsedMail) -> bool:
    """By its subject or by a header of RFC 5322 section 3.6.6."""
    return "resent-from" in mail.signals or bool(_SUBJECT.match(mail.subject))


def bare_subject(subject: str) -> str:
    """The subject without the prefixes of forwarding programs."""
    while (found := _SUBJECT.match(subject)) is not None:
        subject = subject[found.end() :]
    return subject.strip()


def passed_on(mail: ParsedMail, labels: Mapping[str, Sequence[str]]) -> PassedOn | None:
    """The mail that stands copied in this one's text, with its head; None if there is no head with an author in it."""
    names = {word: label for label, words in labels.items() for word in words}
    lines = mail.text.split("\n", MAX_LINES)
    for at in range(min(len(lines), MAX_LINES)):
        if (head := _head(lines, at, names)) is not None:
            fields, end = head
            author = next(iter(headers.addresses(fields["from"].replace("[mailto:", "<").replace("]", ">"))), None)
            if author is None or "@" not in author.address:
                continue
            comment = _without_rule("\n".join(lines[:at]))
            subject = fields.get("subject", "").strip("* ") or bare_subject(mail.subject)
            return PassedOn(author, subject, comment, _unquoted("\n".join(lines[end:])).strip())
    return None


def _head(lines: Sequence[str], at: int, names: Mapping[str, str]) -> tuple[dict[str, str], int] | None:
    """The fields of a copied head that begins at this line, and the line behind it. Two fields beside the author make a head."""
    found: dict[str, str] = {}
    end = at
    for end in range(at, min(at + 12, len(lines))):
        line = lines[end].strip(_MARKS)
        if not line:
            if found:
                break
            return None
        field = _FIELD.match(line)
        label = names.get(field[1].strip(_MARKS).lower(), "") if field else ""
        if field and label:
            found.setdefault(label, field[2].strip(_MARKS))
        elif not found:
            return None
        else:
            # A long value goes on in the next line.
            continue
    return (found, end) if "from" in found and len(found) >= 3 else None


def _without_rule(text: str) -> str:
    """What was written above, without the line of dashes that the program put between."""
    kept = text.rstrip().split("\n")
    while kept and (not kept[-1].strip() or re.fullmatch(r"\s*[-_=*>]{2,}.{0,80}|.{0,60}[:：]\s*", kept[-1])):
        kept.pop()
    return "\n".join(kept).strip()


def _unquoted(text: str) -> str:
    lines = text.strip("\n").split("\n")
    if all(line.startswith(">") or not line.strip() for line in lines):
        return "\n".join(line[1:].removeprefix(" ") if line.startswith(">") else line for line in lines)
    return text
