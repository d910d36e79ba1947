"""The transcript as one web page that stands alone: no script, nothing loaded, prints well. Knows only what a transcript holds."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from chat.ledger.state import Commitment
from chat.transcripts.clock import Clock, size
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
        yield from (f"{line}\n".encode() for line in _lines(transcript))


def _lines(transcript: Transcript) -> Iterator[str]:
    yield from _head(transcript)
    yield from _summary(transcript)
    day = ""
    for entry, read in transcript.told():
        today = transcript.clock.day(entry.at)
        if today != day:
            yield "</ol>" if day else ""
            yield f'<h2>{escape(today)}</h2><ol class="t">'
            day = today
        if read.look == "decision":
            yield f'</ol>{_decision(read, transcript.clock.plain_date(entry.at))}<ol class="t">'
        else:
            yield _entry(read, transcript.clock, entry.at, entry.position)
    yield "</ol>" if day else ""
    yield from _foot(transcript)


def _head(transcript: Transcript) -> Iterator[str]:
    clock, state = transcript.clock, transcript.state
    case, site, subject = escape(transcript.case_number), escape(transcript.site_name), escape(state.subject or "Conversation")
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
    yield f"<title>Transcript {case} - {site}</title><style>{_SHEET.read_text()}</style></head><body>"
    yield '<article class="page"><header>'
    yield f'<div class="top"><div class="brand"><span class="mark" aria-hidden="true">{site[:1]}</span><b>{site}</b></div>'
    yield f'<div class="ref"><span class="over">Transcript</span><b>{case}</b></div></div><h1>{subject}</h1><dl class="meta">'
    yield f"<div><dt>Customer</dt><dd>{escape(state.customer.name or 'Visitor')}</dd></div>"
    yield f"<div><dt>Spoken with</dt><dd>{escape(', '.join(transcript.speakers) or 'nobody yet')}</dd></div>"
    span = f"{clock.full(transcript.first_at)}<br>{clock.full(transcript.last_at)} ({escape(clock.zone)})"
    yield f"<div><dt>From, to</dt><dd>{span}</dd></div>"
    yield f"<div><dt>Channels</dt><dd>{escape(', '.join(transcript.ways) or 'none yet')}</dd></div></dl>"


def _summary(transcript: Transcript) -> Iterator[str]:
    clock, state = transcript.clock, transcript.state
    boxes = [_promise(promise, clock) for promise in state.commitments]
    if state.decision:
        boxes.append(f"<div><b>Final decision</b><p>{escape(state.decision_text)} Reasons and remedies stand below.</p></div>")
    if state.status == "closed":
        boxes.append(f"<div><b>Closed</b><p>{escape(state.outcome or 'No outcome was written.')}</p></div>")
    if boxes:
        yield f'<div class="sum">{"".join(boxes)}</div>'
    yield "</header>"


def _promise(promise: Commitment, clock: Clock) -> str:
    look = promise.state if promise.state in ("open", "kept") else ""
    return f'<div class="{look}"><b>Promise, {escape(promise.state)}</b><p>{escape(promise.text)}, by {clock.date(promise.due)}.</p></div>'


def _entry(read: Reading, clock: Clock, at: int, position: int) -> str:
    looks = {"message": "", "note": "ev note"}.get(read.look, "ev")
    way = f' <span class="c">{escape(read.way)}</span>' if read.way and read.look == "message" else ""
    parts = [f"<b>{escape(read.title)}</b>{way}"]
    if read.said:
        parts.append(f"<p>{escape(read.said)}</p>")
    parts += [f"<p>{escape(label)}: {escape(value)}</p>" for label, value in read.facts]
    parts += [
        f"<p><i>[File: {escape(f.name)}, {escape(f.media_type)}, {size(f.size)}, sha256 <code>{f.digest}</code>]</i></p>"
        for f in read.files
    ]
    parts += [f"<details><summary>{escape(label)}</summary><p>{escape(text)}</p></details>" for label, text in read.folded]
    if read.crossed_out:
        parts.append(f'<p class="gone">Crossed out for privacy: {escape(", ".join(read.crossed_out))}</p>')
    when = f'<time datetime="{clock.machine(at)}" title="{escape(clock.exact(at))}">{clock.time(at)}</time>'
    return f'<li class="{f"{looks} {read.line}".strip()}" id="e{position}">{when}<div>{"".join(parts)}</div></li>'


def _decision(read: Reading, day: str) -> str:
    rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in read.facts)
    if read.steps:
        rows += f"<dt>If you disagree</dt><dd><ol>{''.join(f'<li>{escape(step)}</li>' for step in read.steps)}</ol></dd>"
    gone = f'<p class="gone">Crossed out for privacy: {escape(", ".join(read.crossed_out))}</p>' if read.crossed_out else ""
    over = f'<div class="over">Final decision of {escape(day)}</div>'
    return f'<section class="dec">{over}<p class="big">{escape(read.said)}</p><dl>{rows}</dl>{gone}</section>'


def _foot(transcript: Transcript) -> Iterator[str]:
    made = f"{transcript.clock.full(transcript.made_at)} ({transcript.clock.zone})"
    for_whom = f" for {transcript.made_for}" if transcript.made_for else ""
    yield '<section class="ver"><b>How to check this paper</b>'
    yield "<p>The digest below stands for every entry up to here, each sealed to the one before. The JSON transcript holds all that"
    yield "is needed to calculate it again without us. This transcript leaves out when lines were seen and, for customers, the"
    yield "notes of the team.</p>"
    yield f"<p><code>{transcript.seal}</code></p>"
    yield f"<p>{escape(transcript.case_number)}, entries 1 to {transcript.upto}, made {escape(made + for_whom)}.</p></section>"
    yield "</article></body></html>"
