"""Writes docs/events.md and docs/privacy.md from the kinds themselves: `python -m tests.house.kinds_page` renews both."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import typing
from dataclasses import MISSING, fields
from pathlib import Path

from tests.house.copies_page import copies_section
from tests.house.listings import load_every_kind

DOCS = Path(__file__).resolve().parents[2] / "docs"

EVENTS_HEAD = """# Every kind of event

Whatever happens in a conversation is one event of one of these kinds. This page is written from `chat/events/`
(`python -m tests.house.kinds_page`), and a test compares them. Names, fields and versions are sealed with every event: they are
never changed, only followed by a new version.

* **for**: who reads it. `everyone` is both sides, `agents` is the team alone.
* **speaks**: channels are asked whether they carry it to the customer. **quiet**: it moves neither
  the last word nor unread marks, retention and queues.
* A field with `=` may be left out. Times are microseconds since 1970 in UTC; files are lists of name, media type, size and SHA-256.
* Fields marked `*` hold personal data and are crossed out on erasure ([privacy.md](privacy.md)).
"""

PRIVACY_HEAD = """# Personal data: where it is, and how it goes

## In the ledger

Every field of every kind that holds personal data, written from `chat/events/` (`python -m tests.house.kinds_page`); a test compares them.
Each field is sealed with a salt of its own, so one field or one attachment can be crossed out: value and salt go, the digest stays, and
every other field can still be checked. The sentence stored with an event goes with the first field that is crossed out.
The search index of the agents holds the words of the fields in the third column, without their order; what is crossed out leaves it in the
same transaction. People who read no bodies find only the fields marked `~`.
Headers hold no personal data: people stand there as references such as `customer:41`. No event holds an IP address; page addresses are
kept without their query.
"""


def events_page() -> str:
    families: dict[str, list[str]] = {}
    for kind in _kinds():
        family = kind.__module__.rsplit(".", 1)[1]
        marks = ", ".join(word for word, on in (("speaks", kind.speaks), ("quiet", kind.quiet)) if on)
        row = f"| `{kind.name}` | {kind.version} | {kind.audience.value} | {marks} | {_fields(kind)} | {kind.example().sentence()} |"
        families.setdefault(family, []).append(row)
    parts = [EVENTS_HEAD]
    for family, rows in sorted(families.items()):
        table = "\n".join(["| kind | version | for | marks | fields | reads as |", "|---|---|---|---|---|---|", *rows])
        parts.append(f"## {family.capitalize()}\n\n{table}\n")
    return "\n".join(parts)


def privacy_page() -> str:
    rows = [
        f"| `{kind.name}` | {', '.join(f'`{name}`' for name in sorted(kind.personal))} | {_searched(kind)} | {kind.audience.value} |"
        for kind in _kinds()
        if kind.personal
    ]
    return "\n".join([PRIVACY_HEAD, "| kind | personal fields | searched | read by |", "|---|---|---|---|", *rows, copies_section()])


def _kinds():  # type: ignore[no-untyped-def]  # the list of kinds is typed where it is made
    load_every_kind()
    from chat.ledger.event import kinds

    return [kind for kind in kinds() if kind.__module__.startswith("chat.events.")]


def _searched(kind) -> str:  # type: ignore[no-untyped-def]
    found = sorted((kind.searched | kind.tells_who) & {field.name for field in fields(kind)})
    return ", ".join(f"`{name}`{' ~' if name in kind.tells_who else ''}" for name in found)


def _fields(kind) -> str:  # type: ignore[no-untyped-def]
    hints = typing.get_type_hints(kind)
    parts = []
    for field in fields(kind):
        words = re.sub(r"chat\.ledger\.event\.|<class '|'>|, \.\.\.", "", str(hints[field.name]))
        words = words.replace("tuple[AttachmentRef]", "files").replace("tuple[", "list of ").replace("]", "")
        star = r"\*" if field.name in kind.personal else ""
        parts.append(f"`{field.name}`{star} {words}{'' if field.default is MISSING else ' ='}")
    return "<br>".join(parts) or "none"


def _set_up_django() -> None:
    import django

    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "server.settings", "THROUGHLINE_MODE": "test", "THROUGHLINE_DATA": folder}
        django.setup()


if __name__ == "__main__":
    _set_up_django()
    (DOCS / "events.md").write_text(events_page())
    (DOCS / "privacy.md").write_text(privacy_page())
    sys.stdout.write("docs/events.md and docs/privacy.md are written anew.\n")
