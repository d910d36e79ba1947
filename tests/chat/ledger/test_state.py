"""The folded state as it is stored: read by many threads from the first moment on."""

from __future__ import annotations

import subprocess
import sys

import pytest

FIRST_READERS = """
import sys, threading
from chat.ledger.state import State, from_json, to_json

sys.setswitchinterval(1e-6)
raw, together = to_json(State()), threading.Barrier(16)
wrong = []

def read():
    together.wait()
    if from_json(raw) != State():
        wrong.append(raw)

readers = [threading.Thread(target=read) for _ in range(16)]
for reader in readers:
    reader.start()
for reader in readers:
    reader.join()
sys.exit(len(wrong))
"""


@pytest.mark.parametrize("_", range(6))
def test_many_threads_read_their_first_state_at_once(_: int) -> None:
    ended = subprocess.run([sys.executable, "-c", FIRST_READERS], timeout=60, check=False)
    assert ended.returncode == 0
