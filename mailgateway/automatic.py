"""Tells mail that machines sent from mail that people wrote: bounces, auto-replies, lists, loops. Pure;
knows no conversation and sends nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgateway import bounces
from mailgateway.bounces import Bounce
from mailgateway.parsed import ParsedMail

_NO_BOUNCE = Bounce()
_AWAY_SUBJECT = re.compile(
    r"(?:\s*(?:re|aw|sv|vs|antw|r|odp)\s*:)?\s*\[?("
    r"out of (?:the )?office|automatic(?:ally generated)? reply|auto[- ]?reply|autoreply|"
    r"auto[- ]?response|away from|on (?:vacation|holiday|leave)\b|"
    r"abwesenheit|automatische antwort|abwesend|réponse automatique|absence du bureau|"
    r"automatisch antwoord|afwezig|autosvar|automatisk svar|automatiskt svar|"
    r"fraværende|frånvar|automatyczna odpowied|odpowied. automatyczna|risposta automatica|fuori sede|"
    r"respuesta autom|fuera de la oficina|resposta autom|"
    r"автоответ|автоматический ответ|自動応答|自動返信|不在通知)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Automatic:
    """What kind of automatic mail this is, and by which sign we know.

    kind: "" (a person wrote it) | bounce (delivery given up) | delay (still being tried) | report (complaint, read receipt)
    | auto_reply | list (mailing list or mass mail) | loop (our own mail coming back). `bounce` is filled for bounce and delay.
    """

    kind: str = ""
    evidence: str = ""
    bounce: Bounce = field(default=_NO_BOUNCE)

    def __bool__(self) -> bool:
        return self.kind != ""


def classify(mail: ParsedMail, *, envelope_sender: str | None = None, own: frozenset[str] = frozenset()) -> Automatic:
    """Judge one mail. `envelope_sender` is the MAIL FROM when known ("" = the null sender of RFC 5321 section 4.5.5).

    `own` holds the addresses (lower case) under which we send. Order matters: a bounce is also Auto-Submitted, and often "list".
    """
    null_sender = _null_sender(mail, envelope_sender)
    loop = _loop(mail, own)
    if loop:
        return Automatic("loop", loop)
    found = bounces.find(mail, null_sender=null_sender)
    if found is not None:
        return Automatic("delay" if found.delayed else "bounce", found.evidence, found)
    for kind, evidence in (("report", _report(mail)), ("auto_reply", _auto_reply(mail)), ("list", _list(mail))):
        if evidence:
            return Automatic(kind, evidence)
    if null_sender:
        return Automatic("auto_reply", "null sender")
    if bounces.daemon(mail):
        return Automatic("report", "sent by a mail system")
    return Automatic()


def _null_sender(mail: ParsedMail, envelope_sender: str | None) -> bool:
    if envelope_sender is not None:
        return envelope_sender.strip() in {"", "<>"}
    return any(mail.signals.get(name, "").strip() == "<>" for name in ("return-path", "x-envelope-from"))


def _loop(mail: ParsedMail, own: frozenset[str]) -> str:
    if mail.signals.get("x-throughline-loop", "").strip().lower() in own:
        return "X-Throughline-Loop"
    named = mail.signals.get("x-loop", "").strip().lower()
    if named and named in own:
        return "X-Loop"
    if mail.sender is not None and mail.sender.address.lower() in own:
        return "From is our own address"
    return ""


def _report(mail: ParsedMail) -> str:
    if mail.report is None:
        return ""
    if mail.report.report_type in {"feedback-report", "disposition-notification"}:
        return mail.report.report_type
    names = {name for block in mail.report.fields for name in block}
    if names & {"feedback-type", "disposition"}:
        return "report fields"
    return ""


def _auto_reply(mail: ParsedMail) -> str:
    signals = mail.signals
    # RFC 3834 section 5: any value but "no" is automatic; parameters and comments may follow.
    submitted = re.split(r"[;\s(]", signals.get("auto-submitted", "").strip().lower(), maxsplit=1)[0]
    if submitted not in {"", "no"}:
        return f"Auto-Submitted: {submitted[:40]}"
    suppress = {part.strip().lower() for part in signals.get("x-auto-response-suppress", "").split(",")}
    if suppress & {"all", "autoreply"}:
        return "X-Auto-Response-Suppress"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply", "x-auto-reply-from"):
        if signals.get(name, "no").strip().lower() not in {"no", "false", "0"}:
            return name
    if signals.get("precedence", "").strip().lower() in {"auto_reply", "auto-reply"}:
        return "Precedence: auto_reply"
    if "vacation" in signals.get("x-mailer", "").lower():
        return "X-Mailer"
    if _AWAY_SUBJECT.match(mail.subject):
        return "subject"
    return ""


def _list(mail: ParsedMail) -> str:
    precedence = mail.signals.get("precedence", "").strip().lower()
    if precedence in {"list", "bulk", "junk"}:
        return f"Precedence: {precedence}"
    return next((name for name in ("list-id", "list-post", "list-unsubscribe", "feedback-id") if name in mail.signals), "")
