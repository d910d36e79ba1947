"""How the formats are offered on a page: in groups by what they are good for. Knows no format by name and no page."""

from __future__ import annotations

from typing import NamedTuple

from chat.transcripts.transcript import Format, formats

PAPER, DATA, MAIL, RECORD = "paper", "data", "mail", "record"
GROUPS = {PAPER: "To read or print", DATA: "Data", MAIL: "E-mails", RECORD: "Everything in one file"}
"""The groups in the order of the page, and their words."""
_DATA = frozenset({"application/json", "application/jsonl", "application/x-ndjson", "application/x-jsonlines", "text/csv"})
_MAIL = frozenset({"application/mbox", "message/rfc822"})


class Offer(NamedTuple):
    """One button."""

    name: str
    label: str
    icon: str
    hint: str
    """How files of this kind are known: HTML."""
    group: str
    archive: bool


def offers() -> list[Offer]:
    """Every format, group by group; within one by media type, which puts a PDF first and the plain text last."""
    places = list(GROUPS)
    by_type = sorted(formats().values(), key=lambda format_: format_.media_type)
    return sorted(map(_offer, by_type), key=lambda offer: places.index(offer.group))


def _offer(format_: Format) -> Offer:
    return Offer(format_.name, format_.label, format_.icon, format_.extension.upper(), _group(format_), format_.archive)


def _group(format_: Format) -> str:
    media_type = format_.media_type.partition(";")[0].strip()
    if format_.archive:
        return RECORD
    if media_type in _MAIL or format_.in_record == "":
        return MAIL
    return DATA if media_type in _DATA else PAPER
