"""The stand-alone verifier believes nothing that was not sealed, names the first entry or file that does not hold, and needs none of us."""

from __future__ import annotations

import ast
import copy
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from chat.events.erasure import ErasureCarriedOut
from chat.ledger import erase, note, replay, triggers
from chat.ledger.append import Command, Fact
from chat.ledger.event import Audience
from chat.transcripts import verifier
from chat.transcripts.verifier import Broken, Key, Unreadable, check, record
from tests.chat.nadia import NadiasCase
from tests.chat.transcripts.saved import KEY, ORIGIN, archive, as_lines, beside, document, false_papers, pdf, told
from tests.chat.transcripts.tampering import TAMPERINGS, Document, forged, saved

FILE = Path(str(verifier.__file__))
OTHER_KEY = note.vkey(ORIGIN, note.public_of(b"another seed of thirty-two octet"))


@pytest.fixture
def case(database: str) -> NadiasCase:
    return told()


@pytest.fixture
def transcript(request: pytest.FixtureRequest) -> Document:
    """Told once: those who tamper with it get a copy."""
    if not _told:
        _told.append(document(request.getfixturevalue("case")))
    return copy.deepcopy(_told[0])


_told: list[Document] = []


def _lines(path: Path, octets: bytes, *keys: str) -> str:
    path.write_bytes(octets)
    return "\n".join(check(path, [Key.read(key) for key in keys]))


def test_it_knows_nothing_of_ours_and_runs_on_older_pythons() -> None:
    tree = ast.parse(FILE.read_text(), feature_version=(3, 9))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    foreign = {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names}
    assert {name.partition(".")[0] for name in foreign} == {"cryptography"}


def test_it_knows_the_kinds_beside_which_the_database_lets_something_be_crossed_out() -> None:
    assert {*triggers.PERMITTING} == verifier.CROSSING


def test_a_transcript_holds_and_says_who_signed_and_what_is_not_sealed(transcript: Document, tmp_path: Path) -> None:
    words = _lines(tmp_path / "t.json", saved(transcript))
    assert f"{transcript['upto']} entries" in words
    assert transcript["seal"] in words
    assert "out of the file itself" in words
    assert "case_number" in words
    assert "Crossed out: text of entry" in words
    assert "a key that you gave" in _lines(tmp_path / "t.json", saved(transcript), KEY)


def test_it_agrees_whatever_the_layout(transcript: Document) -> None:
    """Spaces and the order of the head say nothing; however the octets come in, the chain is the same."""
    pretty = json.dumps(transcript, indent=3, ensure_ascii=True).encode()
    head_last = {"entries": transcript["entries"], **{k: v for k, v in transcript.items() if k != "entries"}}
    for octets in (saved(transcript), pretty, saved(head_last), as_lines(transcript)):
        for size in (1, 7, 4096, len(octets)):
            if size > 1 or len(octets) < 40_000:
                pieces = (octets[at : at + size] for at in range(0, len(octets), size))
                _, chain = record(pieces)
                assert chain.seal == transcript["seal"]


def test_the_agents_transcript_leaves_nothing_out(case: NadiasCase) -> None:
    assert not record([saved(document(case, audience=Audience.AGENTS))])[1].left_out
    assert record([saved(document(case))])[1].left_out


def test_a_record_that_was_erased_by_law_still_holds_and_says_so(case: NadiasCase, tmp_path: Path) -> None:
    entries = erase.everything(case.conversation)
    says = ErasureCarriedOut(by="", ground="erasure", entries=replay.named(entries), whole=True)
    fact = Fact(conversation=case.conversation, body=says, actor="system", channel="system", key="erased")
    replay.carry_out(Command(facts=(fact,), rows=replay.crossings(case.conversation, entries)))
    found = document(case)
    assert "Nadia" not in json.dumps(found["entries"])
    assert f"entry {found['upto']} says who did it and why" in _lines(tmp_path / "t.json", saved(found))
    found["entries"].pop()
    found |= {"upto": found["upto"] - 1, "seal": found["entries"][-1]["seal"]}
    with pytest.raises(Broken, match="no entry says"):
        record([saved(found)])


