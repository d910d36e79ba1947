"""Mails that were made to cost: each small to send, and dear to whoever reads it carelessly. Knows nothing of the code under test."""

from __future__ import annotations

import base64

MEGA = 1024 * 1024
_HEAD = b"From: nadia@customer.example\r\nSubject: Lamp\r\nMIME-Version: 1.0\r\n"
_BASE64 = b"Content-Transfer-Encoding: base64\r\n"


def _mail(media_type: bytes, body: bytes, more: bytes = b"") -> bytes:
    return _HEAD + b"Content-Type: " + media_type + b"\r\n" + more + b"\r\n" + body


def _filled(piece: bytes, size: int) -> bytes:
    return piece * (size // len(piece))


def of(size: int) -> dict[str, bytes]:
    """By what they do, each of about `size` octets."""
    mixed = b"multipart/mixed; boundary=b"
    return {
        "parts inside each other": b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(size // 60)
        ),
        "parts side by side": _mail(mixed, _filled(b"--b\r\n\r\nx\r\n", size)),
        "boundaries that are none": _mail(mixed, _filled(b"--b", size)),
        "a boundary of dashes": _mail(b"multipart/mixed; boundary=------------------------", b"-" * size),
        "boundaries nobody declared": _mail(b"multipart/mixed", _filled(b"\n--x", size)),
        "one long header": b"Subject: " + b"a" * size,
        "many headers": _filled(b"To: a@b.example\r\n", size) + b"\r\nx",
        "headers in every part": _mail(mixed, (b"--b\r\n" + _filled(b"X: y\r\n", size // 400) + b"\r\nx\r\n") * 400),
        "rubbish between headers": _filled(b"rubbish\nTo: x\n", size),
        "lines of blanks": _HEAD + _filled(b" \n", size),
        "empty lines": b"\r\n" * (size // 2),
        "open comments": b"From: " + b"(" * size + b" <a@b.example>\r\n\r\nx",
        "open words": b"Subject: " + _filled(b"=?a?q?", 250_000) + b"\r\n\r\nx",
        "blanks in an address": b"From: <a" + b" " * 250_000 + b"@b.example>\r\n\r\nx",
        "open parameters": b"Content-Type: text/plain;" + _filled(b'a="', 250_000) + b"\r\n\r\nx",
        "a file of padding": _mail(b"application/pdf; name=a.pdf", _filled(b"A=", size), _BASE64),
        "a text that was packed": _mail(b"text/plain", base64.encodebytes(_filled(b"lamp\n", size * 3 // 4)), _BASE64),
        "soft line ends": _mail(b"text/plain", _filled(b"= \n", size), b"Content-Transfer-Encoding: quoted-printable\r\n"),
        "files in the text": _mail(b"text/plain", _filled(b"begin 644 a\n!\nend\n", size)),
        "files without an end": _mail(b"text/plain", _filled(b"begin 644 a\n#0V%T\n", size)),
        "flowing lines": _mail(b"text/plain; format=flowed", _filled(b"a \n", size)),
        "escapes": _mail(b"text/plain; charset=iso-2022-jp", _filled(b"\x1b$B\x1b(B", size)),
        "octets of no charset": _mail(b"text/plain; charset=utf-8", _filled(b"\xff\xfe\xfd\xe3", size)),
        "brackets": _mail(b"text/html", b"<" * size),
        "paragraphs": _mail(b"text/html", _filled(b"<p>", size)),
        "formatting that is opened again": _mail(
            b"text/html", b"".join(b"<b a=%d>" % n for n in range(700)) + _filled(b"<p>x", min(size, 2 * MEGA))
        ),
        "tables in tables": _mail(b"text/html", _filled(b"<table><tr><td>", size)),
        "letters as names": _mail(b"text/html", _filled(b"&amp;", size)),
        "pages in every part": _mail(mixed, (b"--b\r\nContent-Type: text/html\r\n\r\n" + _filled(b"<p>lamp", size // 400) + b"\r\n") * 390),
        "a report without end": _mail(b"message/delivery-status", _filled(b"a: b\n\n", size)),
        "guests without end": _mail(b"text/calendar", b"BEGIN:VEVENT\n" + _filled(b"ATTENDEE;CN=a:b\n", size)),
        "an archive": _mail(
            b"application/zip; name=a.zip", base64.encodebytes(b"PK\x03\x04" + b"\0" * (size * 3 // 4)), _BASE64
        ),
    }  # fmt: skip
