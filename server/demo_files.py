"""Small real files for the demo shop, made on the spot: a picture and a one-page paper."""

from __future__ import annotations

import struct
import zlib

from chat.ledger import blobs
from chat.ledger.event import AttachmentRef


def file_named(name: str) -> AttachmentRef:
    """A small real file: a picture, or a paper with one line."""
    content, media_type = (_picture(), "image/png") if name.endswith(".png") else (_paper(name), "application/pdf")
    return AttachmentRef(name=name, media_type=media_type, size=len(content), digest=blobs.store(content))


def _picture() -> bytes:
    """A PNG of a brass shade with a dark spot (PNG specification, third edition: one IDAT, no filter)."""
    width, height = 160, 100
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            spot = (x - 52) ** 2 + (y - 60) ** 2 < 90
            rows += bytes((110, 80, 40) if spot else (205 - y // 2, 165 - y // 2, 95 - y // 3))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")


def _paper(title: str) -> bytes:
    """A one-page PDF with its own name on it."""
    stream = f"BT /F1 18 Tf 60 760 Td (Brindle Lamps: {title}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    paper = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(paper))
        paper += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(paper)
    paper += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    paper += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(paper + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
