"""docs/protocol.md tells the truth: its examples are frames that the server reads, and it names every frame, code and number."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from chat.live import frames, limits, socket, window

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "protocol.md").read_text()
READABLE = {kind.__name__.lower() for kind in get_args(frames.FromAgent)}


def examples() -> list[str]:
    found = []
    for match in re.finditer(r'\{"t": "(\w+)"', PAGE):
        depth = 0
        for end in range(match.start(), len(PAGE)):
            depth += {"{": 1, "}": -1}.get(PAGE[end], 0)
            if depth == 0:
                break
        text = PAGE[match.start() : end + 1].replace("7123…", "7123")
        if match[1] in READABLE and '"rows"' not in text and '"name": "Tom"' not in text and '"heads"' not in text:
            found.append(text)
    return found


@pytest.mark.parametrize("text", examples())
def test_what_the_page_tells_clients_to_send_is_read(text: str) -> None:
    assert frames.Reader(frames.FromAgent).read(json.dumps(json.loads(text)))


def test_the_page_shows_every_frame_a_client_may_send() -> None:
    assert {json.loads(text)["t"] for text in examples()} == READABLE


@pytest.mark.parametrize(
    "words",
    [
        f"{frames.LARGEST:,} octets",
        f"within {socket.HELLO_WITHIN:.0f} seconds",
        f"every {socket.BEAT_EVERY:.0f} seconds",
        f"silent for {socket.SILENT_AFTER:.0f} seconds",
        f"at most {window.SIZE} unacknowledged",
        f"behind for {window.PATIENCE:.0f} seconds",
        f"at most {socket.WATCHES} conversations",
        f"{limits.TABLE['customer'].burst} at once, then {1 / limits.TABLE['customer'].every:.0f} a second",
        f"{limits.TABLE['agent'].burst}, then {1 / limits.TABLE['agent'].every:.0f} a second",
        f"{1 / limits.TABLE['frame'].every:.0f} frames a second for long ({limits.TABLE['frame'].burst} at once)",
    ],
)
def test_the_numbers_on_the_page_are_those_of_the_code(words: str) -> None:
    assert words in " ".join(PAGE.split())
