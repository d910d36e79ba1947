"""The text part of an outgoing mail; its HTML twin says the same. Knows the letter only."""

from __future__ import annotations

import textwrap

from mailgateway.sending.letter import Letter, Line, one_line

WIDTH = 70
_RULE = "-" * WIDTH


def render(letter: Letter) -> str:
    """The whole text part, marker line first."""
    blocks = [letter.marker_line, "", *_said(letter)]
    if letter.left:
        blocks += ["", letter.say("Kept for you, not sent with this e-mail:"), *(f"  * {one_line(name)}" for name in letter.left)]
    if letter.promises:
        blocks += ["", "", letter.say("PROMISED TO YOU"), *_promises(letter)]
    if letter.hand_over:
        blocks += ["", "" if not letter.promises else None, letter.say("WHO LOOKS AFTER YOU"), f"  {one_line(letter.hand_over.sentence)}"]
        if letter.hand_over.reason:
            blocks.append(f"  {letter.say('Reason: {reason}', reason=one_line(letter.hand_over.reason))}")
    if letter.last:
        blocks += ["", _RULE, letter.say("What we said last"), *_last(letter)]
    blocks += ["", _RULE, *_foot(letter)]
    return "\n".join(block for block in blocks if block is not None) + "\n"


def _said(letter: Letter) -> list[str | None]:
    out: list[str | None] = []
    if letter.opening:
        out += [letter.opening.strip(), ""]
    for line in letter.lines:
        if letter.heads:
            out.append(f"{letter.heading(line)}:")
        out += [*_body(line), ""]
    if letter.signer:
        out.append(one_line(letter.signer))
    if letter.site != letter.signer:
        out.append(one_line(letter.site))
    return out


def _body(line: Line) -> list[str]:
    text = line.text.strip("\n")
    named = " ".join(f"[{one_line(name)}]" for name in line.attachments)
    return [part for part in (text, named) if part]


def _promises(letter: Letter) -> list[str]:
    out = []
    for promise in letter.promises:
        due = letter.say(" by {day}", day=letter.day(promise.due)) if promise.due else ""
        out.append(f"  * {one_line(promise.text)}{due}")
        if promise.note:
            out.append(f"    ({one_line(promise.note)})")
    return out


def _last(letter: Letter) -> list[str]:
    out = []
    for line in letter.last:
        out += ["", letter.heading(line)]
        for paragraph in "\n".join(_body(line)).split("\n"):
            out += [f"> {part}" for part in textwrap.wrap(paragraph, WIDTH - 2, break_long_words=False, break_on_hyphens=False)] or [">"]
    return out


def _foot(letter: Letter) -> list[str]:
    marked = f" {letter.text_marker}" if letter.text_marker else ""
    out = [f"{letter.say('Reference {case}.', case=letter.case_number)}{marked}"]
    if letter.chat_link:
        out += [letter.say("Just answer this e-mail, or go on in the chat:"), f"  {letter.chat_link}"]
    else:
        out.append(letter.say("Just answer this e-mail."))
    if letter.record_link:
        out += [letter.say("Your full record (chat, e-mails, calls, log), to read or save:"), f"  {letter.record_link}"]
    if letter.not_me_link:
        out += [letter.say("You did not write to us? This was not me:"), f"  {letter.not_me_link}"]
    kept = letter.say("Kept until {day} or longer.", day=letter.kept_until) if letter.kept_until else ""
    private = letter.say("The links are only for you.") if letter.chat_link or letter.record_link else ""
    out.append(" ".join(part for part in (kept, private) if part))
    return [line for line in out if line]