@pytest.mark.parametrize("name", TAMPERINGS)
def test_it_notices_when(name: str, transcript: Document) -> None:
    tampers, words = TAMPERINGS[name]
    tampers(transcript)
    with pytest.raises(Broken, match=words):
        record([saved(transcript)])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text + " {}", "behind"),
        (lambda text: text[:-1], "too early"),
        (lambda text: text.replace('"upto": ', '"upto": 3, "upto": ', 1), "twice"),
        (lambda text: text.replace('"entries": [', '"entries": [], "entries": [', 1), "twice"),
        (lambda text: text.replace('"position": 2,', '"position": 9, "position": 2,', 1), "twice"),
        (lambda text: text.replace('"position": 2,', '"position": 2.0,', 1), "sealed"),
        (lambda text: text.replace('"position": 2,', '"position": NaN,', 1), "sealed"),
        (lambda text: text.replace('"position": 2,', f'"position": {"9" * 5000},', 1), "cannot be read"),
        (lambda text: text.replace('"position": 2,', f'"position": {"[" * 200_000},', 1), "cannot be read"),
        (lambda text: text.replace('"body": {', '"body": {"text": "\\ud800", ', 1), "twice|cannot be read|reads differently"),
    ],
)
def test_json_that_can_be_read_in_two_ways_is_broken(change: object, words: str, transcript: Document) -> None:
    text = change(saved(transcript).decode())  # type: ignore[operator]
    with pytest.raises(Broken, match=words):
        record([text.encode()])


