"""What the mail formats share: the message that carries the whole conversation as text, and the one that stands for a mail that is missing.

Knows the shape of a message (RFC 5322) and nothing of mailboxes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from chat.people.signing_keys import origin
from chat.transcripts.clock import SECOND
from chat.transcripts.mails import Mail, MissingMail
from chat.transcripts.transcript import Transcript, formats
from chat.transcripts.witness import head_fields

TEXT = "text"
"""The format in which the conversation stands in the first message: chat lines are no mails, and nothing may be missing."""
_PIECE = 64 * 1024
_POLICY = SMTP.clone(max_line_length=200)


def head(transcript: Transcript, content_type: str, encoding: str) -> bytes:
    """The header of the message about the whole conversation, without the blank line. It names the head of the chain as our mails do."""
    say = transcript.clock.say
    message = EmailMessage(policy=_POLICY)
    subject = say("{site}: transcript of {case}", site=transcript.site_name, case=transcript.case_number)
    _about(message, transcript, subject, transcript.made_at, f"transcript.{transcript.conversation}.{transcript.upto}")
    for name, value in head_fields(transcript.conversation, transcript.upto, bytes.fromhex(transcript.seal)).items():
        message[name] = value
    message["MIME-Version"] = "1.0"
    message["Content-Transfer-Encoding"] = encoding
    return bytes(message).removesuffix(b"\r\n") + f"Content-Type: {content_type}\r\n".encode()


def text(transcript: Transcript) -> Iterator[bytes]:
    """The conversation as text, with the line ends of mail."""
    for piece in formats()[TEXT].write(transcript):
        yield piece.replace(b"\n", b"\r\n")


def octets(transcript: Transcript, mail: Mail) -> Iterator[bytes]:
    """The mail in pieces; if it cannot be had, a message in its place that says so."""
    try:
        file = mail.open()
    except MissingMail as problem:
        yield _missing(transcript, mail, str(problem))
        return
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _missing(transcript: Transcript, mail: Mail, why: str) -> bytes:
    say = transcript.clock.say
    message = EmailMessage(policy=_POLICY)
    _about(message, transcript, say("The mail of entry {of} is missing", of=mail.position), mail.at, f"missing.{mail.position}")
    message.set_content(f"{say('The mail of entry {of} is missing', of=mail.position)}: {why}\n", cte="8bit")
    return bytes(message)


def _about(message: EmailMessage, transcript: Transcript, subject: str, at: int, identifier: str) -> None:
    host = origin()
    message["From"] = Address(_one_line(transcript.site_name), "transcript", host)
    message["Subject"] = _one_line(subject)
    message["Date"] = format_datetime(datetime.fromtimestamp(at // SECOND, UTC))
    message["Message-ID"] = f"<{identifier}.{transcript.conversation}@{host}>"


def _one_line(words: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in words).split())[:200]
