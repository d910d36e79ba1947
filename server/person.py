"""`throughline person`: hand out everything about somebody, or erase them. Knows people by their address; draws no record."""

from __future__ import annotations

import os
import time
from pathlib import Path

from rich.console import Console

from chat.actions import erasing
from chat.ledger import copies, cross_out, read
from chat.ledger.append import Refused
from chat.ledger.read import Head
from chat.people import found
from chat.people.found import Person
from chat.people.models import Site
from chat.transcripts import everything
from chat.transcripts.everything import Contents
from server import process

MOST = 100_000
"""Records of one person."""


def export(address: str, file: Path) -> int:
    """Write one archive with every record of theirs and what is known of them. Returns the exit status."""
    out = Console(highlight=False)
    people = found.by_address(address)
    if not people:
        return _nobody(out, address)
    if file.exists():
        out.print(f"{file} is there already. Name another file.")
        return 2
    with process.alone():
        made_at = time.time_ns() // 1000
        heads = [head for person in people for head in _records(person)]
        taken = [(head.conversation, erasing.note_export(head, made_at=made_at)) for head in heads]
    contents = Contents(conversations=tuple(taken), made_at=made_at)
    extra = {f"person-{person.number}.json": found.told(person) for person in people}
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as archive:
        for piece in everything.write(contents, extra=extra):
            archive.write(piece)
        archive.flush()
        os.fsync(archive.fileno())
    out.print(f"{len(taken)} record{'s' if len(taken) != 1 else ''} of {address} in {file}. Each record notes that it was taken.")
    return 0


def erase(address: str, *, by: str, agreed_by: str, ground: str, reason: str, sure: bool) -> int:
    """Erase everybody who is known by this address, from every record and table. Returns the exit status."""
    out = Console(highlight=False)
    if not by.strip() or not agreed_by.strip() or by.strip().casefold() == agreed_by.strip().casefold():
        out.print("Two persons decide about it: name them with --by and --agreed-by.")
        return 2
    people = found.by_address(address)
    if not people:
        return _nobody(out, address)
    records = [(person, head) for person in people for head in _records(person)]
    held = [head for _, head in records if head.state.hold]
    for person, head in records:
        own = "all of it" if head.state.customer.ref == person.ref else "what they said in it"
        out.print(f"{_case(head)}: {own}{f' - on hold ({head.state.hold}), stays' if head.state.hold else ''}")
    if held:
        out.print("Nothing is erased while a record is on hold: release it first, or refuse the wish.")
        return 1
    if not sure:
        out.print(f"{len(records)} {'record' if len(records) == 1 else 'records'} would lose this for good. Say --yes to do it.")
        return 0
    with process.alone():
        try:
            for person in people:
                erasing.erase_person(person.ref, by=f"{by.strip()} and {agreed_by.strip()}", ground=ground, reason=reason)
        except Refused as refusal:
            out.print(f"Stopped: {refusal} Run it again to go on.")
            return 1
        copies.settle(rested=0)
        whole = cross_out.scrub()
    out.print(
        f"{address} is erased from {len(records)} records." + ("" if whole else " Run it again when nobody reads, to clear the log file.")
    )
    return 0


def _records(person: Person) -> list[Head]:
    return read.conversations_of(person.ref, limit=MOST)


def _case(head: Head) -> str:
    return Site.objects.get(pk=head.site).case(head.number)


def _nobody(out: Console, address: str) -> int:
    out.print(f"Nobody confirmed {address}, and nobody came by mail with it.")
    return 2
