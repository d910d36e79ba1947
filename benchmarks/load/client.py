"""Starts a crowd in its own process and speaks to it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.places import ROOT


class Load:
    """A running crowd. Rounds are `closed(...)` and `paced(...)`; see `benchmarks.load.crowd`."""

    def __init__(self, dialect: str, members: list[dict[str, Any]], *ports: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._say({"dialect": dialect, "members": members, "ports": list(ports)})

    def closed(self, *, seconds: float, flying: int) -> dict[str, float]:
        return self._say({"do": "closed", "seconds": seconds, "flying": flying})

    def paced(self, *, seconds: float, rate: float) -> dict[str, float]:
        return self._say({"do": "paced", "seconds": seconds, "rate": rate})

    def stop(self) -> None:
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _say(self, asked: dict[str, Any]) -> dict[str, float]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The load process ended with {self._process.wait()}; its last words stand above.")
        found: dict[str, float] = json.loads(answer)
        if found.get("lost"):
            raise RuntimeError(f"{found['lost']:.0f} lines were neither acknowledged nor delivered: {found}")
        return found
