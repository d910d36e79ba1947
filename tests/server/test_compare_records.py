"""Transcripts and mails that Nadia kept, held against each other on the command line, with no server and no settings anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import override_settings

from chat.events.privacy import CrossedOut
from chat.ledger import read, seal
from chat.ledger.append import Command, Crosses, Fact, append_sync
from chat.ledger.event import Audience
from chat.people import signing_keys
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


def _saved(path: Path, case: NadiasCase, *, upto: int = 0) -> Path:
    """In the format that the file's name asks for."""
    name = {".json": "json", ".jsonl": "jsonl", ".pdf": "pdf", ".zip": "full-record"}[path.suffix]
    path.write_bytes(b"".join(render(name, case.conversation, audience=Audience.EVERYONE, upto=upto)))
    return path


def _sealed_anew(document: dict[str, Any], before: str, after: str) -> bytes:
    """What a forger makes of a transcript who has the key: every seal from the changed text on is another, and everything fits."""
    document = orjson.loads(orjson.dumps(document).replace(before.encode(), after.encode()))
    last = seal.GENESIS.hex()
    for entry in document["entries"]:
        header = orjson.loads(entry["header"]) | {"prev": last}
        digests = orjson.loads(entry["digests"])
        for name, pair in entry.get("fields", {}).items():
            digests[name] = seal.field_digest(bytes.fromhex(pair["salt"]), pair["value"].encode()).hex()
        entry["header"], entry["digests"] = seal.canonical(header).decode(), seal.canonical(digests).decode()
        last = entry["seal"] = seal.chain(entry["header"].encode(), seal.body_digest(entry["digests"].encode())).hex()
    document["seal"] = last
    document["proof"] = head_proof(int(document["conversation"]), document["upto"], bytes.fromhex(last))
    return orjson.dumps(document)


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


def test_a_mail_under_an_older_key_is_known_by_the_list_of_keys(case: NadiasCase, tmp_path: Path) -> None:
    with override_settings(ROOT_SECRETS={9: "o" * 40}):
        (tmp_path / "one.eml").write_bytes(_mail(case, 12))
    saved, listed = _saved(tmp_path / "saved.json", case), tmp_path / "keys.json"
    listed.write_text(json.dumps({"keys": [{"vkey": key.vkey} for key in signing_keys.public_keys()]}))
    assert "Signed with a known key: 0." in _run("witness", tmp_path / "one.eml", saved)[1]
    assert "Signed with a known key: 1." in _run("witness", tmp_path / "one.eml", saved, "--keys", listed)[1]


def test_what_was_crossed_out_between_them_is_named(case: NadiasCase, tmp_path: Path) -> None:
    older, newer = tmp_path / "older.json", tmp_path / "newer.json"
    _saved(older, case)
    _cross_out(case)
    _saved(newer, case)
    status, said = _run("compare", older, newer)
    assert status == 0, said
    assert "Entry 2: crossed out since: text." in said


def test_a_newer_one_that_is_shorter_is_noticed(case: NadiasCase, tmp_path: Path) -> None:
    older, newer = tmp_path / "older.json", tmp_path / "newer.json"
    _saved(older, case)
    _saved(newer, case, upto=5)
    status, said = _run("compare", older, newer)
    assert status == 1
    assert "Cut short: the newer transcript ends at entry 5; the older one has 17." in said
    assert "The older file is named first" in said, "nobody is accused who only took them in the wrong order"


def test_a_history_that_was_written_anew_is_noticed(case: NadiasCase, tmp_path: Path) -> None:
    """Each file holds by itself and is signed; only the two together tell."""
    older, newer = _saved(tmp_path / "older.json", case), tmp_path / "newer.json"
    newer.write_bytes(_sealed_anew(orjson.loads(older.read_bytes()), "refund EUR 40", "refund EUR 10"))
    assert _run("compare", newer, newer)[0] == 0
    status, said = _run("compare", older, newer)
    assert (status, "Different: entry 5, or one before it, is another one in the newer transcript." in said) == (1, True), said


@pytest.mark.parametrize("name", ["older.jsonl", "older.pdf", "older.zip"])
def test_any_file_that_holds_the_seals_can_be_compared(case: NadiasCase, tmp_path: Path, name: str) -> None:
    older, newer = _saved(tmp_path / name, case), _saved(tmp_path / "newer.json", case)
    status, said = _run("compare", older, newer)
    assert (status, "(17 entries) is the beginning of the newer: nothing in it was changed; nothing was added." in said) == (0, True), said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"entries": [1]}',
        b'{"entries": [{"header": "[]", "digests": "{}"}]}',
        b"\xff\x00",
        b"%PDF-1.7",
        b"PK\3\4nothing",
    ],
)
def test_a_file_of_another_kind_is_named(case: NadiasCase, tmp_path: Path, content: bytes) -> None:
    good, bad = _saved(tmp_path / "good.json", case), tmp_path / "bad.json"
    bad.write_bytes(content)
    status, told = _run("compare", good, bad)
    assert (status, "Traceback" in told, told.startswith(str(bad))) == (2, False, True), told


def test_a_file_that_does_not_hold_is_not_compared(case: NadiasCase, tmp_path: Path) -> None:
    good, bad = _saved(tmp_path / "good.json", case), tmp_path / "bad.json"
    bad.write_bytes(good.read_bytes().replace(b"refund EUR 40", b"refund EUR 90"))
    status, said = _run("compare", good, bad)
    assert (status, "does not hold by itself" in said) == (2, True), said
    document = orjson.loads(good.read_bytes())
    document["proof"]["note"] = head_proof(case.conversation, 3, bytes(32))["note"]
    bad.write_bytes(orjson.dumps(document))
    status, said = _run("compare", good, bad)
    assert (status, "about another head" in said) == (2, True), said


def test_a_list_with_a_damaged_key_is_refused(case: NadiasCase, tmp_path: Path) -> None:
    mail, saved, listed = tmp_path / "one.eml", _saved(tmp_path / "saved.json", case), tmp_path / "keys"
    mail.write_bytes(_mail(case, 12))
    listed.write_text(signing_keys.current_key().vkey.replace("localhost", "example"))
    status, said = _run("witness", mail, saved, "--keys", listed)
    assert (status, "does not follow from the key" in said) == (2, True)
    assert _run("witness", mail, saved, "--keys", tmp_path / "nowhere")[0] == 2


def test_two_conversations_are_not_compared(case: NadiasCase, tmp_path: Path) -> None:
    one, two = _saved(tmp_path / "one.json", case), _saved(tmp_path / "two.json", NadiasCase().tell())
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
    assert (status, "2 of 2 mails agree with the transcript. Signed with a known key: 2." in said) == (0, True), said


def test_a_mailbox_is_a_witness_against_a_transcript(case: NadiasCase, tmp_path: Path) -> None:
    saved, box = tmp_path / "saved.json", tmp_path / "inbox.mbox"
    box.write_bytes(b"From x\n" + _mail(case, 12) + b"\nFrom x\n" + _mail(case, 12).replace(b"Seal: ", b"Seal: 00"))
    _saved(saved, case, upto=5)
    status, said = _run("witness", box, saved)
    assert status == 1
    assert f"Against it: {box}: it names entry 12; the transcript ends at entry 5; what it says is signed by localhost, key" in said
    assert "mail 2: it names entry 12; the transcript ends at entry 5; no known key signed what it says" in said


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
