"""Where a signature begins, and what only looks like one."""

from __future__ import annotations

from mailgateway.quotes import split


def test_the_pieces_of_a_newsletter_are_no_signature() -> None:
    pieces = "\n".join(f"Line {number} about lamps." for number in range(25))
    assert "Line 24" in split(f"Dear readers,\n\n--\n{pieces}\n").answer
    assert "Line 24" not in split(f"Dear readers,\n\n-- \n{pieces}\n").answer
