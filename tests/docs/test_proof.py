"""The check by hand that docs/proof.md tells of works as it stands there, with the tools of the system, and refuses what was changed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from chat.ledger import note
from tests.house.sources import text

SEED = bytes(range(32))
TEXT = "support.example/conversation/42\n3\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n"
KEY = note.vkey("support.example", note.public_of(SEED))


def _by_hand(folder: Path, signed: str, key: str) -> subprocess.CompletedProcess[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", text("docs/proof.md"), re.MULTILINE | re.DOTALL)
    (commands,) = [block for block in blocks if "openssl" in block]
    (folder / "head.note").write_text(signed)
    environment = {"KEY": key, "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    return subprocess.run(["sh", "-ec", commands], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_a_note_is_checked_by_hand(tmp_path: Path) -> None:
    done = _by_hand(tmp_path, note.sign(TEXT, name="support.example", seed=SEED), KEY)
    assert (done.returncode, "Signature Verified Successfully" in done.stdout) == (0, True), done.stderr


def test_a_key_whose_base64_holds_a_plus_is_read_whole(tmp_path: Path) -> None:
    """A plus stands between the parts of a key as well."""
    seeds = (number.to_bytes(32, "big") for number in range(1000))
    seed = next(seed for seed in seeds if "+" in note.vkey("x.example", note.public_of(seed)).split("+", 2)[2])
    key = note.vkey("x.example", note.public_of(seed))
    assert _by_hand(tmp_path, note.sign(TEXT, name="x.example", seed=seed), key).returncode == 0


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    other = note.vkey("support.example", note.public_of(bytes(32)))
    assert _by_hand(tmp_path, note.sign(TEXT, name="support.example", seed=SEED), other).returncode != 0


def test_another_text_does_not_hold(tmp_path: Path) -> None:
    signed = note.sign(TEXT, name="support.example", seed=SEED).replace("\n3\n", "\n4\n")
    assert _by_hand(tmp_path, signed, KEY).returncode != 0
