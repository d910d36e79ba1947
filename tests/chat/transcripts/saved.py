"""Saved files of Nadia's case for those who check them: transcripts and a full record, signed. Knows no page and no server."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from chat.events.privacy import CrossedOut
from chat.events.talk import MessageSaid
from chat.ledger import note
from chat.ledger.append import append_sync
from chat.ledger.cross_out import crossing_out
from chat.ledger.event import AttachmentRef, Audience
from chat.transcripts.transcript import render
from chat.transcripts.verifier import FORMAT
from tests.chat.nadia import NadiasCase
from tests.chat.transcripts.tampering import Document, saved, sealed_in_base64

ORIGIN, SEED = "support.example", bytes(range(32))
KEY = note.vkey(ORIGIN, note.public_of(SEED))
PICTURE = b"not really a picture"


def told() -> NadiasCase:
    """Nadia's case with an answer, a file that we hold, and a line that was crossed out."""
    case = NadiasCase().tell()
    ref = AttachmentRef(name="dent.jpg", media_type="image/jpeg", size=len(PICTURE), digest=hashlib.sha256(PICTURE).hexdigest())
    case.add(MessageSaid(by="Nadia", text="The “dent” \u001b[31m again: 3 × 2 mm, für Sie \u202eabc", attachments=(ref,)))
    wrong = case.add(MessageSaid(by="Nadia", text="My card is 4000 0000 0000 0002."))
    says = CrossedOut(of=wrong, fields=("text",), by="Ruth", reason="A card number was written here.", ground="mistake")
    append_sync(crossing_out(case.conversation, wrong, ["text"], says=says, actor="agent:1", key="cross"))
    return case


def document(case: NadiasCase, *, audience: Audience = Audience.EVERYONE) -> Document:
    """The JSON transcript, signed with the key of these tests."""
    found: Document = orjson.loads(b"".join(render("json", case.conversation, audience=audience, made_for="Nadia")))
    return signed(found)


def signed(found: Document) -> Document:
    text = f"{ORIGIN}/conversation/{found['conversation']}\n{found['upto']}\n{sealed_in_base64(found)}\n"
    return found | {"proof": {"note": note.sign(text, name=ORIGIN, seed=SEED), "keys": [KEY]}}


def as_lines(found: Document) -> bytes:
    head = {name: value for name, value in found.items() if name != "entries"} | {"format": f"{FORMAT}-lines"}
    last = {"end": True, "upto": found["upto"], "seal": found["seal"]}
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in [head, *found["entries"], last])


def archive(found: Document, **others: bytes) -> bytes:
    """A full record of this transcript; `others` replaces or adds files, None under a name leaves one out."""
    photo, dent = _places(found)
    files = {
        "README.txt": b"What is in here.\n",
        "transcript.json": saved(found),
        "transcript.jsonl": as_lines(found),
        f"attachments/{dent}-0-dent.jpg": PICTURE,
        "proof/head.note": found["proof"]["note"].encode(),
        "proof/keys.json": json.dumps({"keys": [{"key": KEY}]}).encode(),
    } | others
    listed: list[dict[str, object]] = [
        {"name": name, "size": len(octets), "sha256": hashlib.sha256(octets).hexdigest()} for name, octets in files.items()
    ]
    listed.append({"name": f"attachments/{photo}-0-dent-left-side.jpg", "missing": "It is not in the store."})
    manifest = {name: found[name] for name in ("conversation", "case_number", "audience", "upto", "seal", "made_at")}
    manifest |= {"format": "throughline-full-record", "version": 1, "files": listed}
    return zipped(files | {"manifest.json": json.dumps(manifest).encode()})


def pdf(attached: bytes, *others: bytes) -> bytes:
    """As much of a PDF as a file in it needs (ISO 32000-2, 7.11.4), and objects more."""
    packed = zlib.compress(attached)
    about = b"<< /Type /EmbeddedFile /Subtype /application#2Fjson /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
    holder = b"<< /Type /Filespec /F (transcript.json) /EF << /F 3 0 R /UF 3 0 R >> >>"
    return objects(b"<< /Type /Catalog /Note (a \\( (/EF << /F 9 0 R >>) %) >>", holder, about + packed + b"\nendstream", *others)


def objects(*bodies: bytes) -> bytes:
    """A PDF of these objects, from 1 on, and its table of them."""
    octets, rows = b"%PDF-1.7\n", [b"0000000000 65535 f\r\n"]
    for number, body in enumerate(bodies, 1):
        rows.append(b"%010d 00000 n\r\n" % len(octets))
        octets += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"xref\n0 %d\n%btrailer\n<< /Size %d /Root 1 0 R >>\n" % (len(rows), b"".join(rows), len(rows))
    return octets + table + b"startxref\n%d\n%%%%EOF" % len(octets)


