"""Mails that were made to cost, in the parser's own process with its own limits: each is read to its end, and within what is promised."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mailgateway.parser import CPU_SECONDS, parse
from mailgateway.reading.parser_process import ParserProcess
from tests.mailgateway import bombs, mails

SMALL = bombs.of(250_000)
BIG = ("parts side by side", "one long header", "a text that was packed", "flowing lines", "an archive")
PROMISED = 300 * 1024
"""Kilobytes that the parser's process may have in memory."""


@pytest.mark.parametrize("name", SMALL)
def test_a_bomb_is_read_in_bounded_steps(name: str) -> None:
    parsed = parse(SMALL[name])
    assert len(parsed.text) <= len(SMALL[name])
    assert len(parsed.attachments) <= 500


async def test_big_bombs_keep_the_process_within_its_bounds_and_hold_up_nobody() -> None:
    big = bombs.of(12 * bombs.MEGA)
    async with ParserProcess(workers=2) as process:
        # Whoever is over the limit of processor time or memory is ended by the system, and the mail is then "read lightly".
        exploding = [asyncio.create_task(process.parse(big[name])) for name in BIG]
        answered = 0
        while not all(task.done() for task in exploding):
            assert (await process.parse(mails.mail(Subject="Another"))).subject == "Another"
            answered += 1
        parsed = await asyncio.gather(*exploding)
        peaks = [_peak(pid) for pid in process.pids]
    assert answered > len(BIG)
    assert CPU_SECONDS <= 6
    assert max(peaks) < PROMISED
    assert not [name for name, mail in zip(BIG, parsed, strict=True) if "read-lightly" in mail.notes]


def _peak(pid: int) -> int:
    """Kilobytes at the most, so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
