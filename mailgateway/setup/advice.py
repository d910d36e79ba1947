"""What the mail doctor says: one step each, with the cure where something is wrong. Sentences only; who shows them is somebody else's."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from chat.ledger.deliveries import BOUNCED
from mailgateway.doors import imap_account
from mailgateway.proof import dns_records
from mailgateway.send import Outcome

WELL, TROUBLE, NOTE = "well", "trouble", "note"
RELAY = "Check THROUGHLINE_RELAY, _RELAY_TLS, _RELAY_USER and _RELAY_PASSWORD. Until then mail waits here, and none is given up."


@dataclass(frozen=True, slots=True)
class Step:
    """`state` is well, trouble or note; `line` is a line to copy, as of a zone file."""

    state: str
    name: str
    sentence: str
    cure: str = ""
    line: str = ""


def well(name: str, sentence: str) -> Step:
    return Step(WELL, name, sentence)


def trouble(name: str, sentence: str, cure: str) -> Step:
    return Step(TROUBLE, name, sentence, cure)


def note(name: str, sentence: str, cure: str = "") -> Step:
    return Step(NOTE, name, sentence, cure)


def no_relay() -> Step:
    sentence = f"No relay is set: outgoing mail stays in the local mailbox at {settings.PUBLIC_URL}/mailbox/ and reaches nobody."
    return trouble("out", sentence, "Set THROUGHLINE_RELAY to host:port of the server that sends your mail.")


def not_taken(to: str, outcome: Outcome) -> Step:
    """The relay did not take the mail to our own address; the cure says what becomes of others meanwhile."""
    sentence = f"The relay {settings.RELAY} did not take the mail to {to}: {outcome.said}"
    if outcome.state == BOUNCED:
        cure = f"It refused this mail for good, and others like it: those bounce. Let it send mail of {settings.MAIL_DOMAIN}"
        return trouble("out", sentence, f"{cure} for the user that THROUGHLINE_RELAY_USER names.")
    if outcome.whose:
        return trouble("out", sentence, RELAY)
    return trouble("out", sentence, "It says “later”: try again in some minutes. Mail that it puts off so is tried for 48 hours.")


def tag_lost(lost: str, survive: Sequence[str]) -> Step:
    """The plain address comes back and the one with a tag does not."""
    sentence = f"This host does not deliver what stands behind {lost} in an address: answers to our mails would be lost."
    if lost not in ("+", "-", "="):
        return trouble("reply address", f"Mail to any name at {lost} does not come here.", f"Let {lost} deliver every address to us.")
    ways = [f"set THROUGHLINE_MAIL_SEPARATOR={form}, which comes through" for form in survive[:1]]
    ways.append(f"let a sub-domain as reply.{settings.MAIL_DOMAIN} deliver every address to us and set THROUGHLINE_MAIL_REPLY_DOMAIN to it")
    ways.append("set THROUGHLINE_MAIL_SEPARATOR=none: answers then find their conversation by their references alone")
    return trouble("reply address", sentence, f"One of these: {'; or '.join(ways)}.")


def nothing_came(patience: float) -> Step:
    """What is wrong with the doors, as far as it can be seen from here."""
    sentence = f"Nothing came back within {patience:.0f} s."
    if settings.IMAP is not None:
        problem = _mailbox_trouble()
        if problem:
            return trouble("in", f"{sentence} The mailbox {settings.IMAP_USER} cannot be read: {problem}", _MAILBOX)
        cure = (
            f"Mail for {settings.MAIL_DOMAIN} must end in one of the folders {', '.join(settings.IMAP_FOLDERS)}; look there, and into spam."
        )
        return trouble("in", f"{sentence} The mailbox {settings.IMAP_USER} can be read.", cure)
    if settings.MAIL_HOOKS:
        hooks = " or ".join(f"{settings.PUBLIC_URL}/mail/hooks/{name}/" for name in settings.MAIL_HOOKS)
        return trouble(
            "in", f"{sentence} No provider has posted it.", f"Let the provider post to {hooks}, and look into its list of tries."
        )
    host = settings.SMTP_HOST if settings.SMTP_HOST not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104  # compared, not bound
    try:
        with smtplib.SMTP(host, settings.SMTP_PORT, timeout=10):
            pass
    except (OSError, smtplib.SMTPException) as problem:
        cure = "Start `throughline up` or `throughline mail`, or set THROUGHLINE_SMTP_HOST and _PORT to where it listens."
        return trouble("in", f"{sentence} Nobody answers at {host}:{settings.SMTP_PORT} ({problem}).", cure)
    return trouble(
        "in",
        f"{sentence} The gateway listens at {host}:{settings.SMTP_PORT}, and nobody brought the mail.",
        f"Let the server that the MX records of {settings.MAIL_DOMAIN} name hand its mail on to that port (docs/mail.md, Recipes), "
        "and look into the log of the relay.",
    )


def records(sends_from: Sequence[str] = ()) -> list[Step]:
    """The DNS records as they are, with the line to publish where one is missing. Waits for DNS."""
    by_port_25 = settings.IMAP is None and not settings.MAIL_HOOKS
    return [_record(found) for found in dns_records.findings(sends_from=sends_from, by_port_25=by_port_25)]


_MAILBOX = "Check THROUGHLINE_IMAP, _IMAP_TLS, _IMAP_USER, and the password or token (docs/mail.md, Other doors)."


def mailbox() -> Step | None:
    """Whether the mailbox elsewhere can be read; None where none is set. Waits for it."""
    if settings.IMAP is None:
        return None
    host, port = settings.IMAP
    problem = _mailbox_trouble()
    if problem:
        return trouble("mailbox", f"The mailbox {settings.IMAP_USER} at {host}:{port} cannot be read: {problem}", _MAILBOX)
    return well("mailbox", f"The mailbox {settings.IMAP_USER} at {host}:{port} can be read.")


def _mailbox_trouble() -> str:
    account = imap_account.from_settings()
    if account is None:
        return ""
    try:
        session = imap_account.Session(account)
    except imap_account.PROBLEMS as problem:
        return _words(problem)
    try:
        for folder in settings.IMAP_FOLDERS:
            session.open(folder)
    except imap_account.PROBLEMS as problem:
        return f"the folder {folder}: {_words(problem)}"
    finally:
        session.close()
    return ""


def _words(problem: Exception) -> str:
    """What went wrong as text: imaplib hands the server's own words on as octets."""
    said = problem.args[0] if problem.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else getattr(problem, "strerror", None) or str(problem)
    return " ".join(text.split())[:300] or type(problem).__name__


def _record(found: dns_records.Finding) -> Step:
    if found.state == dns_records.GOOD:
        return well(found.what, found.sentence)
    state = TROUBLE if found.state == dns_records.GAP else NOTE
    return Step(state, found.what, found.sentence, "Publish this line." if found.line() and state == TROUBLE else "", found.line())
