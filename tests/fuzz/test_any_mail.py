"""A short run of each way to find a mail that breaks the promise; `make fuzz` runs the last one for as long as you like."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import structures
from tests.fuzz.promise import hold
from tests.mailgateway import mails

WHOLE = [path.read_bytes()[:8000] for path in mails.every()]
bounded = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@bounded
@given(structures.mails())
def test_a_mail_of_any_structure_is_read(raw: bytes) -> None:
    hold(raw)


@bounded
@given(structures.damaged(WHOLE))
def test_a_known_mail_is_read_however_damaged(raw: bytes) -> None:
    hold(raw)


@bounded
@given(st.binary(max_size=3000))
def test_any_octets_are_read(raw: bytes) -> None:
    hold(raw)


def test_what_the_code_itself_leads_to_is_read(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "-runs=800", "-max_total_time=6", f"-artifact_prefix={tmp_path}/", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
