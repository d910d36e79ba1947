"""What the formats make of an example of every kind is what was looked at once and kept; and nothing hostile in it acts."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import orjson
import pytest

from chat.ledger.event import kinds
from chat.transcripts import verifier
from tests.chat.transcripts import golden

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@pytest.fixture
def told(database: str) -> None:
    golden.tell()


@pytest.mark.engine
@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("name", golden.WAYS)
def test_a_format_writes_what_was_kept(name: str) -> None:
    kept = (golden.FOLDER / golden.WAYS[name][0]).read_bytes()
    assert golden.made(name) == kept, "Run python -m tests.chat.transcripts.renew and look at the difference."


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("name", golden.WAYS)
def test_no_character_in_it_acts_on_a_screen(name: str) -> None:
    text = golden.made(name).decode().replace("\r\n", "\n")
    assert not ACTING.findall(text)


def test_every_kind_stands_in_the_kept_files() -> None:
    document = orjson.loads((golden.FOLDER / "everyone.json").read_bytes())
    ours = {kind.name for kind in kinds() if kind.__module__.startswith("chat.events.")}
    assert {orjson.loads(entry["header"])["kind"] for entry in document["entries"]} == ours


@pytest.mark.parametrize("file", ["everyone.json", "everyone.jsonl"])
def test_the_kept_data_holds_before_the_program_that_checks_it(file: str) -> None:
    head, chain = verifier.record([(golden.FOLDER / file).read_bytes()])
    assert (head["upto"], head["seal"]) == (chain.position, chain.seal)
    assert chain.left_out
    assert chain.crossed_out


def test_no_line_of_the_text_looks_like_one_of_ours_and_is_somebody_elses() -> None:
    lines = (golden.FOLDER / "everyone.txt").read_text().split("\n")
    told, _, log = "\n".join(lines).partition("WHAT WAS DONE WITH THIS RECORD")
    ours = [int(number) for number in re.findall(r"^\d\d:\d\d  \[(\d+)\] ", told, re.MULTILINE)]
    logged = [int(number) for number in re.findall(r"^\S.*, \d\d:\d\d  \[(\d+)\] ", log, re.MULTILINE)]
    assert (ours, logged) == (sorted(ours), sorted(logged))
    assert sorted(ours + logged) == list(range(1, len(ours + logged) + 1))


def test_markup_in_a_page_is_text() -> None:
    tags: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href", "style")]

    Reader().feed((golden.FOLDER / "everyone.html").read_text())
    assert not tags & {"script", "img", "a", "link", "iframe", "object", "form"}


def test_no_cell_of_the_table_is_a_formula_whatever_sign_splits_it() -> None:
    octets = (golden.FOLDER / "everyone.csv").read_bytes()
    assert octets.startswith(b"\xef\xbb\xbf")
    for sign in (",", ";", "\t"):
        rows = csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline=""), delimiter=sign)
        assert not [cell for row in rows for cell in row if re.match(r"\s*[=+@]|\s*-(?!\))|[\t\r]", cell)]
