"""Sets one paper: a folder with data in, a PDF out. Runs as a process of its own and knows neither Django nor the ledger.

What people wrote stands in JSON files which the template reads: nothing of it is ever evaluated.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from pathlib import Path

import typst

from chat.transcripts.paper import letters

TEMPLATE = Path(__file__).with_name("transcript.typ")
MEMORY = 3 * 1024**3
"""Octets of address space, fonts that are only mapped included."""
SECONDS = 180
STANDARDS: tuple[tuple[str, ...], ...] = (("a-3a", "ua-1"), ("a-3b",), ())
"""The first that this text allows: some scripts cannot be mapped back to characters as the strictest ask."""


def main() -> None:
    folder, made_at = Path(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    os.nice(5)  # those who chat come first
    with contextlib.suppress(OSError):  # where memory runs out, this goes and the server stays
        Path("/proc/self/oom_score_adj").write_text("1000")
    known = letters.fonts()
    _replace_unshowable([folder / name for name in ("head.json", "entries.json", "log.json")], known)
    families = set(known.families())
    (folder / "fonts.json").write_text(json.dumps([name for name in letters.FAMILIES if name in families]))
    compiler = typst.Compiler(input=TEMPLATE.read_bytes(), root=str(folder), font_paths=known)
    print(_first(compiler, folder / "paper.pdf", made_at))


def _first(compiler: typst.Compiler, output: Path, made_at: int) -> str:
    problem = ""
    for standards in STANDARDS:
        try:
            compiler.compile(output=str(output), format="pdf", timestamp=made_at, pdf_standards=list(standards))  # type: ignore[arg-type]
            return " ".join(standards)
        except typst.TypstError as error:
            problem = error.message or str(error)
    raise SystemExit(problem)


def _replace_unshowable(files: list[Path], known: typst.Fonts) -> None:
    texts = [file.read_text("utf-8") for file in files]
    stand_ins = letters.stand_ins(set().union(*texts), known)
    # JSON's own whitespace stays what it is; controls inside of strings are escaped there and were seen to before.
    stand_ins = {point: text for point, text in stand_ins.items() if point > 0x7E}
    if stand_ins:
        for file, text in zip(files, texts, strict=True):
            file.write_text(text.translate(stand_ins), "utf-8")


if __name__ == "__main__":
    main()
