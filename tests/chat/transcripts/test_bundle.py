"""The full record holds the whole case in one archive, says what it does not hold, and is the same to the last octet when made again."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import connection

from chat.events.call import CallRecorded
from chat.events.delivery import MailSent
from chat.events.privacy import CrossedOut
from chat.events.talk import MessageSaid, NoteAdded
from chat.ledger import blobs, cross_out
from chat.ledger.event import AttachmentRef, Audience
from chat.transcripts import checkpoint, transcript, verifier
from chat.transcripts.mails import CROSSED_OUT
from chat.transcripts.record import FAILED, NOT_AS_SEALED, NOT_IN_STORE
from chat.transcripts.survey import TEAMS_OWN, safe_name
from chat.transcripts.transcript import CannotWrite, Format, Transcript, register_format, render
from tests.chat.nadia import ADDRESS, PHOTO, NadiasCase

pytestmark = pytest.mark.engine

MADE_AT = 1_795_780_800_000_000


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase().tell()


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Formats registered by a test are gone after it."""
    monkeypatch.setattr(transcript, "_formats", dict(transcript._formats))


def _file(name: str, content: bytes, media_type: str = "application/octet-stream") -> AttachmentRef:
    return AttachmentRef(name=name, media_type=media_type, size=len(content), digest=blobs.store(content))


def _octets(case: NadiasCase, audience: Audience = Audience.EVERYONE) -> bytes:
    return b"".join(render("full-record", case.conversation, audience=audience, made_for="Nadia", made_at=MADE_AT))


def _record(case: NadiasCase, audience: Audience = Audience.EVERYONE) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    archive = zipfile.ZipFile(io.BytesIO(_octets(case, audience)))
    files = orjson.loads(archive.read("manifest.json"))["files"]
    return archive, {file["name"]: file for file in files}


def _readme(archive: zipfile.ZipFile) -> str:
    return " ".join(archive.read("README.txt").decode().split())


