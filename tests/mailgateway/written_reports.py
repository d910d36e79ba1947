"""Reports about a mail of ours, as mail servers and people's programs write them. Knows nothing of the code under test."""

from __future__ import annotations

from email.message import EmailMessage

from tests.mailgateway.mails import mail

NADIA = "nadia@customer.example"


def dsn(
    *,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "550 5.1.1 No such user",
    to: str = "nadia@customer.example",
    below: str = "",
) -> bytes:
    """A delivery report (RFC 3464); `below` is the header of the mail it returns."""
    return (
        "From: MAILER-DAEMON@mx.customer.example\r\nTo: x\r\nSubject: Mail delivery report\r\nAuto-Submitted: auto-replied\r\n"
        f"Message-ID: <{action}.{status}.{hash((said, below))}@mx.customer.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\nMIME-Version: 1.0\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.customer.example\r\n\r\nFinal-Recipient: rfc822; {to}\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; {said}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{below}\r\n--b--\r\n"
    ).encode()


def free_form(letter: EmailMessage, *, said: str = "550 5.1.1 User unknown") -> bytes:
    """As qmail writes it: prose, and our mail below it."""
    return mail(
        "Hi. This is the qmail-send program at mx.customer.example.\nI'm afraid I wasn't able to deliver your message.\n\n"
        f"<nadia@customer.example>:\n{said}\n\n--- Below this line is a copy of the message.\n\n{letter.as_string()}",
        From="MAILER-DAEMON@mx.customer.example",
        Subject="failure notice",
        Message_ID="<qmail@mx.customer.example>",
    )


def complaint(letter: EmailMessage, *, feedback: str = "abuse") -> bytes:
    """A feedback report (RFC 5965) whose provider leaves the address out."""
    return (
        "From: fbl@provider.example\r\nTo: support@support.example\r\nSubject: complaint\r\nMessage-ID: <fbl@provider.example>\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\nMIME-Version: 1.0\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {feedback}\r\nUser-Agent: x/1\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: {letter['Message-ID']}\r\nTo: redacted@customer.example\r\n\r\nHello\r\n--b--\r\n"
    ).encode()
