"""The PDF holds what the reader may read, as text that can be copied, whatever people wrote; and the data it was made of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest
from django.conf import settings

from chat.events.talk import MessageSaid
from chat.ledger.event import Audience
from chat.transcripts import pdf, verifier
from chat.transcripts.paper import charts, letters, press, sheet
from chat.transcripts.transcript import render
from tests.chat.nadia import NadiasCase
from tests.chat.transcripts import golden

HOSTILE = '#panic("out") *bold* $x$ `raw` <b>markup</b> \\u{41} #include "/etc/passwd" @label // comment'


def pdf_of(case: NadiasCase, folder: Path, *, audience: Audience = Audience.EVERYONE) -> Path:
    path = folder / "paper.pdf"
    path.write_bytes(b"".join(render("pdf", case.conversation, audience=audience, made_at=1_795_780_800_000_000)))
    return path


def words_of(path: Path) -> str:
    run = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, timeout=30)
    return run.stdout.decode()


def test_the_paper_tells_every_entry_once_and_in_order(database: str, tmp_path: Path) -> None:
    case = NadiasCase().tell()
    words = words_of(pdf_of(case, tmp_path))
    numbers = [int(found) for found in re.findall(r"\[(\d+)\]", words)]
    assert sorted(numbers) == list(range(1, 18))
    assert "came with a <dent> in the shade" in words
    assert "Her bank told us her limit" not in words
    assert "We refund EUR 40 and you keep the lamp." in words


def test_every_kind_and_hostile_text_stand_on_the_paper_once_in_either_language(database: str, tmp_path: Path) -> None:
    golden.tell()
    told = len(list(golden.every_kind()))
    for language, signs in (("en", ("<script>alert(1)</script>", '#panic("typst")')), ("de", ("Endgültige Entscheidung", "Seite 1 von"))):
        octets = b"".join(render("pdf", golden.CONVERSATION, audience=Audience.EVERYONE, made_at=golden.MADE, language=language))
        (tmp_path / f"{language}.pdf").write_bytes(octets)
        words = words_of(tmp_path / f"{language}.pdf")
        assert sorted(int(found) for found in re.findall(r"\[(\d+)\]", words)) == list(range(1, told + 1))
        assert not [sign for sign in signs if sign not in words]


def test_the_paper_holds_the_data_it_was_made_of(database: str, tmp_path: Path) -> None:
    case = NadiasCase().tell()
    path = pdf_of(case, tmp_path)
    subprocess.run(["pdfdetach", "-save", "1", "-o", str(tmp_path / "inside.json"), str(path)], check=True, timeout=30)
    inside = (tmp_path / "inside.json").read_bytes()
    assert inside == b"".join(render("json", case.conversation, audience=Audience.EVERYONE, made_at=1_795_780_800_000_000))
    paper = path.read_bytes().replace(b" ", b"")
    assert paper.count(b"/Type/EmbeddedFile/") == 1
    assert b"/AFRelationship/Data" in paper
    assert orjson.loads(inside)["upto"] == 17
    assert verifier.main([str(path)]) == 0


def test_the_same_transcript_is_the_same_file(database: str, tmp_path: Path) -> None:
    case = NadiasCase().tell()
    assert pdf_of(case, tmp_path).read_bytes() == pdf_of(case, tmp_path).read_bytes()


def test_the_paper_is_tagged_and_says_what_it_conforms_to(database: str, tmp_path: Path) -> None:
    path = pdf_of(NadiasCase().tell(), tmp_path)
    info = subprocess.run(["pdfinfo", "-meta", str(path)], capture_output=True, check=True, timeout=30).stdout.decode()
    assert "<pdfaid:part>3</pdfaid:part>" in info
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in info
    assert "<pdfuaid:part>1</pdfuaid:part>" in info
    about = subprocess.run(["pdfinfo", str(path)], capture_output=True, check=True, timeout=30).stdout.decode()
    assert re.search(r"Tagged:\s+yes", about)
    assert re.search(r"Title:\s+Brindle Lamps: transcript of BR-1", about)


def test_what_looks_like_code_is_text_on_the_paper(database: str, tmp_path: Path) -> None:
    case = NadiasCase()
    case.add(MessageSaid(by='#panic("name")', text=HOSTILE))
    words = " ".join(words_of(pdf_of(case, tmp_path)).split())
    assert " ".join(HOSTILE.split()) in words
    assert '#panic("name")' in words


def test_letters_of_many_scripts_are_on_the_paper_and_none_vanishes(database: str, tmp_path: Path) -> None:
    case = NadiasCase()
    case.add(MessageSaid(by="Nadia", text="Lamp ✓ → ★ ž ő Ж Ω 😀👍🏽 👨‍👩‍👧 שלום"))
    case.add(MessageSaid(by="Nadia", text="المصباح مكسور"))
    case.add(MessageSaid(by="Nadia", text="\ue000 and \U00010a00 and \x1b[31m and \u202eabc"))
    words = words_of(pdf_of(case, tmp_path))
    for piece in ("✓ → ★ ž ő Ж Ω", "😀👍", "[U+E000] and", "[U+202E]abc", "[31m"):
        assert piece in words, piece
    assert any("\u0600" <= char <= "\ufeff" for char in words)


def test_a_line_of_a_megabyte_is_printed_to_its_end(database: str, tmp_path: Path) -> None:
    case = NadiasCase()
    case.add(MessageSaid(by="Nadia", text="x" * 150_000 + "END"))
    words = words_of(pdf_of(case, tmp_path)).replace("\n", "").replace(" ", "").replace("\f", "")
    assert words.count("x") >= 150_000
    assert "xEND" in words


def test_a_long_word_gets_places_to_break_but_not_inside_of_a_sign() -> None:
    family = "👨‍👩‍👧"
    broken = sheet.breakable(family * 40)
    assert broken.replace("\u200b", "") == family * 40
    assert "\u200d\u200b" not in broken and "\u200b\u200d" not in broken
    assert sheet.breakable("short words " * 100) == "short words " * 100


@pytest.mark.parametrize("sign", ["a" + "\u0301" * 100_000, "👨\u200d" * 40_000, "\u200d" * 70_000], ids=["marks", "joined", "joiners"])
def test_a_pile_of_marks_does_not_stop_the_paper(database: str, sign: str, tmp_path: Path) -> None:
    parted = sheet.breakable(sign)
    assert max(map(len, parted.split("\u200b"))) <= 60
    assert parted.replace("\u200b", "").replace("\u25cc", "") == sign
    case = NadiasCase()
    case.add(MessageSaid(by="Nadia", text=sign))
    case.add(MessageSaid(by="Nadia", text="And this stands below."))
    assert "And this stands below." in words_of(pdf_of(case, tmp_path))


def test_what_no_font_has_is_shown_by_its_number() -> None:
    assert letters.stand_ins("aé漢\ue000\U000e0041", letters.fonts())[0xE000] == "[U+E000]"
    assert 0xE0041 in letters.stand_ins("\U000e0041", letters.fonts())
    assert not letters.stand_ins("aé\u200d", letters.fonts())


def test_the_letters_of_a_font_are_read_from_its_own_chart(tmp_path: Path) -> None:
    ours = letters.FOLDER / "NotoSans-Regular.ttf"
    assert charts.has(ours, 0, map(ord, "aéЖΩ漢😀")) == set(map(ord, "aéЖΩ"))
    assert charts.has(letters.FOLDER / "NotoEmoji-Regular.ttf", 0, map(ord, "😀漢")) == {ord("😀")}
    whole = ours.read_bytes()
    for size in (0, 3, 12, 100, 5_000):
        (tmp_path / "cut.ttf").write_bytes(whole[:size])
        assert charts.has(tmp_path / "cut.ttf", 0, {97}) <= {97}
    assert charts.has(tmp_path / "none.ttf", 0, {97}) == set()


def test_chinese_japanese_and_korean_are_readable_where_the_debian_package_is(database: str, tmp_path: Path) -> None:
    case = NadiasCase()
    case.add(MessageSaid(by="Nadia", text="你好，灯罩有凹痕。 こんにちは、ランプ。 안녕하세요"))
    words = words_of(pdf_of(case, tmp_path))
    assert "你好，灯罩有凹痕。 こんにちは、ランプ。 안녕하세요" in words
    assert not {"Chinese", "Japanese", "Korean", "Arabic", "Hebrew", "Greek", "Cyrillic", "emoji"} & set(letters.unreadable())


def test_a_paper_that_would_be_too_long_says_where_it_ends(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "LONGEST", 5)
    words = words_of(pdf_of(NadiasCase().tell(), tmp_path))
    assert sorted(set(re.findall(r"\[(\d+)\]", words))) == ["1", "2", "3", "4", "5"]
    assert "This paper ends before entry 6 of 17" in words
    assert "Final decision" in words


def test_data_that_is_too_long_is_not_attached_and_the_paper_says_so(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = NadiasCase().tell()
    monkeypatch.setattr(pdf, "LARGEST", 12_000)
    path = pdf_of(case, tmp_path)
    assert "The data is too long to be attached." in " ".join(words_of(path).split())
    assert b"/EmbeddedFile" not in path.read_bytes()


def test_a_typesetter_that_fails_is_told_in_a_sentence(tmp_path: Path) -> None:
    for name in ("head.json", "entries.json", "log.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(press.CannotBeSet, match="The typesetter stopped"):
        press.press(tmp_path, made_at=0)


def test_nothing_of_a_paper_stays_behind_not_even_of_a_process_that_was_killed(database: str, tmp_path: Path) -> None:
    place = Path(settings.DATA) / "paper"
    left, fresh = place / "left", place / "fresh"
    for folder in (left, fresh):
        folder.mkdir(parents=True)
        (folder / "entries.json").write_text("[]")
    os.utime(left, (0, 0))
    try:
        pdf_of(NadiasCase(), tmp_path)
        assert list(place.iterdir()) == [fresh]
    finally:
        shutil.rmtree(place)