def test_it_holds_every_format_the_log_and_the_proof(case: NadiasCase) -> None:
    archive, files = _record(case)
    names = archive.namelist()
    assert (names[0], names[-1]) == ("README.txt", "manifest.json")
    assert {"transcript.txt", "transcript.html", "transcript.pdf", "transcript.json", "transcript.jsonl", "transcript.csv"} <= {*names}
    assert {"metadata.json", "log.txt", "proof/head.note", "proof/keys.json", "proof/verify.py"} <= {*names}
    assert {*names} - {"manifest.json"} == {name for name, file in files.items() if "missing" not in file}
    assert "python3 proof/verify.py BR-1-full-record.zip" in _readme(archive), "as the download is called"
    for name in names[:-1]:
        content = archive.read(name)
        assert (files[name]["size"], files[name]["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_it_is_the_same_to_the_last_octet_when_made_again(case: NadiasCase) -> None:
    assert _octets(case) == _octets(case)


def test_files_stand_under_the_entry_they_belong_to(case: NadiasCase) -> None:
    invoice, voice = _file("../../rechnung:März?.txt", b"EUR 40", "text/plain"), _file("call.mp3", b"ID3 hello")
    said = case.add(MessageSaid(by="Nadia", text="The invoice.", attachments=(invoice,)))
    call = case.add(CallRecorded(by="Ines", of=1, consent_at=MADE_AT, attachments=(voice,)), by=case.ines.ref, channel="phone")
    archive, _ = _record(case)
    assert archive.read(f"attachments/{said}-0-rechnung_März_.txt") == b"EUR 40"
    assert archive.read(f"recordings/{call}-0-call.mp3") == b"ID3 hello"


def test_raw_mails_stand_as_they_came_and_as_they_left(case: NadiasCase) -> None:
    came, left = b"From: nadia@customer.example\r\n\r\nIt is dented.", b"From: support@support.example\r\n\r\nWe are sorry."
    one = case.add(MessageSaid(by="Nadia", text="It is dented.", address=ADDRESS, original=blobs.store(came)), channel="email")
    two = case.add(MailSent(of=one, to=ADDRESS, original=blobs.store(left)), by="system", channel="email")
    archive, files = _record(case)
    assert archive.read(f"mails/{one}-received.eml") == came
    assert archive.read(f"mails/{two}-sent.eml") == left
    assert [mail["path"] for mail in orjson.loads(archive.read("metadata.json"))["mails"]][-2:] == [
        f"mails/{one}-received.eml",
        f"mails/{two}-sent.eml",
    ]
    assert f"mails/{one}-received.eml" in files


def test_the_verifier_passes_it(case: NadiasCase, tmp_path: Any) -> None:
    case.add(MessageSaid(by="Nadia", text="The invoice.", attachments=(_file("invoice.pdf", b"%PDF-1.7 EUR 40"),)))
    for audience in Audience:
        path = tmp_path / f"{audience}.zip"
        path.write_bytes(_octets(case, audience))
        assert verifier.main([str(path)]) == 0


def test_readme_and_log_speak_the_readers_language(case: NadiasCase) -> None:
    pieces = render("full-record", case.conversation, audience=Audience.EVERYONE, made_at=MADE_AT, zone="Asia/Tokyo", language="de-AT")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert "Sie gehört Ihnen: heben Sie sie auf" in _readme(archive)
    assert f"attachments/2-0-{PHOTO.name}: Der Inhalt liegt nicht mehr im Speicher" in _readme(archive)
    assert "dann in Asia/Tokyo" in archive.read("log.txt").decode()


def test_a_blob_that_is_not_there_or_not_the_sealed_one_is_told_in_its_place(case: NadiasCase) -> None:
    kept = _file("shade.png", b"\x89PNG")
    line = case.add(MessageSaid(by="Nadia", text="Look.", attachments=(kept,)))
    blobs._path(kept.digest).write_bytes(b"\x89PNg")
    archive, files = _record(case)
    blobs.remove_unreferenced(kept.digest)
    assert files[f"attachments/2-0-{PHOTO.name}"]["missing"] == NOT_IN_STORE
    assert files[f"attachments/{line}-0-shade.png"]["missing"] == NOT_AS_SEALED
    assert f"attachments/2-0-{PHOTO.name}: {NOT_IN_STORE}" in _readme(archive)


def test_a_file_that_was_crossed_out_is_named_and_gone(case: NadiasCase) -> None:
    kept = _file("passport.png", b"\x89PNG passport")
    line = case.add(MessageSaid(by="Nadia", text="Look.", attachments=(kept,)))
    says = CrossedOut(of=line, fields=("attachments.0",), by="Ruth", reason="Sent by mistake.", ground="mistake")
    cross_out.cross_out(case.conversation, line, ("attachments.0",), says=says, actor="agent:9", key="cross")
    archive, files = _record(case)
    assert files[f"attachments/{line}-0"]["missing"] == CROSSED_OUT
    assert b"passport" not in b"".join(archive.read(name) for name in archive.namelist())


def test_notes_of_the_team_stand_open_or_withheld_and_their_files_stay_with_the_team(case: NadiasCase) -> None:
    case.add(NoteAdded(by="Tom", text="See the scan.", attachments=(_file("scan.png", b"\x89PNG scan"),)), by=case.tom.ref, channel="inbox")
    archive, files = _record(case)
    (scan,) = (file for name, file in files.items() if name.endswith("scan.png"))
    assert scan["missing"] == TEAMS_OWN
    assert "Withheld entries of the team: 1, because it names another person" in _readme(archive)
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"need Ines" in whole
    assert b"Her bank" not in whole
    agents, files = _record(case, Audience.AGENTS)
    assert agents.read(next(name for name in files if name.endswith("scan.png"))) == b"\x89PNG scan"


@pytest.mark.usefixtures("registry")
def test_a_format_that_fails_is_told_and_stops_nothing(case: NadiasCase) -> None:
    class Clay(Format):
        name, label, media_type, extension = "clay", "Clay tablet", "application/octet-stream", "clay"

        def write(self, transcript: Transcript) -> Iterator[bytes]:
            yield b"wedges"
            raise RuntimeError("it broke")

    class Stone(Format):
        name, label, media_type, extension = "stone", "Stone", "application/octet-stream", "stone"

        def write(self, transcript: Transcript) -> Iterator[bytes]:
            raise CannotWrite("Stone ends at ten words.")

    register_format(Clay)
    register_format(Stone)
    archive, files = _record(case)
    assert files["transcript.clay"] == {"name": "transcript.clay", "missing": FAILED}
    assert files["transcript.stone"]["missing"] == "Stone ends at ten words."
    assert "transcript.stone: Stone ends at ten words." in _readme(archive)
    assert "transcript.txt" in archive.namelist()


def test_an_entry_that_cannot_be_read_any_more_does_not_take_the_archive_along(case: NadiasCase) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER chat_event_only_cross_out" + (" ON chat_event" if connection.vendor == "postgresql" else ""))
        cursor.execute("UPDATE chat_event SET body = 'torn' WHERE conversation_id = %s AND position = 7", [case.conversation])
    archive, files = _record(case)
    assert archive.testzip() is None
    assert {files[name]["missing"] for name in ("transcript.txt", "log.txt")} == {FAILED}
    assert "log.txt: It could not be made" in _readme(archive)


@pytest.mark.usefixtures("registry")
def test_two_formats_with_one_extension_do_not_stand_under_one_name(case: NadiasCase) -> None:
    class Verse(Format):
        name, label, media_type, extension = "verse", "Verse", "text/plain", "txt"

        def write(self, transcript: Transcript) -> Iterator[bytes]:
            yield b"There once was a lamp with a dent"

    register_format(Verse)
    archive, _ = _record(case)
    assert archive.read("transcript-verse.txt").startswith(b"There once")
    assert b"There once" not in archive.read("transcript.txt")


def test_a_day_later_it_holds_the_checkpoint_in_which_it_stands(case: NadiasCase) -> None:
    assert "proof/checkpoint.note" not in _record(case)[1]
    made = checkpoint.make()
    archive, _ = _record(case)
    assert archive.read("proof/checkpoint.note").decode() == made.note
    assert archive.read("proof/checkpoint.tlog-proof").decode().startswith("c2sp.org/tlog-proof@v1\n")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\fakepath\\dent.jpg", "dent.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\u202egpj.exe\x1b[31m", "agpj.exe[31m"),
        ("a\u2028README.txt", "aREADME.txt"),
        ("مصباح.pdf", "مصباح.pdf"),
        (" . ", "file"),
        ("x" * 300 + ".tar.gz", "x" * 97 + ".gz"),
        ("CON", "CON"),
        ("why?*<this>.txt", "why___this_.txt"),
    ],
)
def test_names_are_safe_on_every_system(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


def test_nothing_is_left_on_disk(case: NadiasCase) -> None:
    _octets(case)
    assert list((settings.DATA / "prepared").glob("tmp*")) == []
