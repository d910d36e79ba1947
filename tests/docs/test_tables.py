"""The tables of settings and actions say what the code says, cell by cell."""

from __future__ import annotations

import re

import msgspec
import pytest

from chat.actions.action import AGENTS, Action, actions
from server.environment import TABLE, Setting
from tests.house.sources import text

EVERY_ACTION = [action for action in actions().values() if type(action).__module__.startswith("chat.actions.")]


def _rows(page: str) -> dict[str, list[str]]:
    """The cells behind the name, by name."""
    found = {}
    for line in text(page).splitlines():
        if match := re.match(r"\|\s*`([^`]+)`\s*\|(.*)\|\s*$", line):
            found[match[1]] = [cell.strip() for cell in match[2].split("|")]
    return found


@pytest.mark.parametrize("setting", TABLE, ids=[setting.name for setting in TABLE])
def test_the_page_tells_default_and_meaning_of_a_setting(setting: Setting) -> None:
    shown = f"`{setting.default}`" if setting.default else "empty"
    assert _rows("docs/settings.md")[setting.name] == [shown, setting.about]


def test_every_action_stands_on_its_page_and_no_other() -> None:
    assert set(_rows("docs/actions.md")) == {action.name for action in EVERY_ACTION}


@pytest.mark.parametrize("action", EVERY_ACTION, ids=[action.name for action in EVERY_ACTION])
def test_the_page_tells_button_key_roles_and_form_of_an_action(action: Action) -> None:
    assert _rows("docs/actions.md")[action.name] == [action.label, action.shortcut, _who(action), _form(action)]


def test_every_field_of_every_form_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", text("docs/actions.md").split("## What the fields hold")[1]))
    fields = {field.name for action in EVERY_ACTION for field in msgspec.structs.fields(action.Form)}
    assert fields <= explained, "Say what the new field holds."


def _who(action: Action) -> str:
    agents = ["agents"] if action.who >= AGENTS else sorted(action.who & AGENTS)
    return ", ".join([*agents, *sorted(action.who - AGENTS)])


def _form(action: Action) -> str:
    fields = msgspec.structs.fields(action.Form)
    needed = [f"`{field.name}`" for field in fields if field.required]
    optional = [f"`{field.name}`" for field in fields if not field.required]
    parts = [", ".join(needed), f"optional {', '.join(optional)}" if optional else ""]
    return ", ".join(filter(None, parts)) or "none"
