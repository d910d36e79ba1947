"""Each mail of our own with what a reader finds in it, written beside it by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mailgateway.parser import parse
from mailgateway.reading.parsed import ParsedMail
from tests.mailgateway import mails

OURS = mails.FOLDER / "ours"
NAMES = sorted(path.stem for path in OURS.glob("*.eml"))


def test_every_mail_of_ours_has_its_expected_result() -> None:
    assert sorted(path.stem for path in OURS.glob("*.json")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_read_as_its_reader_would(name: str) -> None:
    parsed = parse((OURS / f"{name}.eml").read_bytes())
    expected = json.loads((OURS / f"{name}.json").read_text("utf-8"))
    assert _found(parsed, expected, OURS / f"{name}.eml") == expected


def _found(parsed: ParsedMail, expected: dict[str, Any], path: Path) -> dict[str, Any]:
    """The mail in the form of the expectation; what the expectation does not speak of is left out."""
    sender = parsed.sender
    found: dict[str, Any] = {
        "sender": "" if sender is None else f"{sender.name} <{sender.address}>" if sender.name else sender.address,
        "subject": parsed.subject,
        "text": parsed.text.strip(),
        "attachments": [],
        "notes": list(parsed.notes),
        "invitation": list(parsed.invitation),
        "html": bool(parsed.html),
        "date": datetime.fromtimestamp((parsed.date or 0) / 1_000_000, UTC).isoformat(),
    }
    wanted = expected["attachments"] or [{}] * len(parsed.attachments)
    for file, one in zip(parsed.attachments, wanted, strict=True):
        said = {"name": file.name, "type": file.media_type, "inline": file.inline, "id": file.content_id}
        said["content"] = file.content.decode("utf-8", "replace")
        found["attachments"].append({key: value for key, value in said.items() if key in one or key in {"name", "type"}})
    assert path.stat().st_size < 20_000
    return {key: value for key, value in found.items() if key in expected}
