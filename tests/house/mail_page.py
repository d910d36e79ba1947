"""The table of settings at the end of docs/mail.md, written from the one table in the code: `python -m tests.house.mail_page`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from server.environment import TABLE, Setting

PAGE = Path(__file__).resolve().parents[2] / "docs/mail.md"
HEAD = "## Settings\n"
_MAIL = re.compile(r"THROUGHLINE_(SMTP_|LMTP|MAIL_|RELAY|IMAP|DNS|AUTHSERV|DMARC|DKIM|SPAM|UNDO)")


def mail_settings() -> list[Setting]:
    """Those that are about mail, in the order of the table."""
    return [setting for setting in TABLE if _MAIL.match(setting.name)]


def section() -> str:
    """The section as it must stand there."""
    lines = [f"| `{each.name}` | {f'`{each.default}`' if each.default else 'empty'} | {each.about} |" for each in mail_settings()]
    lead = "All settings of mail; those of everything else stand in [settings.md](settings.md)."
    return "\n".join([HEAD, lead, "", "| name | default | what it means |", "|---|---|---|", *lines]) + "\n"


if __name__ == "__main__":
    page = PAGE.read_text()
    PAGE.write_text(page[: page.rindex(HEAD)] + section())
    sys.stdout.write("The settings in docs/mail.md are written anew.\n")
