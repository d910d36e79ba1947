"""Archives under the stand-alone verifier: the made-up ones of these tests, and those that the product makes."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import zipfile
from pathlib import Path

import pytest

from chat.events.talk import MessageSaid
from chat.ledger import blobs
from chat.ledger.event import AttachmentRef, Audience
from chat.people import signing_keys
from chat.transcripts import checkpoint, everything, verifier
from chat.transcripts.everything import Contents
from chat.transcripts.transcript import render
from chat.transcripts.verifier import Broken, Key, Unreadable, check
from tests.chat.nadia import NadiasCase
from tests.chat.transcripts.saved import (
    KEY,
    PICTURE,
    archive,
    as_lines,
    beside,
    differing,
    document,
    far,
    pdf,
    signed,
    told,
    with_other,
    zipped,
)
from tests.chat.transcripts.tampering import Document, forged, saved

MADE_AT = 1_795_780_800_000_000


@pytest.fixture
def case(database: str) -> NadiasCase:
    return told()


@pytest.fixture
def transcript(case: NadiasCase) -> Document:
    return document(case)


def _lines(path: Path, octets: bytes, *keys: str) -> str:
    path.write_bytes(octets)
    return "\n".join(check(path, [Key.read(key) for key in keys]))


def test_the_products_own_full_record_holds(case: NadiasCase, tmp_path: Path) -> None:
    checkpoint.make()
    ref = AttachmentRef(name="../dent.jpg", media_type="image/jpeg", size=len(PICTURE), digest=blobs.store(PICTURE))
    case.add(MessageSaid(by="Nadia", text="Again.", attachments=(ref,)))
    mail = blobs.store(b"Subject: Dented shade\n\nThe lamp.\n")
    came = case.add(MessageSaid(by="Nadia", text="The lamp.", original=mail), channel="email")
    octets = b"".join(render("full-record", case.conversation, audience=Audience.EVERYONE, made_at=MADE_AT))
    key = signing_keys.current_key().vkey
    path = beside(tmp_path / "r.zip", octets, str(case.conversation), sign=signing_keys.sign, origin=signing_keys.origin())
    words = "\n".join(check(path, [Key.read(key)]))
    assert "signature of the whole archive is good" in words
    assert "The checkpoint over all conversations (1), this one up to entry 20, is good" in words
    names = zipfile.ZipFile(path).namelist()
    assert {"transcript.json", "transcript.jsonl", "transcript.pdf"} <= {*names}
    assert f"mails/{came}-received.eml" in names
    for name in names:
        if name != "manifest.json":
            with pytest.raises(Broken, match=name.replace(".", r"\.")):
                _lines(path, with_other(octets, name, b"We promise EUR 400."), key)


def test_everything_about_a_person_holds(case: NadiasCase, tmp_path: Path) -> None:
    other = told()
    contents = Contents(conversations=((case.conversation, 0), (other.conversation, 0)), made_at=MADE_AT)
    octets = b"".join(everything.write(contents))
    words = _lines(tmp_path / "r.zip", octets)
    assert f"conversation {case.conversation}" in words
    assert f"conversation {other.conversation}" in words
    digest = base64.b64encode(hashlib.sha256(octets).digest()).decode()
    text = f"{signing_keys.origin()}/everything/{MADE_AT}\n{len(octets)}\n{digest}\n"
    (tmp_path / "r.zip.sig").write_text(signing_keys.sign(text))
    assert "signature of the whole archive is good" in _lines(tmp_path / "r.zip", octets, signing_keys.current_key().vkey)
    (tmp_path / "r.zip.sig").unlink()
    whole = zipfile.ZipFile(io.BytesIO(octets))
    folder = next(name for name in whole.namelist() if "/" in name).partition("/")[0]
    fewer = {name: whole.read(name) for name in whole.namelist() if not name.startswith(f"{folder}/")}
    with pytest.raises(Broken, match=r"conversations\.json"):
        _lines(tmp_path / "r.zip", zipped(fewer))
    with pytest.raises(Broken, match=f"{folder}/transcript.txt"):
        _lines(tmp_path / "r.zip", with_other(octets, f"{folder}/transcript.txt", b"We promise EUR 400."))


def test_a_full_record_holds_with_its_files_and_its_signature(transcript: Document, tmp_path: Path) -> None:
    path = tmp_path / "r.zip"
    words = _lines(path, archive(transcript))
    assert words.startswith("The transcripts as data in it, and the files that were sent, were not changed since they were sealed\n")
    assert "There is no signature of the whole archive:" in words
    assert "manifest: README.txt." in words
    assert "Missing: attachments/" in words
    beside(path, path.read_bytes(), transcript["conversation"])
    assert "signature of the whole archive is good" in "\n".join(check(path, [Key.read(KEY)]))


def test_an_archive_above_4_gb_is_read(transcript: Document, tmp_path: Path) -> None:
    octets = far(archive(transcript))
    path = beside(tmp_path / "r.zip", octets, transcript["conversation"])
    assert "signature of the whole archive is good" in "\n".join(check(path, [Key.read(KEY)]))
    with pytest.raises(Broken, match=r"README\.txt"):
        _lines(tmp_path / "r.zip", octets.replace(b"What is in here.", b"What was in here", 1))


def test_an_archive_without_signature_holds_in_part_when_a_key_is_given(
    transcript: Document, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.zip"
    page = b"<p>We promise EUR 400.</p>"
    path.write_bytes(archive(transcript, **{"transcript.html": page, "transcript.pdf": pdf(saved(transcript))}))
    assert verifier.main([str(path), "--key", KEY]) == 2
    words = capsys.readouterr().out
    assert "r.zip: checked in part. Its signature, r.zip.sig, is not beside it." in words
    assert "The signature of the last seal is good" in words
    assert "8 files are those that the manifest lists" in words
    assert (
        "NOT checked, and could have been changed together with the manifest: README.txt, transcript.html, transcript.pdf (its pages)."
        in words
    )
    assert "nothing here was changed" not in words
    assert verifier.main([str(path), "--sig", str(tmp_path / "none.sig")]) == 2


def test_a_changed_file_of_an_archive_is_named(transcript: Document, tmp_path: Path) -> None:
    octets = archive(transcript)
    whole = zipfile.ZipFile(io.BytesIO(octets))
    for info in whole.infolist():
        changed = with_other(octets, info.filename, whole.read(info) + b" ")
        named = "manifest" if info.filename == "manifest.json" else info.filename
        if info.filename != "manifest.json":
            with pytest.raises(Broken, match=named):
                _lines(tmp_path / "r.zip", changed)


def test_a_file_that_the_manifest_does_not_list_or_that_no_entry_sealed_is_named(transcript: Document, tmp_path: Path) -> None:
    octets = archive(transcript)
    whole = zipfile.ZipFile(io.BytesIO(octets))
    files = {info.filename: whole.read(info) for info in whole.infolist()}
    with pytest.raises(Broken, match=r"more\.txt"):
        _lines(tmp_path / "r.zip", zipped(files | {"more.txt": b"We promise EUR 400."}))
    without = {name: content for name, content in files.items() if name != "README.txt"}
    with pytest.raises(Broken, match=r"README\.txt"):
        _lines(tmp_path / "r.zip", zipped(without))
    with pytest.raises(Broken, match="no entry has sealed this file"):
        _lines(tmp_path / "r.zip", archive(transcript, **{"attachments/1-0-contract.pdf": b"%PDF"}))
    dent = next(name for name in files if name.endswith("0-dent.jpg"))
    with pytest.raises(Broken, match="no entry has sealed this file"):
        _lines(tmp_path / "r.zip", archive(transcript, **{dent: b"another picture"}))


def test_an_archive_that_programs_read_in_different_ways_is_broken(transcript: Document, tmp_path: Path) -> None:
    octets = archive(transcript)
    path = tmp_path / "r.zip"
    for changed in differing(octets):
        with pytest.raises((Broken, Unreadable), match="directory of the archive"):
            _lines(path, changed)
    for changed in (octets + b" ", octets + octets, octets[:10] + octets, _hidden_member(octets), _two_of_one_name(octets)):
        with pytest.raises((Broken, Unreadable)):
            _lines(path, changed)


def _hidden_member(octets: bytes) -> bytes:
    """A member that only programs see that read from the front."""
    one = zipped({"transcript.txt": b"We promise EUR 400."})
    return one[: one.index(b"PK\1\2")] + octets


def _two_of_one_name(octets: bytes) -> bytes:
    into = io.BytesIO(octets)
    with zipfile.ZipFile(into, "a") as whole, pytest.warns(UserWarning, match="Duplicate"):
        whole.writestr("README.txt", b"Something else.\n")
    return into.getvalue()


def test_the_transcripts_of_one_archive_are_the_same_conversation(transcript: Document, tmp_path: Path) -> None:
    other = signed(forged(transcript))
    with pytest.raises(Broken, match=r"transcript\.jsonl"):
        _lines(tmp_path / "r.zip", archive(transcript, **{"transcript.jsonl": as_lines(other)}))


def test_no_change_of_one_octet_passes_the_signature_of_an_archive(transcript: Document, tmp_path: Path) -> None:
    octets, chance = archive(transcript), random.Random(4821)
    path = beside(tmp_path / "r.zip", octets, transcript["conversation"])
    keys = [Key.read(KEY)]
    check(path, keys)
    for _ in range(1000):
        at, bit = chance.randrange(len(octets)), 1 << chance.randrange(8)
        path.write_bytes(octets[:at] + bytes([octets[at] ^ bit]) + octets[at + 1 :])
        with pytest.raises((Broken, Unreadable)):
            check(path, keys)