def false_papers(good: bytes) -> list[tuple[bytes, str]]:
    """PDFs in which programs find different files, and what is said of them."""
    false, spec = b"<< /Length 2 >>\nstream\n{}\nendstream", b"<< /Type /Filespec /F (transcript.json) /EF << /F 4 0 R >> >>"
    packed = b"<< /Type /ObjStm /N 0 /First 0 /Length 0 >>\nstream\n\nendstream"
    return [
        (pdf(good, false, spec), "more than one"),
        (pdf(good, false, spec.replace(b"/EF", b"/#45F")), "disguised"),
        (pdf(good, false, b"<< /EF 2 0 R >>"), "more than one"),
        (pdf(good, packed), "packed"),
        (pdf(good, false, b"%(\n" + spec), "different ways"),
        (pdf(good).replace(b"/F 3 0 R /UF 3 0 R", b"/F 1 0 R /UF 3 0 R"), "which attached file"),
        (pdf(good).replace(b"3 0 obj", b"8 0 obj"), "where its table"),
        (pdf(good).replace(b"/Root 1 0 R", b"/Prev 000 0"), "added"),
        (pdf(good) + b"\n" + pdf(b"{}"), "programs may read it|different ways"),
        (pdf(good) + pdf(b"{}")[8:], "programs may read it|where its table"),
    ]


def zipped(files: dict[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, octets in files.items():
            whole.writestr(name, octets)
    return into.getvalue()


def far(octets: bytes) -> bytes:
    """The same members with all sizes and places in fields of 64 bits (APPNOTE.TXT 4.5.3), as in an archive above 4 GB."""
    whole, out, listed, full = zipfile.ZipFile(io.BytesIO(octets)), b"", b"", 0xFFFFFFFF
    for info in whole.infolist():
        name, content = info.filename.encode(), whole.read(info)
        middle = struct.pack("<HHHHHLLL", 45, 0x800, 0, 0, 33, info.CRC, full, full)
        sizes = struct.pack("<QQ", len(content), len(content))
        extra = struct.pack("<HH", 1, 24) + sizes + struct.pack("<Q", len(out))
        listed += b"PK\1\2\x2d\3" + middle + struct.pack("<HHHHHLL", len(name), len(extra), 0, 0, 0, 0o100644 << 16, full) + name + extra
        out += b"PK\3\4" + middle + struct.pack("<HH", len(name), 20) + name + struct.pack("<HH", 1, 16) + sizes + content
    count, begins = len(whole.infolist()), len(out)
    out += listed + b"PK\6\6" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, count, count, len(listed), begins)
    out += b"PK\6\7" + struct.pack("<LQL", 0, begins + len(listed), 1)
    return out + b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 0xFFFF, 0xFFFF, full, full, 0)


def with_other(octets: bytes, name: str, content: bytes) -> bytes:
    whole = zipfile.ZipFile(io.BytesIO(octets))
    return zipped({info.filename: content if info.filename == name else whole.read(info) for info in whole.infolist()})


def signature(octets: bytes, conversation: str) -> str:
    return note.sign(_about(octets, conversation, ORIGIN), name=ORIGIN, seed=SEED)


def beside(path: Path, octets: bytes, conversation: str, *, sign: Callable[[str], str] | None = None, origin: str = ORIGIN) -> Path:
    """Writes an archive and its signature, with the key of these tests or by `sign`."""
    path.write_bytes(octets)
    signed_note = sign(_about(octets, conversation, origin)) if sign else signature(octets, conversation)
    path.with_name(path.name + ".sig").write_text(signed_note)
    return path


def _about(octets: bytes, conversation: str, origin: str) -> str:
    digest = base64.b64encode(hashlib.sha256(octets).digest()).decode()
    return f"{origin}/full-record/{conversation}\n{len(octets)}\n{digest}\n"


def _places(found: Document) -> tuple[int, int]:
    photo, dent = (one["position"] for one in found["entries"] if "attachments.0" in one.get("body", {}))
    return photo, dent


def differing(octets: bytes) -> Iterator[bytes]:
    """What programs see that read from the front differs from what the directory lists, by name, size or packing; or a second name."""
    name = octets.index(b"README.txt")
    for at, other in ((name, b"R3ADME.txt"), (name - 8, b"\1\0"), (name - 22, b"\0\0"), (name - 16, b"\1")):
        yield octets[:at] + other + octets[at + len(other) :]
    into = io.BytesIO(octets)
    renamed = zipfile.ZipInfo("attachments/note.txt")
    renamed.extra = b"\x75\x70\x09\0\1aaaaREAD"
    with zipfile.ZipFile(into, "a") as whole:
        whole.writestr(renamed, b"We promise EUR 400.")
    yield into.getvalue()
