"""The transcript as one web page that stands alone: no script, nothing loaded, prints well. Knows only what a transcript holds."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from chat.ledger.event import AttachmentRef
from chat.ledger.state import Commitment
from chat.transcripts.clock import Clock, size
from chat.transcripts.later import Later
from chat.transcripts.plain import visible
from chat.transcripts.reading import DIGEST, WITHHELD
from chat.transcripts.transcript import Format, Transcript, register_format
from chat.transcripts.wording import Reading

_SHEET = Path(__file__).resolve().parents[2] / "static" / "css" / "print.css"


@register_format
class Html(Format):
    name = "html"
    label = "Web page"
    media_type = "text/html; charset=utf-8"
    extension = "html"
    icon = "globe"

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        yield from map(_line, _head(transcript))
        yield from map(_line, _summary(transcript))
        with Later() as log:
            yield from map(_line, _told(transcript, log))
            if not log.empty:
                yield _line(f'<section class="log"><h2>{_said(transcript.clock, "What was done with this record")}</h2><ol class="t">')
                yield from log.pieces()
                yield _line("</ol></section>")
        yield from map(_line, _foot(transcript))


def _line(text: str) -> bytes:
    return f"{text}\n".encode()


def _head(transcript: Transcript) -> Iterator[str]:
    clock = transcript.clock
    case, site, subject = escape(transcript.case_number), _own(transcript.site_name), _own(transcript.subject or clock.say("Conversation"))
    title = escape(clock.say("Transcript {case} - {site}", case=transcript.case_number, site=transcript.site_name))
    yield f'<!doctype html><html lang="{clock.language}"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">'
    yield """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
    yield f"<title>{title}</title><style>{_SHEET.read_text()}</style></head><body>"
    yield '<article class="page"><header>'
    mark = escape(transcript.site_name[:1])
    yield f'<div class="top"><div class="brand"><span class="mark" aria-hidden="true">{mark}</span><b>{site}</b></div>'
    yield f'<div class="ref"><span class="over">{_said(clock, "Transcript")}</span><b>{case}</b></div></div>'
    yield f'<h1>{subject}</h1><dl class="meta">'
    speakers = ", ".join(map(_own, transcript.speakers)) or _said(clock, "nobody yet")
    yield _term(clock, "Customer", _own(transcript.customer))
    yield _term(clock, "Spoken with", speakers)
    yield _term(clock, "From, to", f"{_both(clock, transcript.first_at)}<br>{_both(clock, transcript.last_at)}")
    yield _term(clock, "Channels", escape(", ".join(transcript.ways)) or _said(clock, "none yet"))
    yield _term(clock, "Times are in", escape(clock.zone))
    yield from _waits(transcript)
    yield "</dl>"


def _waits(transcript: Transcript) -> Iterator[str]:
    clock, whole = transcript.clock, transcript.summary
    if whole.first_answer is not None:
        yield _term(clock, "First answer", escape(clock.say("after {time}", time=clock.duration(whole.first_answer))))
    if whole.longest_wait is not None:
        yield _term(clock, "Longest wait", escape(clock.duration(whole.longest_wait)))
    if transcript.state.waiting_since:
        yield _term(clock, "Waiting since", _both(clock, transcript.state.waiting_since))
    if transcript.kept_until:
        yield _term(clock, "Kept until", escape(clock.say("{day} or longer", day=clock.plain_date(transcript.kept_until))))


def _summary(transcript: Transcript) -> Iterator[str]:
    clock, state = transcript.clock, transcript.state
    boxes = [_promise(promise, transcript) for promise in state.commitments]
    if state.decision:
        below = clock.say("Reasons and remedies stand below, in entry {of}.", of=state.decision)
        boxes.append(f"<div><b>{_said(clock, 'Final decision')}</b><p>{_text(state.decision_text)} {escape(below)}</p></div>")
    if state.status == "closed":
        outcome = _text(state.outcome) or _said(clock, "No outcome was written.")
        boxes.append(f"<div><b>{_said(clock, 'Closed')}</b><p>{outcome}</p></div>")
    if boxes:
        yield f'<div class="sum">{"".join(boxes)}</div>'
    yield "</header>"


def _promise(promise: Commitment, transcript: Transcript) -> str:
    clock = transcript.clock
    look = promise.state if promise.state in ("open", "kept") else ""
    title = clock.say("Promise, {state}", state=transcript.become_of(promise))
    words = clock.say("{text}, by {day} (entry {of})", text=promise.text, day=clock.date(promise.due), of=promise.position)
    return f'<div class="{look}"><b>{escape(title)}</b><p dir="auto">{escape(words)}.</p></div>'


