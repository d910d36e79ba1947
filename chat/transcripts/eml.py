"""The mails of a conversation in one message: first the conversation as text, then a digest with each mail as it came or was sent.

As RFC 2046, section 5.1.5, lays a digest out behind its table of contents. Knows no mailbox; mail programs open it like any mail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from chat.transcripts import mailed
from chat.transcripts.mails import mails
from chat.transcripts.transcript import Format, Transcript, register_format


@register_format
class Eml(Format):
    name = "eml"
    label = "E-mails in one message"
    media_type = "message/rfc822"
    extension = "eml"
    icon = "mail"
    stem = "mails"
    in_record = ""

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        whole, digest = (_boundary(transcript, name) for name in ("whole", "digest"))
        yield mailed.head(transcript, f'multipart/mixed; boundary="{whole}"', "binary") + b"\r\n"
        yield _part(whole, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit")
        yield from mailed.text(transcript)
        found = False
        for mail in mails(transcript):
            if not found:
                yield _part(whole, f'Content-Type: multipart/digest; boundary="{digest}"', "Content-Transfer-Encoding: binary")
                found = True
            yield _part(digest, "Content-Type: message/rfc822", f'Content-Disposition: attachment; filename="{mail.name}"')
            yield from mailed.octets(transcript, mail)
        yield f"\r\n--{digest}--\r\n".encode() if found else b""
        yield f"\r\n--{whole}--\r\n".encode()


def _part(boundary: str, *fields: str) -> bytes:
    return "\r\n".join(("", f"--{boundary}", *fields, "", "")).encode()


def _boundary(transcript: Transcript, name: str) -> str:
    # It follows from the seal, which follows from the mails: nobody can write a mail that holds it.
    return (
        "throughline-" + hashlib.sha256(f"{name} {transcript.conversation} {transcript.upto} {transcript.seal}".encode()).hexdigest()[:40]
    )
