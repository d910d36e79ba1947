"""What texts of forms must be like, said once: trimmed, not empty, not too long. Knows no action."""

from __future__ import annotations

import re

from chat.actions.action import BadForm

TEXT = 20_000
LINE = 300
_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?\Z")


def needed(text: str, field: str, *, most: int = TEXT, says: str = "Write something first.") -> str:
    """The text without outer blanks. Raises BadForm if it is empty or longer than `most` characters."""
    trimmed = optional(text, field, most=most)
    if not trimmed:
        raise BadForm(says, field=field)
    return trimmed


def optional(text: str, field: str, *, most: int = TEXT) -> str:
    trimmed = text.strip()
    if len(trimmed) > most:
        raise BadForm(f"This is {len(trimmed):,} characters long; {most:,} fit.", field=field)
    return trimmed


def line(text: str, field: str, *, most: int) -> str:
    """Like `optional`, for what stands in one line: a name with line breaks or hidden characters could pose as something else."""
    return optional(" ".join("".join(char if char.isprintable() else " " for char in text).split()), field, most=most)


def address(text: str, field: str = "address") -> str:
    """An e-mail address in lower case, or empty. Raises BadForm if it cannot be one."""
    trimmed = text.strip().lower()
    if trimmed and (len(trimmed) > 254 or not _ADDRESS.match(trimmed) or ".." in trimmed):
        raise BadForm("This is not an e-mail address. It looks like name@example.com.", field=field)
    return trimmed
