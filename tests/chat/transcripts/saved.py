"""Saved files of Nadia's case for those who check them: transcripts and a full record, signed. Knows no page and no server."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable
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


def pdf(attached: bytes) -> bytes:
    """As much of a PDF as a file in it needs (ISO 32000-2, 7.11.4)."""
    packed = zlib.compress(attached)
    stream = b"7 0 obj\n<< /Type /EmbeddedFile /Subtype /application#2Fjson /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
    return b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + stream + packed + b"\nendstream\nendobj\ntrailer\n<<>>\n%%EOF\n"


def zipped(files: dict[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, octets in files.items():
            whole.writestr(name, octets)
    return into.getvalue()


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
