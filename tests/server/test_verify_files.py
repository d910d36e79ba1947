"""`throughline verify FILE` checks saved files as the stand-alone program does: without settings, database or network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chat.transcripts.saved import KEY, archive, beside, document, told
from tests.chat.transcripts.tampering import TAMPERINGS, saved
from tests.services.product import ROOT


def _verify(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("THROUGHLINE_", "DJANGO_"))}
    command = [sys.executable, "-m", "server", "verify", *map(str, arguments)]
    environment = bare | {"THROUGHLINE_DATA": "/nowhere", "THROUGHLINE_DATABASE": "postgres://nobody@127.0.0.1:1/none"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.usefixtures("database")
def test_files_are_checked_without_the_store(tmp_path: Path) -> None:
    transcript = document(told())
    good = beside(tmp_path / "good.zip", archive(transcript), transcript["conversation"])
    ran = _verify(good, "--key", KEY)
    assert (ran.returncode, "nothing here was changed since it was sealed" in ran.stdout) == (0, True), ran.stdout + ran.stderr
    TAMPERINGS["what somebody said reads differently"][0](transcript)
    bad = tmp_path / "--bad.json"
    bad.write_bytes(saved(transcript))
    ran = _verify(good, "--", bad)
    assert (ran.returncode, "entry 2: it reads differently" in ran.stdout) == (1, True), ran.stdout + ran.stderr


def test_the_command_reads_files_of_the_folder_it_is_called_from(tmp_path: Path) -> None:
    (tmp_path / "nothing.json").write_text("[]")
    command = Path(sys.prefix, "bin", "throughline")
    ran = subprocess.run([command, "verify", "nothing.json"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, "cannot be checked" in ran.stdout) == (2, True), ran.stdout + ran.stderr


def test_a_file_that_is_not_there_is_said_so_in_words() -> None:
    ran = _verify("/nowhere/at-all.json")
    assert (ran.returncode, ran.stdout) == (2, "/nowhere/at-all.json: cannot be read: No such file or directory.\n")
