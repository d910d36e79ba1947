"""A Unix socket for LMTP: made where it is set, over what a dead process left, and never over somebody's who lives or over a file."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from server.environment import BadSetting
from server.process import bind_path


def test_a_socket_that_a_dead_process_left_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    bind_path(str(path), "THROUGHLINE_LMTP").close()
    assert path.is_socket()
    with bind_path(str(path), "THROUGHLINE_LMTP") as listener, socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))
        listener.accept()[0].close()
    assert path.stat().st_mode & 0o777 == 0o666


def test_what_is_in_use_or_no_socket_is_left_alone_and_named(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    with bind_path(str(path), "THROUGHLINE_LMTP"), pytest.raises(BadSetting, match="THROUGHLINE_LMTP"):
        bind_path(str(path), "THROUGHLINE_LMTP")
    file = tmp_path / "letters"
    file.write_text("dear")
    with pytest.raises(BadSetting, match="No socket can be made"):
        bind_path(str(file), "THROUGHLINE_LMTP")
    assert file.read_text() == "dear"
