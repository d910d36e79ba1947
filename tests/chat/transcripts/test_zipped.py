"""A zip that is written as a stream is one that every program opens, with nothing between its members."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from chat.transcripts import zipped
from chat.transcripts.zipped import Changed, Measured, Zip, packed, stored

NOON = 1_795_780_800_000_000


def _archive(members: Iterable[tuple[str, Measured]], *, last_is_first: bool = False) -> bytes:
    made = Zip(NOON)
    out = b""
    listed = list(members)
    for number, (name, content) in enumerate(listed):
        out += b"".join(made.add(name, content, first=last_is_first and number == len(listed) - 1))
    return out + b"".join(made.end())


def _text(text: bytes) -> Measured:
    return packed([text])


def test_it_holds_what_was_put_in_with_names_of_every_script(tmp_path: Path) -> None:
    photo = tmp_path / "dent.jpg"
    photo.write_bytes(os.urandom(600_000))
    whole = _archive([("transcript.txt", _text(b"Hello. " * 9000)), ("attachments/2-0-صورة.jpg", stored(lambda: photo.open("rb")))])
    archive = zipfile.ZipFile(io.BytesIO(whole))
    assert archive.testzip() is None
    assert archive.namelist() == ["transcript.txt", "attachments/2-0-صورة.jpg"]
    assert archive.read("attachments/2-0-صورة.jpg") == photo.read_bytes()
    assert archive.getinfo("transcript.txt").date_time == (2026, 11, 27, 12, 0, 0)
    assert len(whole) < 610_000


def test_the_tool_of_every_unix_opens_it(tmp_path: Path) -> None:
    file = tmp_path / "record.zip"
    file.write_bytes(_archive([("README.txt", _text(b"Read me.")), ("manifest.json", _text(b"{}"))]))
    assert "No errors detected" in subprocess.run(["unzip", "-t", str(file)], capture_output=True, text=True, check=True, timeout=60).stdout


def test_one_member_may_be_listed_first_wherever_it_stands() -> None:
    archive = zipfile.ZipFile(io.BytesIO(_archive([("a", _text(b"1")), ("b", _text(b"2")), ("README", _text(b"3"))], last_is_first=True)))
    assert archive.namelist() == ["README", "a", "b"]
    assert archive.read("README") == b"3"


def test_nothing_stands_between_the_members() -> None:
    whole = _archive([("a", _text(b"1" * 1000)), ("b", _text(b""))])
    end = 0
    for info in sorted(zipfile.ZipFile(io.BytesIO(whole)).infolist(), key=lambda info: info.header_offset):
        assert info.header_offset == end
        name, extra = struct.unpack("<HH", whole[end + 26 : end + 30])
        assert not info.flag_bits & 0x08, "no data descriptor"
        end += 30 + name + extra + info.compress_size
    assert whole[end : end + 4] == b"PK\x01\x02"
    assert whole.endswith(b"\x00\x00"), "no comment"


def test_what_does_not_fit_into_32_bits_is_told_in_64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "_FULL", 1000)
    whole = _archive([("a", _text(os.urandom(3000))), ("b", _text(b"x"))])
    monkeypatch.undo()
    # The limit stands where 2^32 - 1 would stand; what a reader goes by is in the fields of 64 bits.
    limit, real = struct.pack("<L", 1000), struct.pack("<L", 0xFFFFFFFF)
    central = whole.index(b"PK\x01\x02")
    archive = zipfile.ZipFile(io.BytesIO(whole[:central] + whole[central:].replace(limit, real)))
    assert [info.file_size for info in archive.infolist()] == [3000, 1]
    assert archive.getinfo("b").header_offset > 3000
    assert archive.testzip() is None


def test_many_members_are_counted(tmp_path: Path) -> None:
    made = Zip(NOON)
    whole = b"".join(b"".join(made.add(f"f{number}", _text(b""))) for number in range(0x10001)) + b"".join(made.end())
    assert len(zipfile.ZipFile(io.BytesIO(whole)).namelist()) == 0x10001


def test_a_file_that_was_cut_meanwhile_ends_the_archive(tmp_path: Path) -> None:
    file = tmp_path / "recording.mp3"
    file.write_bytes(bytes(2 * zipped.CHUNK))
    content = stored(lambda: file.open("rb"))
    os.truncate(file, 10)
    with pytest.raises(Changed, match=r"recording\.mp3"):
        _archive([("recordings/recording.mp3", content)])


def test_content_that_fails_leaves_nothing_open_and_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterable[bytes]:
        yield bytes(zipped.IN_MEMORY * 4)
        yield os.urandom(zipped.IN_MEMORY * 4)
        raise RuntimeError("the lamp fell down")

    with pytest.raises(RuntimeError):
        packed(broken(), tmp_path)
    assert os.listdir(tmp_path) == []
