"""The words that go with a full record: README.txt for whoever opens it, metadata.json for a machine. Knows neither zip nor format."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings

from chat.transcripts.clock import size
from chat.transcripts.plain import inline
from chat.transcripts.survey import Survey
from chat.transcripts.transcript import Transcript, formats

WIDTH = 78
LISTED = 200
"""Lines of each list in README.txt; all of them stand in manifest.json."""
_ABOUT = {
    "metadata.json": "facts about the conversation, for programs",
    "log.txt": "what was done with the case, one line an entry",
    "mails.mbox": "the mails, for a mail program",
    "proof/head.note": "the signed head of the chain of seals",
    "proof/keys.json": "the public keys we sign with",
    "proof/checkpoint.note": "the signed state of all conversations of a day",
    "proof/checkpoint.tlog-proof": "the proof that this one stands in it",
    "proof/verify.py": "checks all this without us",
}
_FOLDERS = {
    "attachments/": "files that were sent",
    "recordings/": "recordings of calls",
    "mails/": "the mails as received and as sent",
}


def words(transcript: Transcript, survey: Survey, files: Sequence[Mapping[str, object]]) -> bytes:
    """README.txt: what this is, what each file is, what is not in it, how to check it."""
    return "".join(f"{line}\r\n" for line in _lines(transcript, survey, files)).encode()


def metadata(transcript: Transcript, survey: Survey) -> dict[str, Any]:
    state, clock = transcript.state, transcript.clock
    return {
        "conversation": str(transcript.conversation),
        "case_number": transcript.case_number,
        "site": transcript.site_name,
        "subject": state.subject,
        "customer": state.customer.name,
        "status": transcript.status,
        "outcome": state.outcome,
        "answered_by": list(transcript.speakers),
        "channels": list(transcript.ways),
        "first_at": clock.machine(transcript.first_at),
        "last_at": clock.machine(transcript.last_at),
        "zone": clock.zone,
        "entries": transcript.upto,
        "seal": transcript.seal,
        "audience": transcript.audience.value,
        "made_at": clock.machine(transcript.made_at),
        "made_for": transcript.made_for,
        "promises": [
            {"entry": p.position, "text": p.text, "by": p.by, "due": clock.machine(p.due), "state": p.state} for p in state.commitments
        ],
        "decision": {"entry": state.decision, "text": state.decision_text} if state.decision else None,
        "withheld": dict(survey.withheld),
        "crossed_out": [{"entry": position, "fields": list(names)} for position, names in survey.crossed_out],
        "mails": [{"entry": mail.position, "path": mail.path, "sha256": mail.digest} for mail in survey.mails],
        "files": [
            {
                "entry": file.position,
                "index": file.index,
                "path": file.path,
                "name": file.name,
                "media_type": file.media_type,
                "size": file.size,
                "sha256": file.digest,
            }
            for file in survey.files
        ],
    }


def _lines(transcript: Transcript, survey: Survey, files: Sequence[Mapping[str, object]]) -> Iterator[str]:
    clock = transcript.clock
    yield inline(f"{transcript.site_name}: full record of {transcript.case_number}")
    yield inline(transcript.state.subject or "No subject")
    yield "=" * WIDTH
    yield ""
    for_whom = f" for {inline(transcript.made_for)}" if transcript.made_for else ""
    yield from _wrapped(
        f"This is everything that was said and done in this conversation, from entry 1 to entry {transcript.upto}, on every channel and in "
        f"order. It was made{for_whom} on {clock.full(transcript.made_at)} ({clock.zone}; {clock.machine(transcript.made_at)}). "
        "It is yours: keep it, print it, pass it on. No other program or account is needed to read it."
    )
    yield from _part("The files", _listed(files))
    yield from _part("What is not in it", _left_out(survey, files))
    yield from _part("How to check it", _check())


def _part(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield from ("", title, "-" * len(title))
    yield from lines


def _listed(files: Sequence[Mapping[str, object]]) -> Iterator[str]:
    labels = {f"transcript.{f.extension}": f"the conversation: {f.label}" for f in formats().values()}
    there = [file for file in files if "missing" not in file]
    for file in there:
        name = str(file["name"])
        about = labels.get(name) or _ABOUT.get(name)
        if about:
            yield f"{name:<28}{about}"
    for folder, about in _FOLDERS.items():
        sizes = [int(str(file["size"])) for file in there if str(file["name"]).startswith(folder)]
        if sizes:
            yield f"{folder:<28}{about}: {len(sizes)}, together {size(sum(sizes))}"
    yield f"{'manifest.json':<28}every file with its size and SHA-256"
    yield ""
    yield from _wrapped("The number at the beginning of a file's name is that of the entry it belongs to.")


def _left_out(survey: Survey, files: Sequence[Mapping[str, object]]) -> Iterator[str]:
    if not survey.withheld and not survey.crossed_out and all("missing" not in file for file in files):
        yield "Nothing is missing, withheld or crossed out."
    for ground, count in survey.withheld.items():
        those = "entry of the team is" if count == 1 else "entries of the team are"
        yield from _item(f"{count} {those} withheld, because {ground}. Each stands in its place with its seal.")
    yield from _some([f"Entry {position}, crossed out for privacy: {', '.join(names)}" for position, names in survey.crossed_out])
    yield from _some([f"{file['name']}: {file['missing']}" for file in files if "missing" in file])


def _check() -> Iterator[str]:
    yield from _wrapped(
        "Each entry is sealed to the one before it, the last seal is signed (proof/head.note), and manifest.json holds a digest of every "
        f"file. To have that checked in your browser, with nothing uploaded, open {settings.PUBLIC_URL}/verify/ and drop the zip there. "
        "Or without us: proof/verify.py needs Python and its package cryptography, and is short enough to be read first:"
    )
    yield ""
    yield "    python3 proof/verify.py the-full-record.zip"
    yield ""
    yield from _wrapped(
        "The signature over the whole zip is offered beside the download (its name ends in .zip.sig). Keep both: whoever holds an earlier "
        "record can show that a later one was altered. What holds means that nothing here was changed since it was sealed, and no more."
    )


def _some(lines: Sequence[str]) -> Iterator[str]:
    for line in lines[:LISTED]:
        yield from _item(inline(line))
    if len(lines) > LISTED:
        yield from _item(f"and {len(lines) - LISTED} more; all of them stand in manifest.json and metadata.json")


def _item(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent="* ", subsequent_indent="  ", break_on_hyphens=False)


def _wrapped(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, break_on_hyphens=False)
