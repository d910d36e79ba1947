"""Where the fixture mails stand, and small mails written on the spot; knows nothing of the code under test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "mails"


def every() -> list[Path]:
    """All fixture mails of all sources."""
    return sorted(
        path
        for path in FOLDER.rglob("*")
        if path.is_file() and path.name not in {"LICENSE", "README.md", ".gitattributes"} and path.suffix != ".json"
    )


def raw(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def table(name: str) -> dict[str, Any]:
    """An expectation file that was made by reading the mails."""
    loaded: dict[str, Any] = json.loads((FOLDER / name).read_text("utf-8"))
    return loaded


def mail(body: str = "Hello\n", **fields: str) -> bytes:
    """A small mail of Nadia's; header names with underscores for dashes, an empty value leaves a header out."""
    known = {
        "From": "Nadia Lang <nadia@customer.example>",
        "To": "support@shop.example",
        "Subject": "Lamp",
        "Message-ID": "<n1@customer.example>",
    }
    known |= {name.replace("_", "-"): value for name, value in fields.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in known.items() if value)
    return (head + "\r\n" + body).encode("utf-8", "surrogateescape")