def _told(transcript: Transcript, log: Later) -> Iterator[str]:
    """The conversation under its days; who saw or took what is put aside for the log."""
    clock, day = transcript.clock, ""
    for entry, read in transcript.told():
        if read.look == "trace":
            log.put(_line(_entry(read, clock, entry.at, entry.position, shown=f"{clock.date(entry.at)}<br>{clock.time(entry.at)}")))
            continue
        today = f"{clock.day(entry.at)} ({clock.offset(entry.at)})"
        if today != day:
            yield "</ol>" if day else ""
            yield f'<h2>{escape(today)}</h2><ol class="t">'
            day = today
        if read.look == "decision":
            yield f'</ol>{_decision(read, clock, entry.at, entry.position)}<ol class="t">'
        else:
            yield _entry(read, clock, entry.at, entry.position, shown=clock.time(entry.at))
    yield "</ol>" if day else ""


def _entry(read: Reading, clock: Clock, at: int, position: int, *, shown: str) -> str:
    looks = {"message": "", "note": "ev note", "withheld": "ev gone"}.get(read.look, "ev")
    way = f' <span class="c">{escape(read.way)}</span>' if read.way and read.look == "message" else ""
    parts = [f"<b>{_own(read.title)}</b>{way}"]
    if read.said:
        parts.append(f'<p dir="auto">{escape(read.said)}</p>')
    parts += [f"<p>{escape(label)}: {_own(value)}</p>" for label, value in read.facts]
    parts += [_file(file, clock) for file in read.files if file.digest]
    parts += [f'<details><summary>{escape(label)}</summary><p dir="auto">{escape(text)}</p></details>' for label, text in read.folded]
    parts.append(_gone(read, clock))
    when = f'<time datetime="{clock.machine(at)}" title="{_exact(clock, at)}">{shown}</time>'
    return f'<li class="{f"{looks} {read.line}".strip()}" id="e{position}">{when}<div>{"".join(parts)}</div>{_number(position)}</li>'


def _file(file: AttachmentRef, clock: Clock) -> str:
    words = f"{_own(file.name)}, {escape(file.media_type)}, {size(file.size)}, sha256 <code>{escape(file.digest)}</code>"
    return f"<p><i>[{_said(clock, 'File')}: {words}]</i></p>"


def _decision(read: Reading, clock: Clock, at: int, position: int) -> str:
    rows = "".join(f"<dt>{escape(label)}</dt><dd>{_own(value)}</dd>" for label, value in read.facts)
    if read.steps:
        steps = "".join(f'<li dir="auto">{escape(step)}</li>' for step in read.steps)
        rows += f"<dt>{_said(clock, 'If you disagree')}</dt><dd><ol>{steps}</ol></dd>"
    day = escape(clock.say("Final decision of {day}", day=clock.plain_date(at)))
    over = f'<div class="over"><time datetime="{clock.machine(at)}" title="{_exact(clock, at)}">{day}</time> {_number(position)}</div>'
    said = f'<p class="big" dir="auto">{escape(read.said)}</p>'
    return f'<section class="dec" id="e{position}">{over}{said}<dl>{rows}</dl>{_gone(read, clock)}</section>'


def _number(position: int) -> str:
    """By which other entries name this one."""
    return f'<span class="n">{position}</span>'


def _gone(read: Reading, clock: Clock) -> str:
    if not read.crossed_out:
        return ""
    words = clock.say("Crossed out for privacy: {fields}", fields=", ".join(read.crossed_out))
    return f'<p class="gone">{escape(words)}</p>'


def _foot(transcript: Transcript) -> Iterator[str]:
    clock = transcript.clock
    made, upto = clock.both(transcript.made_at), transcript.upto
    yield f'<section class="ver"><b>{_said(clock, "How to check this paper")}</b>'
    yield f"<p>{_said(clock, DIGEST)} {_said(clock, WITHHELD)}</p>"
    yield f"<p><code>{transcript.seal}</code></p>"
    yield f"<p>{_said(clock, 'The digest with our signature:')}</p><pre>{escape(transcript.note)}</pre>"
    words = clock.say("{case}, entries 1 to {upto}, made {time}", case=transcript.case_number, upto=upto, time=made)
    for_whom = clock.say(" for {name}", name=transcript.made_for) if transcript.made_for else ""
    yield f"<p>{escape(words + for_whom)}.</p></section>"
    yield "</article></body></html>"


def _term(clock: Clock, label: str, value: str) -> str:
    return f"<div><dt>{_said(clock, label)}</dt><dd>{value}</dd></div>"


def _said(clock: Clock, words: str) -> str:
    return escape(clock.say(words))


def _own(text: str) -> str:
    """What people wrote, in a line of ours: its direction is its own."""
    return f"<bdi>{escape(text)}</bdi>"


def _text(text: str) -> str:
    return _own(visible(text)) if text else ""


def _both(clock: Clock, at: int) -> str:
    return f'<time datetime="{clock.machine(at)}">{escape(clock.both(at))}</time>'


def _exact(clock: Clock, at: int) -> str:
    utc = Clock(language=clock.language)
    own = "" if clock.offset(at) == "UTC" else f"{clock.exact(at)} {clock.offset(at)}, "
    return escape(f"{own}{utc.exact(at)} UTC")
