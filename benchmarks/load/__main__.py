"""One crowd as a process: reads its members, then commands, one JSON line each, and answers each with one.

Started by `benchmarks.load.client`; knows only the crowd.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.load.crowd import Crowd
from benchmarks.load.dialects import DIALECTS


def main() -> None:
    commands = _commands(lambda: crowd.idle() if crowd else time.sleep(0.01))
    crowd: Crowd | None = None
    who = next(commands)
    crowd = Crowd(DIALECTS[who["dialect"]](), who["members"], who["ports"])
    _say({"ready": len(who["members"])})
    for asked in commands:
        _say(getattr(crowd, asked.pop("do"))(**asked))
    crowd.end()


def _commands(meanwhile: Callable[[], None]) -> Iterator[dict[str, Any]]:
    """Lines of standard input; between them servers still want their beats answered."""
    waiting = b""
    while True:
        while not select.select([0], [], [], 0)[0]:
            meanwhile()
        chunk = os.read(0, 1 << 20)
        if not chunk:
            return
        waiting += chunk
        while b"\n" in waiting:
            line, _, waiting = waiting.partition(b"\n")
            yield json.loads(line)


def _say(answer: dict[str, float]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
