"""Hands one mail to the relay, or to the local mailbox when there is none, and says what became of it. Retries nothing."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from functools import partial

import aiosmtplib
from django.conf import settings

from chat.ledger.deliveries import BOUNCED, DELAYED, SENT
from chat.ledger.read import in_thread
from mailgateway.sending import local_mailbox, relay
from mailgateway.sending.relay import Line, Lines, Unreachable
from mailgateway.sending.writing import Outgoing

AFTER_DATA = 600.0
"""Seconds for the answer to the final dot (RFC 5321 section 4.5.3.2.6): who hangs up earlier may send a mail twice."""
NOTIFY = "SUCCESS,FAILURE,DELAY"
"""What we want to be told of: a success is their server's word that it has the mail, which the relay's 250 is not."""
MAX_WORDS = 500
THEIRS, OURS, AWAY = "", "ours", "away"
"""Whose trouble a delay is: the addressee's server's; our relay's with our mail; or the relay cannot be reached at all."""
_NOT_LET_IN = re.compile(
    r"relay(ing)?( access)? (denied|not (permitted|allowed))|authentication (is )?required|must issue a starttls", re.I
)
_TOO_BIG = 552


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state` is sent, delayed or bounced; `said` the other server's own words; `whose` trouble a delay is."""

    state: str
    said: str
    whose: str = THEIRS


async def send(mail: Outgoing, lines: Lines | None = None) -> Outcome:
    """Never raises for what a mail server or the network does. Without `lines` over a connection of its own."""
    if not settings.RELAY:
        return await _keep(mail)
    own = lines is None
    lines = lines or Lines()
    try:
        return await _relay(mail, lines)
    finally:
        if own:
            await lines.close()


async def _keep(mail: Outgoing) -> Outcome:
    number = await in_thread(
        partial(
            local_mailbox.keep,
            mail.raw,
            sender=mail.sender,
            to=mail.to,
            identifier=mail.identifier,
            subject=mail.subject,
            conversation=mail.conversation,
        )
    )
    return Outcome(SENT, f"Kept in the local mailbox as {number}, because no relay is set.")


async def _relay(mail: Outgoing, lines: Lines) -> Outcome:
    try:
        line = await lines.take()
    except Unreachable as problem:
        return Outcome(DELAYED, _words(str(problem)), AWAY)
    try:
        outcome = await _transaction(mail, line)
    except BaseException:
        await lines.drop(line)
        raise
    await lines.give_back(line)
    return outcome


async def _transaction(mail: Outgoing, line: Line) -> Outcome:
    try:
        if mail.utf8 and not line.supports_extension("smtputf8"):
            return Outcome(BOUNCED, "Our relay carries no addresses with letters beyond a to z before the @ (it offers no SMTPUTF8).")
        return await _said(mail, line)
    except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as refusal:
        return _refused(refusal.code, refusal.message)
    except aiosmtplib.SMTPResponseException as refusal:
        # The sender is ours, and so is the relay: a fault there is ours to mend, and no reason to give a mail up, unless it is too big.
        said = _words(f"{refusal.code} {refusal.message}")
        return Outcome(BOUNCED, said) if refusal.code == _TOO_BIG else Outcome(DELAYED, said, OURS)
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as problem:
        line.close()
        return Outcome(DELAYED, _words(f"The line to our relay broke: {str(problem) or type(problem).__name__}"), OURS)
    except ValueError as problem:
        return Outcome(BOUNCED, _words(str(problem)))


async def _said(mail: Outgoing, line: Line) -> Outcome:
    options = [f"SIZE={len(mail.raw)}"] if line.supports_extension("size") else []
    encoding = "ascii"
    if mail.utf8:
        options += ["BODY=8BITMIME", "SMTPUTF8"]
        encoding = "utf-8"
    wishes = []
    if line.supports_extension("dsn"):
        # RFC 3461 sections 4.1 and 4.3: reports about the mail, and without its body, which we have.
        options.append("RET=HDRS")
        wishes = [f"NOTIFY={NOTIFY if mail.reports else 'NEVER'}"]
    await line.mail(mail.sender, options=options, encoding=encoding)
    try:
        await line.rcpt(mail.to, options=wishes, encoding=encoding)
        answer = await line.data(mail.raw, timeout=AFTER_DATA)
    except aiosmtplib.SMTPResponseException:
        # A relay that refuses and hangs up has refused all the same.
        with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            if line.is_connected:
                await line.rset(timeout=relay.PATIENCE)
        raise
    return Outcome(SENT, _words(answer.message))


def _refused(code: int, message: str) -> Outcome:
    said = _words(f"{code} {message}")
    if code in (530, 535, 538) or (code >= 500 and _NOT_LET_IN.search(said)):
        return Outcome(DELAYED, said, OURS)
    return Outcome(BOUNCED if code >= 500 else DELAYED, said)


def _words(said: str) -> str:
    return " ".join(str(said).split())[:MAX_WORDS]
