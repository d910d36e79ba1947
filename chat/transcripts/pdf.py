"""The transcript as PDF: tagged, made to be archived (PDF/A-3), with the machine-readable transcript inside. Knows what a transcript holds.

The words are handed to the typesetter as data and never as markup; how they look on the page stands in paper/transcript.typ.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import orjson
from django.conf import settings

from chat.ledger.state import Commitment
from chat.transcripts.clock import SECOND
from chat.transcripts.paper import press, sheet
from chat.transcripts.transcript import CannotWrite, Format, Transcript, formats, register_format

LONGEST = 25_000
"""Entries of one paper."""
LARGEST = 48 * 1024 * 1024
"""Octets of what one paper holds, and of the data inside of it."""
ATTACHED = "json"
_PIECE = 64 * 1024


@register_format
class Pdf(Format):
    name: ClassVar[str] = "pdf"
    label = "PDF"
    media_type = "application/pdf"
    extension = "pdf"
    icon = "file"
    heavy = True

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        with press.desk(Path(settings.DATA) / "paper") as folder:
            ended = _told(transcript, folder)
            attached = _attached(transcript, folder / "transcript.json")
            (folder / "head.json").write_bytes(orjson.dumps(_head(transcript, ended=ended, attached=attached)))
            try:
                paper = press.press(folder, made_at=transcript.made_at // SECOND)
            except press.CannotBeSet as problem:
                raise CannotWrite(str(problem)) from problem
            with paper.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield piece


def _told(transcript: Transcript, folder: Path) -> int:
    """Write down what is told and the log of who saw it. Returns the entry at which the paper has to end, 0 if all are on it."""
    clock, day, octets = transcript.clock, "", 0
    with (folder / "entries.json").open("wb") as told, (folder / "log.json").open("wb") as log:
        between = {told: b"[\n", log: b"[\n"}
        for count, (entry, read) in enumerate(transcript.told()):
            if count >= LONGEST or octets >= LARGEST:
                break
            item: dict[str, Any] | list[str]
            if read.look == "trace":
                file, item = log, sheet.logged(read, clock.both(entry.at), entry.position)
            else:
                today = f"{clock.day(entry.at)} ({clock.offset(entry.at)})"
                item = sheet.entry(read, entry.position, time=clock.time(entry.at), date=clock.plain_date(entry.at))
                if today != day:
                    item["d"] = day = today
                file = told
            line = orjson.dumps(item)
            file.write(between[file] + line)
            between[file] = b",\n"
            octets += len(line)
        else:
            entry = None
        for file in (told, log):
            file.write(b"\n]" if between[file] != b"[\n" else b"[]")
    return 0 if entry is None else entry.position


def _attached(transcript: Transcript, path: Path) -> bool:
    """Whether the data goes along: up to a size that mail programs still open."""
    size = 0
    with path.open("wb") as file:
        for piece in formats()[ATTACHED].write(transcript):
            size += len(piece)
            if size > LARGEST:
                break
            file.write(piece)
    return size <= LARGEST


def _head(transcript: Transcript, *, ended: int, attached: bool) -> dict[str, Any]:
    clock = transcript.clock
    say = clock.say
    return {
        "title": say("{site}: transcript of {case}", site=transcript.site_name, case=transcript.case_number),
        "site": transcript.site_name,
        "initial": transcript.site_name[:1],
        "case_number": transcript.case_number,
        "subject": transcript.subject or say("Conversation"),
        "lang": clock.language,
        "digest": transcript.seal,
        "short": f"{transcript.seal[:16]}...{transcript.seal[-4:]}",
        "running": _running(transcript),
        "facts": [
            [say("Customer"), [transcript.customer]],
            [say("Spoken with"), [", ".join(transcript.speakers) or say("nobody yet")]],
            [say("From, to"), [clock.both(transcript.first_at), clock.both(transcript.last_at)]],
            [say("Channels"), [", ".join(transcript.ways) or say("none yet")]],
            [say("Status"), [": ".join(filter(None, (say(transcript.status), transcript.state.outcome)))]],
        ],
        "waits": _waits(transcript),
        "sums": [*(_promise(promise, transcript) for promise in transcript.state.commitments), *_decision(transcript)],
        "notice": _notice(transcript, ended),
        "attached": attached,
        "words": {
            "transcript": say("Transcript"),
            "page": say("Page <n> of <m>"),
            "on_page": say("Reasons and remedies on page <n>."),
            "digest": say("Digest"),
            "file": say("File"),
            "entry": say("Entry"),
            "crossed_out": say("Crossed out for privacy"),
            "decision_of": say("Final decision of"),
            "disagree": say("If you disagree"),
            "log": say("What was done with this record"),
            "attachment": say("This transcript as data, with all that is needed to check it"),
        },
        "check": {
            "title": say("How to check this paper"),
            "lines": _how(transcript, attached=attached),
            "signed": say("The digest with our signature:"),
            "note": [sheet.breakable(line) for line in transcript.note.rstrip("\n").split("\n")],
        },
    }


def _running(transcript: Transcript) -> str:
    clock, made = transcript.clock, transcript.clock.both(transcript.made_at)
    words = (
        clock.say("made {time} for {name}", time=made, name=transcript.made_for)
        if transcript.made_for
        else clock.say("made {time}", time=made)
    )
    return f"{transcript.case_number}, {words}"


def _waits(transcript: Transcript) -> str:
    clock, whole = transcript.clock, transcript.summary
    told = []
    if whole.first_answer is not None:
        told.append(f"{clock.say('First answer')}: {clock.say('after {time}', time=clock.duration(whole.first_answer))}.")
    if whole.longest_wait is not None:
        told.append(f"{clock.say('Longest wait')}: {clock.duration(whole.longest_wait)}.")
    if transcript.state.waiting_since:
        told.append(f"{clock.say('Waiting since')}: {clock.both(transcript.state.waiting_since)}.")
    if transcript.kept_until:
        told.append(f"{clock.say('Kept until')}: {clock.say('{day} or longer', day=clock.plain_date(transcript.kept_until))}.")
    return " ".join(told)


def _promise(promise: Commitment, transcript: Transcript) -> list[str]:
    clock = transcript.clock
    text = clock.say("{text}, by {day} (entry {of})", text=promise.text, day=clock.date(promise.due), of=promise.position)
    look = promise.state if promise.state in ("open", "kept") else ""
    return [look, f"{clock.say('Promise')}, {transcript.become_of(promise)}", text, ""]


def _decision(transcript: Transcript) -> Iterator[list[str]]:
    state, say = transcript.state, transcript.clock.say
    if state.decision:
        yield ["", say("Final decision"), state.decision_text, str(state.decision)]


def _notice(transcript: Transcript, ended: int) -> str:
    if not ended:
        return ""
    return transcript.clock.say(
        "This paper ends before entry {ended} of {upto}, because it would be too long. The text and the data (JSON) hold all of them.",
        ended=ended,
        upto=transcript.upto,
    )


def _how(transcript: Transcript, *, attached: bool) -> list[str]:
    say = transcript.clock.say
    inside = say(
        "The file transcript.json, which is attached to this PDF, holds all that is needed to calculate it again without us. "
        "The command throughline verify reads this PDF, and so does the page /verify/, which sends nothing away."
    )
    beside = say(
        "The data is too long to be attached. The JSON transcript, saved by itself, holds all that is needed to check it without us."
    )
    return [
        say("The digest below stands for every entry from 1 to {upto}, each sealed to the one before.", upto=transcript.upto),
        inside if attached else beside,
        say("Entries that are withheld stand here with the ground."),
    ]
