"""A fresh server in production serves whole pages, also from the role that does nothing else, and prints the code its first page takes."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable

import pytest
from django.test import override_settings

from chat.web.setup import first_run
from tests.services import RunningServer

SECRET = "a lamp, a shade and a cord of forty characters"


@pytest.mark.parametrize("command", ["up", "serve"])
def test_the_first_page_of_production_is_whole_and_its_code_is_printed(server_factory: Callable[..., RunningServer], command: str) -> None:
    server = server_factory(command, mode="production", secret=SECRET).start()
    with urllib.request.urlopen(f"{server.url}/setup/") as answer:
        page = answer.read().decode()
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert sheets
    for sheet in sheets:
        with urllib.request.urlopen(server.url + sheet) as answer:
            assert answer.status == 200
            assert "immutable" in answer.headers["Cache-Control"]
    with override_settings(ROOT_SECRETS={1: SECRET}):
        assert f"with the code      {first_run.setup_code()}" in server.log()
