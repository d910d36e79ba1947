"""The transcript as plain text: for any screen, any printer, any mail program. Knows only what a transcript holds."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from chat.ledger.event import Audience
from chat.transcripts.clock import size
from chat.transcripts.transcript import Format, Transcript, register_format
from chat.transcripts.wording import Reading

WIDTH = 78
INDENT = "       "
RULE = "-" * WIDTH


@register_format
class Text(Format):
    name = "text"
    label = "Text"
    media_type = "text/plain; charset=utf-8"
    extension = "txt"
    icon = "list"

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        yield from (f"{line}\n".encode() for line in _lines(transcript))


def _lines(transcript: Transcript) -> Iterator[str]:
    yield from _head(transcript)
    day = ""
    for entry, read in transcript.told():
        today = transcript.clock.day(entry.at)
        if today != day:
            day = today
            yield from ("", "", today.upper(), "")
        yield from _entry(read, transcript.clock.time(entry.at), entry.position)
    yield from _foot(transcript)


def _head(transcript: Transcript) -> Iterator[str]:
    clock, state = transcript.clock, transcript.state
    yield f"{transcript.site_name}: transcript of {transcript.case_number}"
    yield state.subject or "No subject"
    yield RULE
    yield f"Customer      {state.customer.name or 'Visitor'}"
    yield f"Spoken with   {', '.join(transcript.speakers) or 'nobody yet'}"
    yield f"From          {clock.full(transcript.first_at)}"
    yield f"To            {clock.full(transcript.last_at)}"
    yield f"Times are in  {clock.zone}"
    yield f"Channels      {', '.join(transcript.ways) or 'none yet'}"
    status = state.told_status if transcript.audience is Audience.EVERYONE else state.status
    yield f"Status        {status}{f': {state.outcome}' if state.outcome else ''}"
    for promise in state.commitments:
        yield from _wrapped(
            f"Promise       {promise.state}: {promise.text}, by {clock.date(promise.due)} (entry {promise.position})", "              "
        )
    if state.decision:
        yield from _wrapped(f"Decision      {state.decision_text} (entry {state.decision})", "              ")


def _entry(read: Reading, time: str, position: int) -> Iterator[str]:
    way = f", {read.way}" if read.way and read.look == "message" else ""
    yield from _wrapped(f"{time}  {read.title}{way}  [{position}]", INDENT)
    if read.said:
        for line in read.said.splitlines():
            yield from _wrapped(INDENT + line, INDENT)
    for number, step in enumerate(read.steps, 1):
        yield from _wrapped(f"{INDENT}If you disagree, {number}: {step}", INDENT + "  ")
    for label, value in read.facts:
        yield from _wrapped(f"{INDENT}{label}: {value}", INDENT + "  ")
    for file in read.files:
        yield f"{INDENT}File: {file.name}, {file.media_type}, {size(file.size)}"
        yield f"{INDENT}      sha256 {file.digest}"
    for label, value in read.folded:
        yield f"{INDENT}{label}:"
        yield from (f"{INDENT}> {line}" for line in value.splitlines())
    if read.crossed_out:
        yield from _wrapped(f"{INDENT}[Crossed out for privacy: {', '.join(read.crossed_out)}]", INDENT + " ")
    yield ""


def _foot(transcript: Transcript) -> Iterator[str]:
    yield RULE
    for_whom = f" for {transcript.made_for}" if transcript.made_for else ""
    made = f"{transcript.clock.full(transcript.made_at)} ({transcript.clock.zone})"
    yield f"Made {made}{for_whom}. It holds the entries up to {transcript.upto}."
    yield "It leaves out when lines were seen and, for customers, the notes of the team."
    yield "The digest below stands for every entry up to here. The JSON transcript holds"
    yield "all that is needed to calculate it again without us."
    yield f"Digest  {transcript.seal}"


def _wrapped(line: str, indent: str) -> Iterator[str]:
    if not line.isprintable():
        yield from textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]
        return
    # The same for plain lines, which nearly all are, in a tenth of the time; and a long first word keeps its place.
    line = line.rstrip()
    start, margin, lead = 0, len(line) - len(line.lstrip()), ""
    while len(line) - start > WIDTH - len(lead):
        end = start + WIDTH - len(lead)
        cut = line.rfind(" ", start + margin, end + 1)
        cut = cut if cut >= 0 else line.find(" ", end)
        if cut < 0:
            break
        yield lead + line[start:cut].rstrip()
        while line.startswith(" ", cut):
            cut += 1
        start, margin, lead = cut, 0, indent
    yield lead + line[start:]
