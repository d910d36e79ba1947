"""`python -m tests.fuzz FOLDER [libFuzzer's options]`: lets the branches of the parser's own code find the mails that break the promise.

New mails that reached new code are kept in FOLDER, one that broke it as `crash-...`; run that with the same command to see it again.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

SEEDS = Path(__file__).parent.parent / "mails"

with atheris.instrument_imports(include=["mailgateway"]):
    from tests.fuzz.promise import hold


def main() -> None:
    seeds = [] if any(Path(word).is_file() for word in sys.argv[1:]) else [str(SEEDS)]
    atheris.Setup([*sys.argv, "-max_len=20000", "-timeout=20", "-rss_limit_mb=1500", *seeds], hold)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
