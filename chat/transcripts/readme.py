"""The words that go with a full record: README.txt for whoever opens it, metadata.json for a machine. Knows neither zip nor format."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings

from chat.transcripts.clock import Clock, size
from chat.transcripts.plain import inline
from chat.transcripts.reading import FORMATS
from chat.transcripts.survey import Survey
from chat.transcripts.transcript import Transcript, file_name, formats

WIDTH = 78
LISTED = 200
"""Lines of each list in README.txt; all of them stand in manifest.json."""
ABOUT = {
    "metadata.json": "facts about the conversation, for programs",
    "log.txt": "what was done with the case, one line an entry",
    "mails.mbox": "the mails, for a mail program",
    "proof/head.note": "the signed head of the chain of seals",
    "proof/keys.json": "the public keys we sign with",
    "proof/checkpoint.note": "the signed state of all conversations of a day",
    "proof/checkpoint.tlog-proof": "the proof that this one stands in it",
    "proof/verify.py": "checks all this without us",
    "manifest.json": "every file with its size and SHA-256",
}
FOLDERS = {
    "attachments/": "files that were sent",
    "recordings/": "recordings of calls",
    "mails/": "the mails as received and as sent",
}


def words(transcript: Transcript, survey: Survey, files: Sequence[Mapping[str, object]]) -> bytes:
    """README.txt: what this is, what each file is, what is not in it, how to check it."""
    return "".join(f"{line}\r\n" for line in _lines(transcript, survey, files)).encode()


def moment(clock: Clock, micros: int) -> dict[str, str]:
    """A time as the words of a README name it: when, in which zone, in UTC."""
    return {"when": clock.full(micros), "zone": clock.zone, "utc": clock.machine(micros)}


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
    yield clock.say("{site}: full record of {case}", site=transcript.site_name, case=transcript.case_number)
    yield transcript.subject or clock.say("No subject")
    yield "=" * WIDTH
    yield ""
    yield from _wrapped(
        clock.say(
            "This is everything that was said and done in this conversation, from entry 1 to entry {upto}, on every channel and in order.",
            upto=transcript.upto,
        )
    )
    yield from _wrapped(clock.say("It was made on {when} ({zone}; {utc}).", **moment(clock, transcript.made_at)))
    if transcript.made_for:
        yield from _wrapped(clock.say("It was made for {name}.", name=transcript.made_for))
    yield from _wrapped(clock.say("It is yours: keep it, print it, pass it on. No other program or account is needed to read it."))
    yield from _part(clock.say("The files"), _listed(clock, files))
    yield from _part(clock.say("What is not in it"), _left_out(clock, survey, files))
    yield from _part(clock.say("How to check it"), _check(transcript))


def _part(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield from ("", title, "-" * len(title))
    yield from lines


def _listed(clock: Clock, files: Sequence[Mapping[str, object]]) -> Iterator[str]:
    labels = {f"transcript.{f.extension}": clock.say(FORMATS.get(f.name, f.label)) for f in formats().values()}
    about = {name: clock.say("the conversation: {format}", format=label) for name, label in labels.items()}
    about |= {name: clock.say(words) for name, words in ABOUT.items()}
    there = [file for file in files if "missing" not in file]
    for name in (*(str(file["name"]) for file in there), "manifest.json"):
        if name in about:
            yield f"{name:<28}{about[name]}"
    for folder, words in FOLDERS.items():
        sizes = [int(str(file["size"])) for file in there if str(file["name"]).startswith(folder)]
        if sizes:
            yield f"{folder:<28}{clock.say(words)}: {len(sizes)}, {size(sum(sizes))}"
    yield ""
    yield from _wrapped(clock.say("The number at the beginning of a file's name is that of the entry it belongs to."))


def _left_out(clock: Clock, survey: Survey, files: Sequence[Mapping[str, object]]) -> Iterator[str]:
    if not survey.withheld and not survey.crossed_out and all("missing" not in file for file in files):
        yield clock.say("Nothing is missing, withheld or crossed out.")
    for ground, count in survey.withheld.items():
        why = clock.say(ground)
        yield from _item(clock.say("Withheld entries of the team: {count}, because {why}. Each stands in its place.", count=count, why=why))
    crossed = clock.say("Crossed out for privacy")
    yield from _some(clock, [f"{crossed}: [{position}] {', '.join(map(clock.part, names))}" for position, names in survey.crossed_out])
    yield from _some(clock, [f"{file['name']}: {clock.say(str(file['missing']))}" for file in files if "missing" in file])


def _check(transcript: Transcript) -> Iterator[str]:
    clock = transcript.clock
    yield from _wrapped(
        clock.say(
            "Each entry is sealed to the one before it, the last seal is signed (proof/head.note), and manifest.json holds a digest "
            "of every file. To have that checked in your browser, with nothing uploaded, open {address} and drop the zip there. "
            "Or without us: proof/verify.py needs Python and its package cryptography, and is one file that can be read first:",
            address=f"{settings.PUBLIC_URL}/verify/",
        )
    )
    yield from ("", f"    python3 proof/verify.py {file_name('full-record', transcript.case_number)}", "")
    yield from _wrapped(
        clock.say(
            "The signature over the whole zip is offered beside the download; its name ends in .zip.sig. Keep both: "
            "whoever holds an earlier record can show that a later one was altered. "
            "If all holds, nothing here was changed since it was sealed: that, and no more."
        )
    )


def _some(clock: Clock, lines: Sequence[str]) -> Iterator[str]:
    for line in lines[:LISTED]:
        yield from _item(inline(line))
    if len(lines) > LISTED:
        yield from _item(clock.say("and {count} more; all of them stand in manifest.json and metadata.json", count=len(lines) - LISTED))


def _item(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent="* ", subsequent_indent="  ", break_on_hyphens=False)


def _wrapped(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, break_on_hyphens=False)