@pytest.mark.parametrize(
    "octets", [b"", b"{}", b"[1]", b"hello", b'{"format": "something else"}', b"\xff\xfe{", b"%PDF-1.7\n%%EOF", b'{"a":']
)
def test_what_is_no_transcript_cannot_be_checked(octets: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        _lines(tmp_path / "file", octets)


def test_lines_without_their_end_or_with_more_behind_it_are_broken(transcript: Document) -> None:
    whole = as_lines(transcript)
    cut = whole[: whole.rindex(b'{"end"')]
    for octets in (cut, whole + b"{}\n", cut + b'{"end": true, "upto": 3, "seal": ""}'):
        with pytest.raises(Broken):
            record([octets])


def test_a_chain_that_was_made_up_holds_by_itself_and_fails_with_a_key(transcript: Document, tmp_path: Path) -> None:
    false = forged(transcript)
    with pytest.raises(Broken, match="what was signed is not this"):
        _lines(tmp_path / "t.json", saved(false))
    del false["proof"]
    assert "could have made it up" in _lines(tmp_path / "t.json", saved(false))
    with pytest.raises(Broken, match="a key that you gave"):
        _lines(tmp_path / "t.json", saved(false), KEY)


def test_another_key_is_not_believed(transcript: Document, tmp_path: Path) -> None:
    with pytest.raises(Broken, match="none of the keys"):
        _lines(tmp_path / "t.json", saved(transcript), OTHER_KEY)
    transcript["proof"]["note"] = transcript["proof"]["note"].replace("/conversation/", "/conversation/1")
    with pytest.raises(Broken, match="did not sign"):
        _lines(tmp_path / "t.json", saved(transcript))


def test_the_transcript_in_a_pdf_is_checked(transcript: Document, tmp_path: Path) -> None:
    words = _lines(tmp_path / "t.pdf", pdf(saved(transcript)))
    assert "printed pages are not sealed" in words
    TAMPERINGS["what somebody said reads differently"][0](transcript)
    with pytest.raises(Broken, match="reads differently"):
        _lines(tmp_path / "t.pdf", pdf(saved(transcript)))


def test_a_pdf_in_which_readers_may_find_another_file_does_not_hold(transcript: Document, tmp_path: Path) -> None:
    for octets, words in false_papers(saved(transcript)):
        with pytest.raises((Broken, Unreadable), match=words):
            _lines(tmp_path / "t.pdf", octets)


def test_it_runs_where_it_lies_among_modules_named_as_those_of_python(transcript: Document, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_bytes(saved(transcript))
    ran = subprocess.run([sys.executable, str(FILE), "t.json"], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert (ran.returncode, "nothing here was changed" in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_names_that_look_like_others_are_spelled_out(transcript: Document, tmp_path: Path) -> None:
    assert '"\\u0435ntries"' in _lines(tmp_path / "t.json", saved(transcript | {"\u0435ntries": []}))


def test_no_change_of_one_octet_inside_a_record_passes_the_chain(transcript: Document) -> None:
    """What passes reads the same, or is one of the labels above the entries."""
    octets, chance = saved(transcript), random.Random(4821)
    labels, passed = verifier.COVERED - {"proof"}, 0
    for _ in range(1000):
        at, bit = chance.randrange(len(octets)), 1 << chance.randrange(8)
        changed = octets[:at] + bytes([octets[at] ^ bit]) + octets[at + 1 :]
        try:
            record([changed])
        except (Broken, Unreadable):
            continue
        passed += 1
        again = json.loads(changed)
        assert [again[name] for name in labels] == [transcript[name] for name in labels]
    assert passed < 500


@pytest.mark.parametrize("proof", [5, "", [], {"keys": 5}, {"note": 5}, {"note": "a", "keys": [1]}, {"note": "a\n\n", "keys": ["a+b+c"]}])
def test_a_hostile_proof_is_an_answer_and_no_accident(proof: object, transcript: Document, tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_bytes(saved(transcript | {"proof": proof}))
    assert verifier.main([str(path)]) in (0, 1, 2)
    assert verifier.main([str(path), "--key", KEY]) == 1


def test_terminal_escapes_in_a_file_are_not_sent_to_the_terminal(
    transcript: Document, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = copy.deepcopy(transcript)
    broken["entries"][0]["\u001b[2J\u202e"] = 1
    path = tmp_path / "t.json"
    path.write_bytes(saved(broken))
    assert verifier.main([str(path)]) == 1
    printed = capsys.readouterr().out
    assert "\u001b" not in printed and "\u202e" not in printed
    assert "entry 1" in printed


def test_it_runs_by_itself_with_nothing_but_cryptography(transcript: Document, tmp_path: Path) -> None:
    alone = tmp_path / "packages"
    alone.mkdir()
    for name in ("cryptography", "cffi", "pycparser"):
        if (Path(KEYS_HOME) / name).exists():
            (alone / name).symlink_to(Path(KEYS_HOME) / name)
    for one in Path(KEYS_HOME).glob("_cffi_backend*"):
        (alone / one.name).symlink_to(one)
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [{"vkey": KEY}]}))
    good = beside(tmp_path / "good.zip", archive(transcript), transcript["conversation"])
    bad, no = tmp_path / "bad.json", tmp_path / "no.txt"
    bad.write_bytes(saved(transcript).replace(b"EUR 40 so", b"EUR 90 so", 1))
    no.write_text("Dear Nadia,\n")
    for path, status, words in (
        (good, 0, "nothing here was changed"),
        (bad, 1, "NOT as it was sealed. entry 5"),
        (no, 2, "cannot be checked"),
    ):
        start = (
            f"import sys, runpy; sys.path.append({str(alone)!r}); sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
        )
        command = [sys.executable, "-I", "-S", "-c", start, str(FILE), str(path), "--keys", str(tmp_path / "keys.json")]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
        assert (ran.returncode, words in ran.stdout) == (status, True), ran.stdout + ran.stderr


KEYS_HOME = next(path for path in sys.path if (Path(path) / "cryptography").is_dir())
