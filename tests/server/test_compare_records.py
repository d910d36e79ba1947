"""Transcripts and mails that Nadia kept, held against each other on the command line, with no server and no settings anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from chat.events.privacy import CrossedOut
from chat.ledger import read
from chat.ledger.append import Command, Crosses, Fact, append_sync
from chat.ledger.event import Audience
from chat.transcripts.proof import head_proof
from chat.transcripts.transcript import render
from chat.transcripts.witness import head_fields
from tests.chat.nadia import NadiasCase
from tests.services.product import ROOT


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase().tell()


def _run(*arguments: object) -> tuple[int, str]:
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-m", "server", *map(str, arguments)], cwd=ROOT, env=bare, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def _saved(path: Path, case: NadiasCase, *, upto: int = 0) -> dict[str, Any]:
    document = orjson.loads(b"".join(render("json", case.conversation, audience=Audience.EVERYONE, upto=upto)))
    document["proof"] = head_proof(case.conversation, document["upto"], bytes.fromhex(document["seal"]))
    path.write_bytes(orjson.dumps(document))
    return document


def _cross_out(case: NadiasCase) -> None:
    why = CrossedOut(of=2, fields=("text",), by="Ruth", reason="A card number was written here.", ground="mistake")
    fact = Fact(conversation=case.conversation, body=why, actor="agent:9", channel="inbox", key="cross")
    append_sync(Command(facts=(fact,), rows=(Crosses(conversation=case.conversation, position=2, fields=("text",)),)))


def test_the_older_is_the_beginning_of_the_newer(case: NadiasCase, tmp_path: Path) -> None:
    older, newer = tmp_path / "older.json", tmp_path / "newer.json"
    _saved(older, case, upto=5)
    _saved(newer, case)
    status, said = _run("compare", older, newer)
    assert status == 0, said
    assert "The older transcript (5 entries) is the beginning of the newer: nothing in it was changed" in said
    assert "Older head: signed by localhost, key" in said


def test_what_was_crossed_out_between_them_is_named(case: NadiasCase, tmp_path: Path) -> None:
    older, newer = tmp_path / "older.json", tmp_path / "newer.json"
    _saved(older, case)
    _cross_out(case)
    _saved(newer, case)
    status, said = _run("compare", older, newer)
    assert status == 0, said
    assert "Entry 2: crossed out since: _sentence, text." in said


def test_a_newer_one_that_is_shorter_is_noticed(case: NadiasCase, tmp_path: Path) -> None:
    older, newer = tmp_path / "older.json", tmp_path / "newer.json"
    _saved(older, case)
    _saved(newer, case, upto=5)
    status, said = _run("compare", older, newer)
    assert status == 1
    assert "entry 6: the newer transcript ends at entry 5" in said


def test_a_history_that_was_written_anew_is_noticed(case: NadiasCase, tmp_path: Path) -> None:
    """The forger seals everything again, and has the key: each file holds by itself, and only the two together tell."""
    older, newer = tmp_path / "older.json", tmp_path / "newer.json"
    other = NadiasCase()
    other.conversation, document = case.conversation, _saved(older, case)
    forged = NadiasCase().tell()
    again = _saved(newer, forged)
    again["conversation"] = document["conversation"]
    again["proof"] = head_proof(case.conversation, again["upto"], bytes.fromhex(again["seal"]))
    newer.write_bytes(orjson.dumps(again))
    status, said = _run("compare", older, newer)
    assert status == 1
    assert "Different: entry 1: the two transcripts have different entries here." in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no JSON transcript"),
        (b"[]", "is no JSON transcript"),
        (b"{}", "is no JSON transcript"),
        (b'{"entries": [1]}', "is no JSON transcript"),
        (b'{"entries": [{"header": "[]", "digests": "{}"}]}', "does not hold by itself"),
        (b"\xff\x00%PDF", "is no JSON transcript"),
    ],
)
def test_a_file_of_another_kind_is_named(case: NadiasCase, tmp_path: Path, content: bytes, said: str) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    _saved(good, case)
    bad.write_bytes(content)
    status, told = _run("compare", good, bad)
    assert (status, "Traceback" in told) == (2, False)
    assert f"{bad} {said}" in told


def test_a_file_that_does_not_hold_is_not_compared(case: NadiasCase, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    document = _saved(good, case)
    bad.write_bytes(orjson.dumps(document).replace(b"refund EUR 40", b"refund EUR 90"))
    assert _run("compare", good, bad)[0] == 2
    document["proof"]["note"] = head_proof(case.conversation, 3, bytes(32))["note"]
    bad.write_bytes(orjson.dumps(document))
    status, said = _run("compare", good, bad)
    assert status == 2
    assert "about another head" in said


def test_two_conversations_are_not_compared(case: NadiasCase, tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    _saved(one, case)
    _saved(two, NadiasCase().tell())
    status, said = _run("compare", one, two)
    assert (status, "two conversations" in said) == (2, True)


def _mail(case: NadiasCase, position: int) -> bytes:
    entry = read.entry(case.conversation, position)
    assert entry is not None
    fields = head_fields(case.conversation, position, entry.seal)
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\nWe refund EUR 40.\r\n"


def test_a_mailbox_agrees_with_a_transcript(case: NadiasCase, tmp_path: Path) -> None:
    saved, box = tmp_path / "saved.json", tmp_path / "mails"
    _saved(saved, case)
    box.mkdir()
    for position in (12, 14):
        (box / f"{position}.eml").write_bytes(_mail(case, position))
    (box / "other.eml").write_bytes(_mail(NadiasCase(), 1))
    status, said = _run("witness", box, saved)
    assert (status, "2 of 2 mails agree with the transcript. Signed with its key: 2." in said) == (0, True), said


def test_a_mailbox_is_a_witness_against_a_transcript(case: NadiasCase, tmp_path: Path) -> None:
    saved, box = tmp_path / "saved.json", tmp_path / "inbox.mbox"
    box.write_bytes(b"From x\n" + _mail(case, 12) + b"\nFrom x\n" + _mail(case, 12).replace(b"Seal: ", b"Seal: 00"))
    _saved(saved, case, upto=5)
    status, said = _run("witness", box, saved)
    assert status == 1
    assert f"Against it: {box}: it names entry 12; the transcript ends at entry 5; what it says is signed by localhost, key" in said
    assert (
        "mail 2: it names entry 12; the transcript ends at entry 5; it is not signed with that key, so anybody may have written it" in said
    )


def test_a_mailbox_without_such_mails_says_so(case: NadiasCase, tmp_path: Path) -> None:
    saved, box = tmp_path / "saved.json", tmp_path / "inbox.mbox"
    _saved(saved, case)
    box.write_bytes(b"Subject: Hello\n\nHello\n")
    assert _run("witness", box, saved) == (2, "No mail about this conversation was found there.\n")


def test_what_stands_in_a_file_cannot_command_a_terminal(case: NadiasCase, tmp_path: Path) -> None:
    odd = tmp_path / "odd\x1b[2J[red]name.json"
    odd.write_bytes(b"{}")
    status, said = _run("compare", odd, odd)
    assert (status, "\x1b" in said, "[red]name" in said) == (2, False, True)
