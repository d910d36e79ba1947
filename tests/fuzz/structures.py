"""Hypothesis strategies for mails that are nearly right: parts in parts, headers in odd words, encodings that lie. Knows no parser."""

from __future__ import annotations

import base64
import quopri

from hypothesis import strategies as st

_WORDS = (
    "Lamp",
    "größer",
    "ランプ",
    "=?utf-8?Q?Gr=C3=B6",
    "?=",
    "=?x?b?//?=",
    "(",
    ")",
    '"',
    "<",
    ">",
    ":",
    ";",
    ",",
    "@",
    "\\",
    "\x00",
    "a@b.example",
)
_FIELDS = (
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "In-Reply-To",
    "Reply-To",
    "Auto-Submitted",
    "Delivered-To",
    "X-Odd",
)
_TYPES = (
    "text/plain", "text/html", "text/enriched", "text/calendar", "message/rfc822", "message/delivery-status", "message/partial",
    "image/png", "application/pgp-encrypted", "application/ms-tnef", "text", "", "TEXT/PLAIN",
)  # fmt: skip
_KINDS = ("mixed", "alternative", "related", "signed", "report", "digest", "appledouble", "x-odd")
_CHARSETS = ("utf-8", "us-ascii", "iso-8859-1", "shift_jis", "iso-2022-jp", "gb2312", "utf-16", "utf-7", "hz", "punycode", "none")
_ENCODINGS = ("7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "QUOTED-PRINTABLE ; x", "nonsense")
_LINES = ("\r\n", "\n", "\r")

words = st.lists(st.sampled_from(_WORDS) | st.text(max_size=12), max_size=8).map(" ".join)
texts = words | st.sampled_from(
    [
        "begin 644 a.txt\n#0V%T\n`\nend\n",
        "> quoted \nand on \n-- \nNadia",
        "On Monday Tom wrote:\n> x",
        "<p><blockquote>x</p>",
        "BEGIN:VEVENT\nSUMMARY:x\n",
    ]
)


@st.composite
def _headers(draw: st.DrawFn) -> list[str]:
    return [f"{draw(st.sampled_from(_FIELDS))}: {draw(words)}" for _ in range(draw(st.integers(0, 5)))]


@st.composite
def _leaves(draw: st.DrawFn) -> bytes:
    charset, encoding = draw(st.sampled_from(_CHARSETS)), draw(st.sampled_from(_ENCODINGS))
    head = draw(_headers())
    name = draw(st.sampled_from(("", "; name=a.txt", "; name*0*=utf-8''%C3;name*1*=%B6", '; name="a')))
    head.append(
        f"Content-Type: {draw(st.sampled_from(_TYPES))}; charset={charset}{draw(st.sampled_from(('', '; format=flowed; delsp=yes')))}{name}"
    )
    head.append(f"Content-Transfer-Encoding: {encoding}")
    head += draw(st.sampled_from(([], ["Content-Disposition: attachment; filename==?utf-8?q?a?="], ["Content-Disposition: inline"])))
    body = draw(texts).encode("utf-8", "replace") if draw(st.booleans()) else draw(st.binary(max_size=200))
    truly = draw(st.sampled_from((encoding, "7bit")))
    body = base64.encodebytes(body) if truly == "base64" else quopri.encodestring(body) if truly == "quoted-printable" else body
    return "\n".join(head).encode("utf-8", "replace") + draw(st.sampled_from((b"\n\n", b"\n"))) + body


def _multiparts(children: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    @st.composite
    def made(draw: st.DrawFn) -> bytes:
        boundary = draw(st.sampled_from((b"b", b"bb", b"=_x", b"")))
        head = "\n".join([*draw(_headers()), f'Content-Type: multipart/{draw(st.sampled_from(_KINDS))}; boundary="{boundary.decode()}"'])
        parts = b"".join(b"\n--" + boundary + b"\n" + child for child in draw(st.lists(children, max_size=4)))
        return head.encode("utf-8", "replace") + b"\n\n" + parts + draw(st.sampled_from((b"\n--" + boundary + b"--\n", b"")))

    return made()


@st.composite
def mails(draw: st.DrawFn) -> bytes:
    """One whole mail, with one kind of line ends."""
    raw = draw(st.recursive(_leaves(), _multiparts, max_leaves=8))
    return raw.replace(b"\n", draw(st.sampled_from(_LINES)).encode())


@st.composite
def damaged(draw: st.DrawFn, whole: list[bytes]) -> bytes:
    """A known mail with pieces of it or of another one overwritten, cut out, doubled or put elsewhere."""
    raw = bytearray(draw(st.sampled_from(whole)))
    for _ in range(draw(st.integers(1, 6))):
        at, size = draw(st.integers(0, len(raw))), draw(st.integers(0, 60))
        other = draw(st.sampled_from(whole))
        start = draw(st.integers(0, len(other)))
        piece = draw(st.sampled_from((b"", b"\n\n", b"\x00", b"--", b"=?utf-8?b?", other[start : start + size])))
        raw[at : at + draw(st.sampled_from((0, len(piece), size)))] = piece
    return bytes(raw)
