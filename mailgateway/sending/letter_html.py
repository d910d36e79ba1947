"""The HTML part of an outgoing mail: tables and inline styles, no image, nothing loaded, no tracking.
Says what the text part says; knows the letter only.
"""

from __future__ import annotations

from html import escape

from mailgateway.quotes import MARKER_TOKEN
from mailgateway.sending.letter import Letter, Line, one_line

_FONT = "-apple-system,'Segoe UI',Inter,Roboto,Helvetica,Arial,sans-serif"
_TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"'
_FAINT = "color:#5d6b71"
_SOFT = "color:#46555c"


def render(letter: Letter) -> str:
    """The whole document; every value is escaped here and nowhere else."""
    return (
        f'<!doctype html>\n<html lang="{escape(letter.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<meta name="color-scheme" content="light dark"><title>{_text(letter.subject or letter.site)}</title></head>\n'
        f'<body style="margin:0;background:#f1f5f5;font-family:{_FONT};color:#14242b">\n'
        f'{_TABLE}><tr><td align="center" style="padding:28px 16px">\n'
        '<table role="presentation" width="560" cellpadding="0" cellspacing="0" style="max-width:560px;width:100%">\n'
        f"{_marker(letter)}"
        '<tr><td style="background:#ffffff;border:1px solid #dde4e5;border-radius:14px;padding:26px 28px">\n'
        f"{_TABLE}>\n{_signer(letter)}{_said(letter)}{_left(letter)}{_promises(letter)}"
        f"{_hand_over(letter)}{_last(letter)}{_links(letter)}</table></td></tr>\n"
        f"{_foot(letter)}</table></td></tr></table></body></html>\n"
    )


def _marker(letter: Letter) -> str:
    # Replies in HTML keep the hidden token even when a program rewrites the words around it.
    hidden = f'<span style="display:none;mso-hide:all">{MARKER_TOKEN}</span>'
    return f'<tr><td style="font-size:12px;line-height:18px;{_FAINT};padding:0 0 12px 2px">{_text(letter.shown_marker)}{hidden}</td></tr>\n'


def _signer(letter: Letter) -> str:
    site = f' <span style="{_FAINT}">{_text(letter.site)}</span>' if letter.site != letter.signer else ""
    return f'<tr><td style="padding:0 0 18px 0;font-size:14px"><b>{_text(letter.signer)}</b>{site}</td></tr>\n'


def _said(letter: Letter) -> str:
    rows = []
    if letter.opening:
        rows.append(f'<tr><td style="font-size:14px;line-height:21px;{_SOFT};padding:0 0 16px 0">{_lines(letter.opening)}</td></tr>\n')
    for line in letter.lines:
        head = f'<span style="{_FAINT};font-size:12px">{_text(letter.heading(line))}</span><br>' if letter.heads else ""
        rows.append(f'<tr><td style="font-size:16px;line-height:25px;padding:0 0 22px 0">{head}{_body(line)}</td></tr>\n')
    return "".join(rows)


def _left(letter: Letter) -> str:
    if not letter.left:
        return ""
    names = "<br>".join(_text(name) for name in letter.left)
    said = _text(letter.say("Kept for you, not sent with this e-mail:"))
    return f'<tr><td style="font-size:14px;line-height:21px;{_SOFT};padding:0 0 22px 0">{said}<br>{names}</td></tr>\n'


def _promises(letter: Letter) -> str:
    rows = []
    for promise in letter.promises:
        due = letter.say(" by {day}", day=letter.day(promise.due)) if promise.due else ""
        note = f'<br><span style="{_SOFT}">{_text(promise.note)}</span>' if promise.note else ""
        box = f"<b>{_text(letter.say('Promised: {text}{due}', text=promise.text, due=due))}</b>{note}"
        rows.append(_box(box, "background:#fdf4de;border:1px solid #dfae45;border-radius:10px", below=10))
    return "".join(rows)


def _hand_over(letter: Letter) -> str:
    if letter.hand_over is None:
        return ""
    reason = ""
    if letter.hand_over.reason:
        said = letter.say("Reason: {reason}", reason=letter.hand_over.reason)
        reason = f' <span style="{_SOFT}">{_text(said)}</span>'
    return _box(f"<b>{_text(letter.hand_over.sentence)}</b>{reason}", "background:#eef3f3;border-radius:10px", below=24)


def _last(letter: Letter) -> str:
    if not letter.last:
        return ""
    head = f"<b>{_text(letter.say('What we said last'))}</b>"
    rows = [f'<tr><td style="border-top:1px solid #dde4e5;padding:18px 0 12px 0;font-size:12px;{_FAINT}">{head}</td></tr>\n']
    for line in letter.last:
        rows.append(
            f'<tr><td style="padding:0 0 14px 0">{_TABLE}><tr><td width="14" style="border-left:2px solid {line.colour}">&nbsp;</td>'
            f'<td style="font-size:14px;line-height:21px;{_SOFT}">'
            f'<span style="{_FAINT};font-size:12px">{_text(letter.heading(line))}</span><br>'
            f"{_body(line)}</td></tr></table></td></tr>\n"
        )
    return "".join(rows)


def _links(letter: Letter) -> str:
    parts = []
    if letter.chat_link:
        parts.append(
            f'<a href="{escape(letter.chat_link)}" style="display:inline-block;background:#00695f;color:#ffffff;'
            'text-decoration:none;font-weight:600;font-size:15px;line-height:20px;padding:12px 18px;border-radius:10px">'
            f"{_text(letter.say('Go on in the chat'))}</a>"
        )
    if letter.record_link:
        words = _text(letter.say("Open or save my full record"))
        parts.append(f'<a href="{escape(letter.record_link)}" style="color:#00695f;font-size:15px">{words}</a>')
    if letter.not_me_link:
        words = _text(letter.say("This was not me"))
        parts.append(f'<a href="{escape(letter.not_me_link)}" style="color:#00695f;font-size:15px">{words}</a>')
    return f'<tr><td style="padding:8px 0 0 0">{" &nbsp; ".join(parts)}</td></tr>\n' if parts else ""


def _foot(letter: Letter) -> str:
    marked = f' <span style="color:#8a979c;font-size:10px">{escape(letter.text_marker)}</span>' if letter.text_marker else ""
    said = [letter.say("Just answer this e-mail.")]
    if letter.kept_until:
        said.append(letter.say("Kept until {day} or longer.", day=letter.kept_until))
    if letter.chat_link or letter.record_link:
        said.append(letter.say("The links are only for you."))
    said.append(letter.say("No images, no tracking: this e-mail loads nothing."))
    reference = _text(letter.say("Reference {case}.", case=letter.case_number))
    return (
        f'<tr><td style="font-size:12px;line-height:19px;{_FAINT};padding:14px 4px">{reference}{marked} {_text(" ".join(said))}</td></tr>\n'
    )


def _box(inside: str, style: str, *, below: int) -> str:
    return (
        f'<tr><td style="padding:0 0 {below}px 0">{_TABLE} style="{style}"><tr>'
        f'<td style="padding:12px 14px;font-size:14px;line-height:20px">{inside}</td></tr></table></td></tr>\n'
    )


def _body(line: Line) -> str:
    named = " ".join(f"[{_text(name)}]" for name in line.attachments)
    return "<br>".join(part for part in (_lines(line.text), named) if part)


def _lines(text: str) -> str:
    return escape(text.strip("\n")).replace("\r", "").replace("\n", "<br>")


def _text(text: str) -> str:
    return escape(one_line(text))
