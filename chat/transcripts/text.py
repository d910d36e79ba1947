"""The transcript as plain text: for any screen, any printer, any mail program. Knows only what a transcript holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import attrgetter

from chat.transcripts.clock import Clock, size
from chat.transcripts.later import Later
from chat.transcripts.plain import inline, isolated
from chat.transcripts.reading import DIGEST, WITHHELD
from chat.transcripts.transcript import Format, Transcript, register_format
from chat.transcripts.wording import Reading

WIDTH = 78
INDENT = "       "
RULE = "-" * WIDTH
LONGEST = 4096
"""Characters of a word without a space from which on it is cut: no line is longer than what programs and printers read."""
_LONG_WORD = re.compile(rf"(?<![^ ])[^ ]{{{LONGEST + 1},}}")


@register_format
class Text(Format):
    name = "text"
    label = "Text"
    media_type = "text/plain; charset=utf-8"
    extension = "txt"
    icon = "list"

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        yield _bytes(_head(transcript))
        with Later() as log:
            yield from _told(transcript, log)
            if not log.empty:
                yield _bytes(["", "", transcript.clock.say("What was done with this record").upper(), ""])
                yield from log.pieces()
        yield _bytes(_foot(transcript))


def _bytes(lines: Iterator[str] | list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _told(transcript: Transcript, log: Later) -> Iterator[bytes]:
    """The conversation under its days; who saw or took what is put aside for the log."""
    clock, day = transcript.clock, ""
    for entry, read in transcript.told():
        if read.look == "trace":
            log.put(_bytes(_logged(read, clock, clock.full(entry.at), entry.position)))
            continue
        today = f"{clock.day(entry.at).upper()} ({clock.offset(entry.at)})"
        if today != day:
            day = today
            yield _bytes(["", "", today, ""])
        yield _bytes(_entry(read, clock, clock.time(entry.at), entry.position))


def _head(transcript: Transcript) -> Iterator[str]:
    clock, state, whole = transcript.clock, transcript.state, transcript.summary
    say = clock.say
    yield say("{site}: transcript of {case}", site=transcript.site_name, case=transcript.case_number)
    yield isolated(transcript.subject) or say("No subject")
    yield RULE
    told = [
        (say("Customer"), transcript.customer),
        (say("Spoken with"), ", ".join(map(inline, transcript.speakers)) or say("nobody yet")),
        (say("Begun"), clock.both(transcript.first_at)),
        (say("Last entry"), clock.both(transcript.last_at)),
        (say("Times are in"), clock.zone),
        (say("Channels"), ", ".join(transcript.ways) or say("none yet")),
        (say("Status"), ": ".join(filter(None, (say(transcript.status), inline(state.outcome))))),
        (say("First answer"), say("after {time}", time=clock.duration(whole.first_answer)) if whole.first_answer is not None else ""),
        (say("Longest wait"), clock.duration(whole.longest_wait) if whole.longest_wait is not None else ""),
        (say("Waiting since"), clock.both(state.waiting_since) if state.waiting_since else ""),
        (say("Kept until"), say("{day} or longer", day=clock.plain_date(transcript.kept_until)) if transcript.kept_until else ""),
    ]
    for promise in state.commitments:
        words = say("{text}, by {day} (entry {of})", text=promise.text, day=clock.date(promise.due), of=promise.position)
        told.append((say("Promise"), f"{transcript.become_of(promise)}: {words}"))
    if state.decision:
        told.append((say("Decision"), say("{text} (entry {of})", text=state.decision_text, of=state.decision)))
    column = max(len(label) for label, _ in told) + 2
    for label, value in told:
        if value:
            yield from _wrapped(f"{label:{column}}{isolated(value)}", " " * column)


def _entry(read: Reading, clock: Clock, time: str, position: int) -> Iterator[str]:
    way = f", {read.way}" if read.way and read.look == "message" else ""
    yield from _wrapped(f"{time}  [{position}] {isolated(read.title)}{way}", INDENT)
    yield from _lines(read.said)
    for number, step in enumerate(read.steps, 1):
        yield from _labelled(clock.say("If you disagree, {number}", number=number), step)
    for label, value in read.facts:
        yield from _labelled(label, value)
    for file in filter(attrgetter("digest"), read.files):
        yield from _labelled(clock.say("File"), f"{isolated(file.name)}, {file.media_type}, {size(file.size)}")
        yield f"{INDENT}      sha256 {file.digest}"
    for label, value in read.folded:
        yield f"{INDENT}{label}:"
        yield from _lines(value, "> ")
    if read.crossed_out:
        yield from _wrapped(f"{INDENT}[{clock.say('Crossed out for privacy: {fields}', fields=', '.join(read.crossed_out))}]", INDENT + " ")
    yield ""


def _logged(read: Reading, clock: Clock, when: str, position: int) -> Iterator[str]:
    facts = "".join(f". {label}: {isolated(inline(value))}" for label, value in read.facts)
    gone = f" [{clock.say('Crossed out for privacy: {fields}', fields=', '.join(read.crossed_out))}]" if read.crossed_out else ""
    yield from _wrapped(f"{when}  [{position}] {isolated(read.title)}{facts}{gone}", INDENT)


def _foot(transcript: Transcript) -> Iterator[str]:
    say, clock = transcript.clock.say, transcript.clock
    for_whom = say(" for {name}", name=transcript.made_for) if transcript.made_for else ""
    yield ""
    yield RULE
    yield from _wrapped(f"{say('Made {time}', time=clock.both(transcript.made_at))}{for_whom}.", "")
    yield from _wrapped(f"{say('It holds the entries from 1 to {upto}.', upto=transcript.upto)} {say(WITHHELD)}", "")
    yield from _wrapped(say(DIGEST), "")
    yield f"{say('Digest')}  {transcript.seal}"
    yield ""
    yield say("The digest with our signature:")
    yield ""
    yield from transcript.note.rstrip("\n").split("\n")


def _labelled(label: str, value: str) -> Iterator[str]:
    first, *more = value.split("\n")
    yield from _wrapped(f"{INDENT}{label}: {isolated(first)}", INDENT + "  ")
    for line in more:
        yield from _wrapped(f"{INDENT}  {line}", INDENT + "  ")


def _lines(text: str, mark: str = "") -> Iterator[str]:
    """What people wrote, line by line: each stands behind the margin, so none can look like ours."""
    for line in text.split("\n") if text else ():
        yield from _wrapped(f"{INDENT}{mark}{line}", INDENT + mark)


def _wrapped(line: str, indent: str) -> Iterator[str]:
    """The line cut between words, all but the first piece behind `indent`. A long word keeps its line to itself."""
    if len(line) > LONGEST:
        line = _LONG_WORD.sub(_cut, line)
    line = line.expandtabs(4).rstrip()
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


def _cut(word: re.Match[str]) -> str:
    return " ".join(word[0][start : start + LONGEST] for start in range(0, len(word[0]), LONGEST))
