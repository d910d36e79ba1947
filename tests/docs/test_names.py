"""Files, commands and log lines that the pages name are there."""

from __future__ import annotations

import re

import pytest

from server.__main__ import app
from tests.docs.pages import FILE
from tests.house.sources import ROOT, named, text

PAGES = named(".md", under=("docs/",))
ROOMS = "chat|server|mailgateway|static|tests|docs"


@pytest.mark.parametrize("path", PAGES)
def test_every_file_that_a_page_names_is_there(path: str) -> None:
    added = {match["path"] for match in FILE.finditer(text(path))}
    told = set(re.findall(rf"`((?:{ROOMS})/[\w./-]+\.\w+)`", FILE.sub("", text(path))))
    assert not [name for name in sorted(told - added) if not (ROOT / name).exists()]


def test_the_operations_page_names_every_command_and_no_other() -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert set(re.findall(r"^\| `throughline (\w+)`", text("docs/operations.md"), re.MULTILINE)) == commands


def test_every_log_line_that_deserves_an_alarm_is_written_somewhere() -> None:
    table = text("docs/operations.md").split("These deserve an alarm:")[1].split("\n\n")[1]
    told = set(re.findall(r"`([a-z]+_[a-z_]+)`", table))
    code = "\n".join(text(path) for path in named(".py", under=("server/", "chat/", "mailgateway/")))
    assert told
    assert not [name for name in sorted(told) if f'"{name}"' not in code]


def test_every_setting_that_a_page_names_is_one() -> None:
    from server.environment import TABLE

    real = {setting.name for setting in TABLE}
    told = {name for path in PAGES for name in re.findall(r"THROUGHLINE_[A-Z]+(?:_[A-Z]+)*", text(path))}
    assert told - real <= {"THROUGHLINE_TEST"}
